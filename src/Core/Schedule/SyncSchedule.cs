using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Planning;

namespace BitbucketOperator.Core.Schedule;

/// <summary>Which scopes are synced when, and why. A scope counts as synced only for what was desired when it was.</summary>
public static class SyncSchedule
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan WhileHandingOver = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWhileHandingOver = TimeSpan.FromSeconds(30);

    /// <summary>All scopes that can be synced, with the time from which on they are due.</summary>
    /// <param name="state">What is desired.</param>
    /// <param name="now">The time.</param>
    public static IEnumerable<SyncItem> Items(DesiredState state, DateTimeOffset now) =>
        state.Scopes.Values.Where(s => !IsBlocked(s, state)).Select(s => Item(s, state, now));

    /// <summary>When and why a scope is synced next.</summary>
    /// <param name="scope">Which.</param>
    /// <param name="state">What is desired.</param>
    /// <param name="now">The time.</param>
    public static SyncItem Item(DesiredScope scope, DesiredState state, DateTimeOffset now)
    {
        var check = state.Observed.Checks.GetValueOrDefault(scope.Scope.Id);
        if (check is not null && IsCurrent(check, scope))
        {
            return new SyncItem(scope, check.Failures.Count > 0 ? WorkClass.Retry : WorkClass.Verification, check.DueAt);
        }

        var isUrgent = scope.WhyNone is not null || (check is not null && IsRotated(check.DesiredFingerprint, scope.Fingerprint));
        return new SyncItem(scope, isUrgent ? WorkClass.Cleanup : check is null ? WorkClass.Missing : WorkClass.Changed, now);
    }

    /// <summary>Whether what is known of a scope was found for what is desired now.</summary>
    public static bool IsCurrent(ScopeCheck check, DesiredScope scope) =>
        string.Equals(check.DesiredFingerprint, scope.Fingerprint, StringComparison.Ordinal);

    /// <summary>
    /// What may be assumed of scopes that nobody looked at since this process began, by what status says. They keep their place in
    /// the regular verification.
    /// </summary>
    public static IEnumerable<ScopeCheck> Assumed(DesiredState state) => state.Scopes.Values
        .Where(s => s.Scope.Repository is not null && !IsBlocked(s, state))
        .Select(s => state.Assume(
            s, VerificationSchedule.NextVerification(s.Scope.Id, state.Observed.Now, state.Connection.Spec.WebhookInterval)))
        .OfType<ScopeCheck>();

    /// <summary>Whether every scope was synced for what is desired now, failures included.</summary>
    public static bool IsSynced(DesiredState state) => state.Scopes.Values.All(s => IsSynced(s, state));

    /// <summary>Whether a scope was synced for what is desired now, failures included.</summary>
    public static bool IsSynced(DesiredScope scope, DesiredState state) =>
        state.Observed.Checks.TryGetValue(scope.Scope.Id, out var check) && IsCurrent(check, scope);

    /// <summary>Whether nothing more comes of a spec for now: all was synced, or something keeps it from being.</summary>
    public static bool IsSettled(ReconcileOutcome outcome) =>
        outcome.Observed.DiscoveryWait is null && (!outcome.Observed.ReachesWebhooks || IsSynced(outcome.State));

    /// <summary>
    /// Waits for the project or workspace above: what is done in the scope depends on what is found there. A failure there does not
    /// hold up the scopes below for long.
    /// </summary>
    public static bool IsBlocked(DesiredScope scope, DesiredState state) =>
        scope.DependsOn is { } above
        && !(state.Observed.Checks.TryGetValue(above.Scope.Id, out var check) && IsCurrent(check, above));

    /// <summary>When a scope is due again that is as desired, or cannot be made so.</summary>
    /// <param name="check">What was found.</param>
    /// <param name="state">What was desired.</param>
    public static DateTimeOffset DueAfter(ScopeCheck check, DesiredState state)
    {
        var spec = state.Connection.Spec;
        if (check.IsHandingOver)
        {
            var doubled = WhileHandingOver * Math.Pow(2, Math.Min(check.Tries, 16));
            return check.CheckedAt + (doubled < LongestWhileHandingOver ? doubled : LongestWhileHandingOver);
        }

        if (check.Failures.Count == 0 || (check.Tries == 0 && check.Failures.All(f => IsLasting(f.Fault))))
        {
            return check.RemovalsWithheld || check.MovePending
                ? check.CheckedAt + spec.Interval
                : VerificationSchedule.NextVerification(check.Scope.Id, check.CheckedAt, spec.WebhookInterval);
        }

        if (check.Tries > 0)
        {
            var isConflict = check.Failures.All(f => f.Fault.Reason == Reasons.WebhookConflict);
            return check.CheckedAt + Backoff(check, isConflict ? spec.WebhookInterval : LongestRetry);
        }

        var asked = check.Failures.Max(f => f.Fault.RetryAfter);
        return check.CheckedAt + (asked is { } wait && wait < spec.Interval ? wait : spec.Interval);
    }

    /// <summary>The check with its scope due at a time, unless it is due before.</summary>
    public static ScopeCheck NotAfter(ScopeCheck check, DateTimeOffset time) => check.DueAt > time ? check with { DueAt = time } : check;

    // What nobody repairs any more is looked at as if it were in sync.
    private static bool IsLasting(Fault fault) => fault.Reason == Reasons.WebhookNotKept || fault.Reason == Reasons.WebhookOverwritten;

    // Jittered by the scope, so that scopes that failed together do not all come again together.
    private static TimeSpan Backoff(ScopeCheck check, TimeSpan longest)
    {
        var doubled = FirstRetry * Math.Pow(2, Math.Min(check.Tries, 16));
        var capped = doubled < longest ? doubled : longest;
        return capped * (0.75 + (0.5 * VerificationSchedule.Fraction(check.Scope.Id)));
    }

    private static bool IsRotated(string before, string now)
    {
        var (one, other) = (before.IndexOf('/', StringComparison.Ordinal), now.IndexOf('/', StringComparison.Ordinal));
        return one >= 0 && other >= 0 && before.AsSpan(one).SequenceEqual(now.AsSpan(other));
    }
}
