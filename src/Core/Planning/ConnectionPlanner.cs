using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>From what is desired and what was read to what is to be done. Equal input, equal output; nothing in sync.</summary>
public static class ConnectionPlanner
{
    /// <summary>Plans the webhooks of a connection that lives.</summary>
    public static ConnectionPlan Plan(Connection connection, ConnectionObserved observed, WebhookLevels levels, WebhookOwner owner)
    {
        var managed = connection.Known.ManagedIn;
        if (!observed.ReachesWebhooks || observed is not { RepositoryListing: { } inventory, Selection: { } selection })
        {
            return ConnectionPlan.Nothing(managed);
        }

        var withheld = WhyNotRemove(connection, inventory, selection);
        var input = new Input(connection, observed, owner, levels, MayRemove: withheld is null);
        var plans = Plans(input, inventory, selection);
        if (connection.Spec.Mode == WriteMode.Plan)
        {
            return new ConnectionPlan(plans, withheld, managed, managed);
        }

        var desired = input.Levels.DesiredIn.ToList();
        return new ConnectionPlan(
            plans,
            withheld,
            Union(managed, desired.Concat(input.Levels.UnknownIn)),
            withheld is null ? Union(inventory.FormerLeft, desired) : Union(managed, desired));
    }

    /// <summary>Plans the removal of all that is ours, for a connection that goes.</summary>
    public static ConnectionPlan PlanCleanup(Connection connection, ConnectionObserved observed, WebhookOwner owner)
    {
        var plans = new List<ScopePlan>();
        var projectLevel = connection.Known.ManagedIn.Select(WebhookScope.ParseProjectLevel).OfType<WebhookScope>();
        foreach (var scope in projectLevel.Concat((observed.RepositoryListing?.Former ?? []).Select(WebhookScope.Of)))
        {
            if (observed.Webhooks.TryGetValue(scope.Id, out var webhooks))
            {
                plans.Add(webhooks.Fault is { } fault
                    ? new ScopePlan(scope, Selected: false, [], [], [WebhookFailure.At(scope, webhook: null, fault)])
                    : ScopePlanner.ForUnselected(scope, webhooks.Value!, owner, mayRemove: true, Sentences.ConnectionIsDeleted));
            }
        }

        return new ConnectionPlan(plans, RemovalsWithheld: null, ManagedBefore: [], ManagedAfter: []);
    }

    private static List<ScopePlan> Plans(Input input, RepositoryListing inventory, RepositorySelection selection)
    {
        var plans = new List<ScopePlan>();
        var projectLevel = new ProjectLevelPlanner(input);
        var tasksById = input.Levels.Scopes.ToDictionary(p => p.Scope.Id, projectLevel.TasksOnRepositories, StringComparer.Ordinal);
        foreach (var repository in selection.Selected)
        {
            var tasks = input.Levels.ProjectLevelOf(repository) is { } levels ? tasksById[levels.Scope.Id] : ScopeTasks.All;
            AddPlan(repository, found => ScopePlanner.ForSelected(
                WebhookScope.Of(repository), found, input.Desired, input.Owner, input.Adoption, input.ConflictRules, input.MayRemove, tasks));
        }

        var unselected = selection.Skipped.Select(s => (s.Repository, Why: Sentences.LeftOut(s.Rule.ToString())))
            .Concat(inventory.Former.Select(r => (Repository: r, Why: Sentences.NoLongerNamed)));
        foreach (var (repository, why) in unselected)
        {
            AddPlan(repository, found => ScopePlanner.ForUnselected(WebhookScope.Of(repository), found, input.Owner, input.MayRemove, why));
        }

        var below = plans.ToLookup(p => p.Scope.Id, StringComparer.Ordinal);
        plans.InsertRange(0, input.Levels.Scopes.Where(p => input.Observed.Webhooks.ContainsKey(p.Scope.Id)).Select(p => projectLevel.Plan(p, below)));
        return plans;

        void AddPlan(Repository repository, Func<IReadOnlyList<Webhook>, ScopePlan> plan)
        {
            if (input.Observed.Webhooks.TryGetValue(repository.Id, out var webhooks))
            {
                plans.Add(webhooks.Fault is { } fault ? Unreadable(repository, fault, input) : plan(webhooks.Value!));
            }
        }
    }

    // Only a listing that can be believed takes webhooks away.
    private static string? WhyNotRemove(Connection connection, RepositoryListing inventory, RepositorySelection selection)
    {
        if (!inventory.IsComplete)
        {
            return Sentences.ListingIncomplete;
        }

        if (ListingPlausibility.Of(connection, inventory).Doubt is { } doubt)
        {
            return doubt;
        }

        return selection.Selected.Count == 0 ? Sentences.RulesSelectNone : null;
    }

    private static ScopePlan Unreadable(Repository repository, Fault fault, Input input)
    {
        var scope = WebhookScope.Of(repository);
        var selected = input.Levels.IsSelected(scope);
        var isDesired = selected && input.Levels.CountOn(repository) > 0;
        var denied = fault.Reason == Api.Reasons.WebhookPermissionDenied;
        if (denied && isDesired && input.Downgrade.Covers(scope))
        {
            var entries = input.Levels.ProjectLevelOf(repository)?.Entries;
            var names = input.Downgrade.Verified.Where(n => entries is null || !entries[n].ProjectLevel);
            return new ScopePlan(scope, selected, [.. names], [], []) { VerifiedBefore = true, LeavesOurs = true };
        }

        var why = denied ? input.Downgrade.Explain(scope, isDesired, fault) : fault;
        return new ScopePlan(
            scope, selected, [], [], why is null ? [] : [WebhookFailure.At(scope, webhook: null, why)]) { Unseen = why is null, LeavesOurs = true };
    }

    private static List<string> Union(IEnumerable<string> one, IEnumerable<string> other) =>
        [.. new SortedSet<string>(one.Concat(other), StringComparer.OrdinalIgnoreCase)];

    /// <summary>All that the plans of a reconcile depend on.</summary>
    internal sealed record Input(Connection Connection, ConnectionObserved Observed, WebhookOwner Owner, WebhookLevels Levels, bool MayRemove)
    {
        public Downgrade Downgrade { get; } = Downgrade.Of(Connection, Observed, Levels);

        public ConflictRules ConflictRules => Levels.ConflictRules;

        public HashSet<string> Managed { get; } = Connection.Known.ManagedIn.ToHashSet(StringComparer.OrdinalIgnoreCase);

        public IReadOnlyList<DesiredWebhook> Desired => Observed.Desired;

        public AdoptionRule Adoption => Connection.Spec.Adoption;
    }
}
