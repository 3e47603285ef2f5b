using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>From what is wanted and what was read to what is to be done. Equal input, equal output; nothing in sync.</summary>
public static class ConnectionPlanner
{
    /// <summary>Plans the webhooks of a connection that lives.</summary>
    public static ConnectionPlan Plan(BitbucketConnection connection, ConnectionObserved observed, WebhookOwner owner)
    {
        var managed = connection.Status?.Webhooks?.ManagedIn ?? [];
        if (!observed.ReachesWebhooks || observed is not { Inventory: { } inventory, Selection: { } selection })
        {
            return ConnectionPlan.Nothing(managed);
        }

        var withheld = WhyNotRemove(connection, inventory, selection);
        var downgrade = Downgrade.Of(connection, observed);
        var contest = Contest.Of(connection, observed);
        var plans = new List<PlacePlan>();
        foreach (var repository in selection.Selected)
        {
            AddPlan(repository, found => PlacePlanner.ForSelected(
                WebhookPlace.Of(repository), found, observed.Desired, owner, connection.Spec.Adoption, contest, mayRemove: withheld is null));
        }

        var unselected = selection.Skipped.Select(s => (s.Repository, Why: $"spec.discovery leaves the repository out ({s.Rule})"))
            .Concat(inventory.Former.Select(r => (Repository: r, Why: "spec.discovery no longer names it")));
        foreach (var (repository, why) in unselected)
        {
            AddPlan(repository, found => PlacePlanner.ForUnselected(WebhookPlace.Of(repository), found, owner, mayRemove: withheld is null, why));
        }

        if (connection.Spec.Mode == Mode.Plan)
        {
            return new ConnectionPlan(plans, withheld, managed, managed);
        }

        var wanted = WantedIn(connection.Spec, selection);
        return new ConnectionPlan(
            plans, withheld, Union(managed, wanted), withheld is null ? Union(inventory.FormerLeft, wanted) : Union(managed, wanted));

        void AddPlan(Repository repository, Func<IReadOnlyList<Webhook>, PlacePlan> plan)
        {
            if (observed.Webhooks.TryGetValue(repository.Id, out var webhooks))
            {
                plans.Add(webhooks.Fault is { } fault ? Unreadable(repository, fault, selection, downgrade) : plan(webhooks.Value!));
            }
        }
    }

    /// <summary>Plans the removal of all that is ours, for a connection that goes.</summary>
    public static ConnectionPlan PlanCleanup(ConnectionObserved observed, WebhookOwner owner)
    {
        var plans = new List<PlacePlan>();
        foreach (var place in (observed.Inventory?.Former ?? []).Select(WebhookPlace.Of))
        {
            if (observed.Webhooks.TryGetValue(place.Id, out var webhooks))
            {
                plans.Add(webhooks.Fault is { } fault
                    ? new PlacePlan(place, Selected: false, [], [], [new WebhookFailure(place.Name, Webhook: null, fault)])
                    : PlacePlanner.ForUnselected(place, webhooks.Value!, owner, mayRemove: true, "the connection is being deleted"));
            }
        }

        return new ConnectionPlan(plans, RemovalsWithheld: null, ManagedBefore: [], ManagedAfter: []);
    }

    /// <summary>
    /// The repositories whose webhooks matter in this pass: those that must have some, and those that may still hold some
    /// of ours.
    /// </summary>
    public static IEnumerable<Repository> Relevant(BitbucketConnection connection, Inventory inventory, RepositorySelection selection)
    {
        // What status does not know of may be there nonetheless, when the resource was made again.
        var managed = (connection.Status?.Webhooks?.ManagedIn ?? []).Concat(WantedIn(connection.Spec, selection)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var verified = VerifiedSet.Read(connection.Status?.Webhooks?.Verified);
        var wantsNone = connection.Spec.Webhooks.Count == 0;
        var kept = selection.Selected.Where(r => !wantsNone || MayHoldOurs(r));
        var dropped = selection.Skipped.Select(s => s.Repository).Where(MayHoldOurs);
        return kept.Concat(dropped).Concat(inventory.Former);

        // One that was moved takes its webhooks along, out of the place on record.
        bool MayHoldOurs(Repository repository) =>
            managed.Contains(repository.Name.Project) || managed.Contains(repository.Name.ToString()) || verified.Contains(repository.Id);
    }

    // Only a listing that can be believed takes webhooks away.
    private static string? WhyNotRemove(BitbucketConnection connection, Inventory inventory, RepositorySelection selection)
    {
        if (!inventory.IsComplete)
        {
            return "the listing of repositories is incomplete";
        }

        if (ListingTrust.Of(connection, inventory).Doubt is { } doubt)
        {
            return doubt;
        }

        return selection.Selected.Count == 0 ? "the rules select no repository at all" : null;
    }

    private static PlacePlan Unreadable(Repository repository, Fault fault, RepositorySelection selection, Downgrade downgrade)
    {
        var place = WebhookPlace.Of(repository);
        var selected = selection.Selected.Contains(repository);
        var denied = fault.Reason == Api.Reasons.WebhookPermissionDenied;
        if (denied && selected && downgrade.Covers(repository))
        {
            return new PlacePlan(place, selected, downgrade.Verified, [], []) { VerifiedBefore = true };
        }

        var why = denied ? downgrade.Explain(repository, selected, fault) : fault;
        return new PlacePlan(
            place, selected, [], [], why is null ? [] : [new WebhookFailure(place.Name, Webhook: null, why)]) { Unseen = why is null };
    }

    private static IEnumerable<string> WantedIn(BitbucketConnectionSpec spec, RepositorySelection selection) =>
        spec.Webhooks.Count == 0
            ? []
            : selection.Selected.Select(r => spec.Discovery.Repositories.Count > 0 ? r.Name.ToString() : r.Name.Project);

    private static List<string> Union(IEnumerable<string> one, IEnumerable<string> other) =>
        [.. new SortedSet<string>(one.Concat(other), StringComparer.OrdinalIgnoreCase)];
}
