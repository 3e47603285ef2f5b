using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>How the clean-up of a deleted connection went.</summary>
/// <param name="Done">Nothing of ours is left, as far as the credential ever reached: the resource may go.</param>
/// <param name="Message">For people: what was done, or what stands in the way and what to do about it.</param>
/// <param name="Status">The status to write while it is not done; null when it is.</param>
/// <param name="Next">When to try again.</param>
public sealed record CleanupSummary(bool Done, string Message, BitbucketConnectionStatus? Status, NextVisit Next)
{
    /// <summary>Folds a clean-up pass.</summary>
    public static CleanupSummary Of(ConnectionPass pass)
    {
        var faults = Faults(pass);
        if (faults.Count == 0)
        {
            var removed = pass.Applied.Count(a => a.Fault is null);
            return new CleanupSummary(Done: true, removed == 1 ? "removed 1 webhook" : $"removed {removed} webhooks", Status: null, new NextVisit(After: null));
        }

        var message = $"the webhooks cannot be removed: {faults[0].Message.TrimEnd('.')}. It is tried again; to let the resource go and leave them, "
            + $"set the annotation {BitbucketConnection.AbandonWebhooksAnnotation}: \"true\"";
        var status = pass.Connection.Status ?? new BitbucketConnectionStatus();
        var blocked = new BitbucketConnectionStatus
        {
            ObservedGeneration = pass.Connection.Metadata.Generation,
            Conditions = ConditionList.Deleting(pass.Connection, Reasons.CleanupBlocked, message, pass.Observed.Now),
            Server = status.Server,
            Account = status.Account,
            Permissions = status.Permissions,
            Repositories = status.Repositories,
            Webhooks = status.Webhooks,
            Failures = status.Failures,
            FailuresNotListed = status.FailuresNotListed,
            LastHandledReconcileAt = status.LastHandledReconcileAt,
        };
        return new CleanupSummary(Done: false, message, blocked, new NextVisit(After: null));
    }

    // Once the places were read, what the spec asks of a living connection stands in nobody's way.
    private static List<Fault> Faults(ConnectionPass pass) => pass.Observed.Inventory is not { } inventory
        ? ConnectionSummary.StageFaults(pass.Observed)
        :
        [
            .. inventory.Faults,
            .. inventory.Former.Count > 0 && pass.Observed.WebhookLoginFault is { } login ? [login] : Array.Empty<Fault>(),
            .. pass.Applied.Where(a => a.Fault is not null && !a.Change.Place.Archived).Select(a => a.Fault!),
            .. HiddenFaults(pass),
        ];

    // A repository whose webhooks the credential may not see never had one of ours, unless they were seen in place before, or
    // more repositories are hidden now than status counted as such, as after a pass that was cut off: then the credential lost
    // its rights, and webhooks would stay behind. A project or workspace is on record only if its webhooks could be seen.
    private static IEnumerable<Fault> HiddenFaults(ConnectionPass pass)
    {
        var unreadable = pass.Plan.Places.SelectMany(r => r.Failures).ToList();
        var selected = RepositorySelection.Of(pass.Connection.Spec.Discovery, pass.Observed.Inventory!.Former).Selected.Select(r => r.Name.ToString()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var denied = unreadable.Where(f => f.Fault.Reason == Reasons.WebhookPermissionDenied).ToList();
        var hidden = pass.Connection.Spec.Webhooks.Count == 0 ? 0 : denied.Count(f => selected.Contains(f.Place));
        var verified = VerifiedSet.Of(pass.Connection);
        var lost = pass.Plan.Places.Where(r => r.Failures.Any(f => denied.Contains(f))).Any(r => r.Place.Repository is null || verified.Contains(r.Place.Id));
        if (!lost && hidden <= HiddenBefore(pass.Connection.Status))
        {
            return unreadable.Except(denied).Select(f => f.Fault);
        }

        var field = ConnectionGate.WebhookFieldOf(pass.Connection.Spec);
        return unreadable.Select(f => !denied.Contains(f)
            ? f.Fault
            : f.Fault with { Message = $"{f.Fault.Message.TrimEnd('.')}: give the credential of {field} this right again" });
    }

    private static int HiddenBefore(BitbucketConnectionStatus? status) =>
        (status?.Failures?.Count(f => f.Reason == Reasons.WebhookPermissionDenied.Name) ?? 0) + (status?.FailuresNotListed ?? 0);
}
