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
        var input = new Input(connection, observed, owner, WebhookLevels.Of(connection, observed), MayRemove: withheld is null);
        var plans = Plans(input, inventory, selection);
        if (connection.Spec.Mode == Mode.Plan)
        {
            return new ConnectionPlan(plans, withheld, managed, managed);
        }

        var wanted = input.Levels.WantedIn.ToList();
        return new ConnectionPlan(
            plans,
            withheld,
            Union(managed, wanted.Concat(input.Levels.UnknownIn)),
            withheld is null ? Union(inventory.FormerLeft, wanted) : Union(managed, wanted));
    }

    /// <summary>Plans the removal of all that is ours, for a connection that goes.</summary>
    public static ConnectionPlan PlanCleanup(BitbucketConnection connection, ConnectionObserved observed, WebhookOwner owner)
    {
        var plans = new List<PlacePlan>();
        var above = (connection.Status?.Webhooks?.ManagedIn ?? []).Select(WebhookPlace.ParseAbove).OfType<WebhookPlace>();
        foreach (var place in above.Concat((observed.Inventory?.Former ?? []).Select(WebhookPlace.Of)))
        {
            if (observed.Webhooks.TryGetValue(place.Id, out var webhooks))
            {
                plans.Add(webhooks.Fault is { } fault
                    ? new PlacePlan(place, Selected: false, [], [], [WebhookFailure.At(place, webhook: null, fault)])
                    : PlacePlanner.ForUnselected(place, webhooks.Value!, owner, mayRemove: true, "the connection is being deleted"));
            }
        }

        return new ConnectionPlan(plans, RemovalsWithheld: null, ManagedBefore: [], ManagedAfter: []);
    }

    /// <summary>
    /// The repositories whose webhooks matter in this pass: those that must have some, and those that may still hold some
    /// of ours.
    /// </summary>
    public static IEnumerable<Repository> Relevant(BitbucketConnection connection, Inventory inventory, RepositorySelection selection, WebhookLevels levels)
    {
        // What status does not know of may be there nonetheless, when the resource was made again.
        var managed = (connection.Status?.Webhooks?.ManagedIn ?? []).Concat(levels.WantedIn).Concat(levels.UnknownIn).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var verified = VerifiedSet.Of(connection);
        var kept = selection.Selected.Where(r => levels.CountOn(r) > 0 || MayHoldOurs(r));
        var dropped = selection.Skipped.Select(s => s.Repository).Where(MayHoldOurs);
        return kept.Concat(dropped).Concat(inventory.Former);

        // One that was moved takes its webhooks along, out of the place on record.
        bool MayHoldOurs(Repository repository) =>
            managed.Contains(repository.Name.Project) || managed.Contains(repository.Name.ToString()) || verified.Contains(repository.Id);
    }

    private static List<PlacePlan> Plans(Input input, Inventory inventory, RepositorySelection selection)
    {
        var plans = new List<PlacePlan>();
        var above = new AbovePlanner(input);
        var wishes = input.Levels.Places.ToDictionary(p => p.Place.Id, above.WishBelow, StringComparer.Ordinal);
        foreach (var repository in selection.Selected)
        {
            var wish = input.Levels.AboveOf(repository) is { } levels ? wishes[levels.Place.Id] : PlaceWish.All;
            AddPlan(repository, found => PlacePlanner.ForSelected(
                WebhookPlace.Of(repository), found, input.Desired, input.Owner, input.Adoption, input.Contest, input.MayRemove, wish));
        }

        var unselected = selection.Skipped.Select(s => (s.Repository, Why: $"spec.discovery leaves the repository out ({s.Rule})"))
            .Concat(inventory.Former.Select(r => (Repository: r, Why: "spec.discovery no longer names it")));
        foreach (var (repository, why) in unselected)
        {
            AddPlan(repository, found => PlacePlanner.ForUnselected(WebhookPlace.Of(repository), found, input.Owner, input.MayRemove, why));
        }

        var below = plans.ToLookup(p => p.Place.Id, StringComparer.Ordinal);
        plans.InsertRange(0, input.Levels.Places.Where(p => input.Observed.Webhooks.ContainsKey(p.Place.Id)).Select(p => above.Plan(p, below)));
        return plans;

        void AddPlan(Repository repository, Func<IReadOnlyList<Webhook>, PlacePlan> plan)
        {
            if (input.Observed.Webhooks.TryGetValue(repository.Id, out var webhooks))
            {
                plans.Add(webhooks.Fault is { } fault ? Unreadable(repository, fault, input) : plan(webhooks.Value!));
            }
        }
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

    private static PlacePlan Unreadable(Repository repository, Fault fault, Input input)
    {
        var place = WebhookPlace.Of(repository);
        var selected = input.Levels.IsSelected(place);
        var isWanted = selected && input.Levels.CountOn(repository) > 0;
        var denied = fault.Reason == Api.Reasons.WebhookPermissionDenied;
        if (denied && isWanted && input.Downgrade.Covers(place))
        {
            var names = input.Downgrade.Verified.Where(n => input.Levels.AboveOf(repository) is not { } above || !above.Entries[n].Above);
            return new PlacePlan(place, selected, [.. names], [], []) { VerifiedBefore = true, LeavesOurs = true };
        }

        var why = denied ? input.Downgrade.Explain(place, isWanted, fault) : fault;
        return new PlacePlan(
            place, selected, [], [], why is null ? [] : [WebhookFailure.At(place, webhook: null, why)]) { Unseen = why is null, LeavesOurs = true };
    }

    private static List<string> Union(IEnumerable<string> one, IEnumerable<string> other) =>
        [.. new SortedSet<string>(one.Concat(other), StringComparer.OrdinalIgnoreCase)];

    /// <summary>All that the plans of a pass depend on.</summary>
    internal sealed record Input(BitbucketConnection Connection, ConnectionObserved Observed, WebhookOwner Owner, WebhookLevels Levels, bool MayRemove)
    {
        public Downgrade Downgrade { get; } = Downgrade.Of(Connection, Observed, Levels);

        public Contest Contest => Levels.Contest;

        public HashSet<string> Managed { get; } = (Connection.Status?.Webhooks?.ManagedIn ?? []).ToHashSet(StringComparer.OrdinalIgnoreCase);

        public IReadOnlyList<DesiredWebhook> Desired => Observed.Desired;

        public Adoption Adoption => Connection.Spec.Adoption;
    }
}
