using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;

namespace BitbucketOperator.Core.Status;

/// <summary>How the webhooks stand after a reconcile, counted over all repositories.</summary>
internal sealed record WebhookTally
{
    public required int Desired { get; init; }

    public required int Ready { get; init; }

    /// <summary>Sorted by repository and webhook; each once.</summary>
    public required IReadOnlyList<WebhookFailure> Failures { get; init; }

    /// <summary>By the id of the scope; what to remember.</summary>
    public required IReadOnlyDictionary<string, ScopeCheck> Checks { get; init; }

    /// <summary>Since when every webhook has been looked at; null when some was not.</summary>
    public required DateTimeOffset? FullCheck { get; init; }

    /// <summary>Where webhooks of ours may be now, as status.bookkeeping.managedIn names scopes.</summary>
    public required IReadOnlyList<string> ManagedIn { get; init; }

    /// <summary>Which webhooks live where.</summary>
    public required WebhookLevels Levels { get; init; }

    /// <summary>Some scope is not synced yet; with nothing desired there, <see cref="Waiting"/> does not count it.</summary>
    public required bool IsSyncing { get; init; }

    /// <summary>A request for a full reconcile is answered: every scope was read since, as far as it could be.</summary>
    public required bool IsRequestAnswered { get; init; }

    /// <summary>How many selected repositories have every desired webhook, their own or inherited; null when none is desired.</summary>
    public required int? Covered { get; init; }

    /// <summary>How many of <see cref="Ready"/> are on projects or the workspace.</summary>
    public required int ReadyProjectLevel { get; init; }

    /// <summary>Projects or workspaces whose webhooks stay because some repository has not got its own; sorted.</summary>
    public IReadOnlyList<WebhookScope> Staying =>
        [.. Levels.Scopes.Where(p => Checks.GetValueOrDefault(p.Scope.Id) is { MovePending: true }).Select(p => p.Scope)];

    /// <summary>What is known of the deliveries of our webhooks, sorted.</summary>
    public required IReadOnlyList<TrackedWebhook> Deliveries { get; init; }

    /// <summary>How many are not synced yet.</summary>
    public required int Waiting { get; init; }

    /// <summary>Places whose webhooks count as in place although the credential may not see them any more.</summary>
    public required IReadOnlyList<WebhookScope> VerifiedBefore { get; init; }

    /// <summary>Mode Plan: what would change, sorted by repository and webhook.</summary>
    public required IReadOnlyList<WebhookChange> Planned { get; init; }

    /// <summary>How many webhooks the planned changes would make be as desired.</summary>
    public int Pending => Planned.Count(c => c.Kind != ChangeKind.Remove);

    public static WebhookTally Of(ReconcileOutcome outcome)
    {
        var (state, levels) = (outcome.State, outcome.Levels);
        var checks = CurrentChecks(state);
        var selected = outcome.Observed.Selection?.Selected ?? [];
        var desired = levels.Desired.ToList();
        var looked = desired.Count > 0 ? desired.ConvertAll(w => w.Scope.Id) : [.. selected.Select(r => r.Id)];
        var verifiedBefore = desired.FindAll(w => checks.GetValueOrDefault(w.Scope.Id) is { VerifiedBefore: true });
        var isSeen = looked.Count > 0 && verifiedBefore.Count == 0 && looked.TrueForAll(id => checks.GetValueOrDefault(id) is { IsAssumed: false });
        var waiting = desired.Where(w => !checks.ContainsKey(w.Scope.Id)).Sum(w => w.Count);
        return new WebhookTally
        {
            Desired = desired.Sum(w => w.Count),
            Ready = desired.Sum(w => ReadyAt(w.Scope)),
            Waiting = waiting,
            IsSyncing = IsSyncingIn(state, checks, waiting),
            IsRequestAnswered = state.Scopes.Keys.All(id => checks.GetValueOrDefault(id)?.CheckedAt >= state.Observed.RequestSeenAt),
            Covered = CoveredOf(outcome, checks),
            ReadyProjectLevel = desired.Where(w => w.Scope.Repository is null).Sum(w => ReadyAt(w.Scope)),
            Failures = [.. checks.Values.SelectMany(c => c.Failures).Concat(BrokenEntries(outcome, selected)).Distinct().Order(ByPlace.Instance)],
            Checks = checks,
            Deliveries = DeliverySchedule.Known(state, checks),
            FullCheck = isSeen ? looked.Min(id => checks[id].CheckedAt) : null,
            VerifiedBefore = verifiedBefore.ConvertAll(w => w.Scope),
            Levels = levels,
            Planned =
            [
                .. checks.Values.SelectMany(c => c.Planned)
                    .OrderBy(c => c.Scope.Name, StringComparer.OrdinalIgnoreCase)
                    .ThenBy(c => c.Hook, StringComparer.Ordinal)
                    .ThenBy(c => c.Kind)
                    .ThenBy(c => c.Current?.Id, StringComparer.Ordinal),
            ],
            ManagedIn = ManagedAfter(state, checks),
        };

        int ReadyAt(WebhookScope scope) => checks.GetValueOrDefault(scope.Id)?.Ready ?? 0;
    }

