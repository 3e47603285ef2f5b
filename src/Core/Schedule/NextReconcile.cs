using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Schedule;

/// <summary>When a connection is reconciled again, unless something changes first.</summary>
/// <param name="After">A set time; null for the back-off of failed reconciles.</param>
public sealed record NextReconcile(TimeSpan? After)
{
    /// <summary>
    /// At once while a listing goes on, or when its limit allows; else the back-off of failed reconciles when a fault may heal by
    /// itself, else the time that a fault names, else the interval, or sooner where a warning of a credential's end is due before.
    /// </summary>
    public static NextReconcile Of(IReadOnlyList<Fault> faults, ReconcileOutcome outcome)
    {
        // What failed before is being read again: a back-off would only delay that.
        if (outcome.Observed.DiscoveryWait is { } wait)
        {
            return new NextReconcile(wait);
        }

        if (faults.Any(f => f.Class == FaultClass.Transient))
        {
            return new NextReconcile(After: null);
        }

        if (faults.Any(f => f.RetryAfter is not null))
        {
            return new NextReconcile(faults.Max(f => f.RetryAfter));
        }

        // A listing that a limit puts off is thought over each interval: the limit may allow more by then.
        var since = outcome.Observed.Now - (outcome.Observed.ReadAt ?? outcome.Observed.Now);
        var regular = VerificationSchedule.NextDiscovery(outcome.Connection.Uid, outcome.Connection.Spec.Interval);
        var left = (outcome.Outlook?.Interval is { } longer && longer > regular ? longer : regular) - since;
        var interval = left < regular ? left : regular;
        var change = CredentialEnd.NextChange(outcome.Observed.CredentialEnds, outcome.Observed.Now);
        return new NextReconcile(change < interval ? change : interval);
    }
}
