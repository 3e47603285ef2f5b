using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>How the clean-up of a deleted connection went.</summary>
/// <param name="Done">Nothing of ours is left, as far as the credential ever reached: the resource may go.</param>
/// <param name="Message">For people: what was done, or what stands in the way and what to do about it.</param>
/// <param name="Status">The status to write while it is not done; null when it is.</param>
public sealed record CleanupSummary(bool Done, string Message, BitbucketConnectionStatus? Status)
{
    /// <summary>Folds a clean-up pass.</summary>
    public static CleanupSummary Of(ReconcileOutcome outcome, BitbucketConnectionStatus? before)
    {
        var faults = Faults(outcome);
        if (faults.Count == 0)
        {
            var removed = outcome.Applied.Count(a => a.Fault is null);
            return new CleanupSummary(Done: true, Sentences.Removed(removed), Status: null);
        }

        var message = Sentences.CleanupBlocked(faults[0].Message);
        var status = before ?? new BitbucketConnectionStatus();
        var blocked = new BitbucketConnectionStatus
        {
            ObservedGeneration = outcome.Connection.Generation,
            Conditions = ConditionList.Deleting(outcome.Connection, before, Reasons.CleanupBlocked, message, outcome.Observed.Now),
            Server = status.Server,
            Account = status.Account,
            Permissions = status.Permissions,
            Repositories = status.Repositories,
            Webhooks = status.Webhooks,
            Failures = status.Failures,
            FailuresNotListed = status.FailuresNotListed,
            LastHandledReconcileAt = status.LastHandledReconcileAt,
        };
        return new CleanupSummary(Done: false, message, blocked);
    }

    // Once the scopes were read, what the spec asks of a living connection stands in nobody's way.
    private static List<Fault> Faults(ReconcileOutcome outcome) => outcome.Observed.RepositoryListing is not { } inventory
        ? ConnectionSummary.StageFaults(outcome.Observed)
        :
        [
            .. inventory.Faults,
            .. inventory.Former.Count > 0 && outcome.Observed.WebhookLoginFault is { } login ? [login] : Array.Empty<Fault>(),
            .. outcome.Applied.Where(a => a.Fault is not null && !a.IsRefusedByArchive).Select(a => a.Fault!),
            .. HiddenFaults(outcome),
        ];

    // A repository whose webhooks the credential may not see never had one of ours, unless they were seen in place before, or
    // more repositories are hidden now than status counted as such, as after a reconcile that was cut off: then the credential lost
    // its rights, and webhooks would stay behind. A project or workspace is on record only if its webhooks could be seen.
    private static IEnumerable<Fault> HiddenFaults(ReconcileOutcome outcome)
    {
        var unreadable = outcome.Plan.Scopes.SelectMany(r => r.Failures).ToList();
        var selected = RepositorySelection.Of(outcome.Connection.Spec.Discovery, outcome.Observed.RepositoryListing!.Former).Selected
            .Select(r => r.Name.ToString()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var denied = unreadable.Where(f => f.Fault.Reason == Reasons.WebhookPermissionDenied).ToList();
        var hidden = outcome.Connection.Spec.Webhooks.Count == 0 ? 0 : denied.Count(f => selected.Contains(f.Place.Name));
        var verified = VerifiedSet.Of(outcome.Connection);
        var lost = outcome.Plan.Scopes.Where(r => r.Failures.Any(f => denied.Contains(f)))
            .Any(r => r.Scope.Repository is null || verified.Contains(r.Scope.Id));
        if (!lost && hidden <= outcome.Connection.Known.Hidden)
        {
            return unreadable.Except(denied).Select(f => f.Fault);
        }

        var field = outcome.Connection.Spec.WebhookAuthField;
        return unreadable.Select(f => !denied.Contains(f)
            ? f.Fault
            : f.Fault with { Message = Sentences.GiveRightAgain(f.Fault.Message, field) });
    }
}