    private static int? CoveredOf(ReconcileOutcome outcome, Dictionary<string, ScopeCheck> checks)
    {
        var levels = outcome.Levels;
        if (outcome.Observed.Desired.Count == 0 || !outcome.Observed.ReachesWebhooks)
        {
            return null;
        }

        var above = levels.Scopes.ToDictionary(
            p => p.Scope.Id, p => p.CountProjectLevel == (checks.GetValueOrDefault(p.Scope.Id)?.Ready ?? 0), StringComparer.Ordinal);
        return outcome.Observed.Selection?.Selected.Count(r =>
            (levels.ProjectLevelOf(r) is not { CountProjectLevel: > 0 } p || above[p.Scope.Id])
            && levels.CountOn(r) == (checks.GetValueOrDefault(r.Id)?.Ready ?? 0));
    }

    // A project that has to be seen after a restart changes nothing of what status says, as long as all webhooks are accounted for.
    private static bool IsSyncingIn(DesiredState state, Dictionary<string, ScopeCheck> checks, int waiting)
    {
        var isRestart = waiting == 0 && checks.Values.Any(c => c.IsAssumed);
        return state.Scopes.Values.Any(s => !checks.ContainsKey(s.Scope.Id) && !(isRestart && s.Scope.Repository is null));
    }

    // What was found when something else was desired says nothing of now.
    private static Dictionary<string, ScopeCheck> CurrentChecks(DesiredState state)
    {
        var checks = new Dictionary<string, ScopeCheck>(StringComparer.Ordinal);
        if (!state.Observed.ReachesWebhooks)
        {
            return checks;
        }

        foreach (var (id, scope) in state.Scopes)
        {
            if (state.Observed.Checks.TryGetValue(id, out var check) && SyncSchedule.IsCurrent(check, scope))
            {
                checks[id] = state.Interpret(check);
            }
            else if (state.Assume(scope, state.Observed.Now) is { } assumed)
            {
                checks[id] = assumed;
            }
        }

        return checks;
    }

    // What is desired somewhere, and what is left, or may be left, where nothing is desired.
    private static IReadOnlyList<string> ManagedAfter(DesiredState state, Dictionary<string, ScopeCheck> checks)
    {
        var (before, onRecord) = (state.Connection.Known.ManagedIn, ManagedScopes.Of(state.Connection));
        if (state.Connection.Spec.Mode == WriteMode.Plan || !state.Observed.ReachesWebhooks)
        {
            return [.. before];
        }

        var managed = state.MayRemove
            ? new SortedSet<string>(state.Observed.RepositoryListing!.FormerLeft, StringComparer.OrdinalIgnoreCase)
            : new SortedSet<string>(before, StringComparer.OrdinalIgnoreCase);
        managed.UnionWith(state.Levels.DesiredIn);
        foreach (var (id, scope) in state.Scopes)
        {
            var mayHold = checks.TryGetValue(id, out var check) && check is { IsAssumed: false } or { HoldsOurs: true }
                ? check.HoldsOurs
                : IsOnRecord(scope.Scope, onRecord) || state.Levels.IsUnknown(scope.Scope);
            if (mayHold)
            {
                managed.Add(NameOf(scope.Scope, state, onRecord));
            }
        }

        return ManagedScopes.Bounded(managed, state.Connection.Spec, state.Observed.RepositoryListing!.Repositories);
    }

    private static bool IsOnRecord(WebhookScope scope, ManagedScopes managed) =>
        scope.Repository is { Name: var name } ? managed.Holds(name) : managed.HoldsProjectLevel(scope);

    private static string NameOf(WebhookScope scope, DesiredState state, ManagedScopes managed)
    {
        if (scope.Repository is not { } repository)
        {
            return scope.Id;
        }

        return managed.Names(repository.Name) ? scope.Name : state.Levels.NameOf(repository);
    }

    private static IEnumerable<WebhookFailure> BrokenEntries(ReconcileOutcome outcome, IReadOnlyList<Repository> selected) =>
        selected.Count == 0
            ? []
            : outcome.Observed.Desired
                .Where(d => d.Definition.Fault is not null)
                .Select(d => new WebhookFailure(Place.Everywhere, d.Name, d.Definition.Fault!));

    private sealed class ByPlace : IComparer<WebhookFailure>
    {
        public static readonly ByPlace Instance = new();

        public int Compare(WebhookFailure? x, WebhookFailure? y)
        {
            var place = StringComparer.OrdinalIgnoreCase.Compare(x!.Place.Name, y!.Place.Name);
            return place != 0 ? place : StringComparer.Ordinal.Compare(x.Webhook, y.Webhook);
        }
    }
}
