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

    public required int Created { get; init; }

    public required int Updated { get; init; }

    public required int Removed { get; init; }

    /// <summary>Sorted by repository and webhook; each once.</summary>
    public required IReadOnlyList<WebhookFailure> Failures { get; init; }

    /// <summary>By the id of the scope; what to remember.</summary>
    public required IReadOnlyDictionary<string, ScopeCheck> Checks { get; init; }

    /// <summary>Since when every webhook has been looked at; null when some was not.</summary>
    public required DateTimeOffset? FullCheck { get; init; }

    /// <summary>Where webhooks of ours may be now, as status.webhooks.managedIn names scopes.</summary>
    public required IReadOnlyList<string> ManagedIn { get; init; }

    /// <summary>Which webhooks live where.</summary>
    public required WebhookLevels Levels { get; init; }

    /// <summary>How many of <see cref="Ready"/> are on projects or the workspace.</summary>
    public required int ReadyProjectLevel { get; init; }

    /// <summary>Projects or workspaces whose webhooks stay because some repository has not got its own; sorted.</summary>
    public IReadOnlyList<WebhookScope> Staying =>
        [.. Levels.Scopes.Where(p => Checks.GetValueOrDefault(p.Scope.Id) is { MovePending: true }).Select(p => p.Scope)];

    /// <summary>A webhook was made in this reconcile that takes the place of others, which the next reconcile is to remove.</summary>
    public required bool MoveStarted { get; init; }

    /// <summary>Places whose webhooks count as in place although the credential may no longer see them.</summary>
    public required IReadOnlyList<WebhookScope> VerifiedBefore { get; init; }

    /// <summary>Mode Plan: what would change, sorted by repository and webhook.</summary>
    public required IReadOnlyList<WebhookChange> Planned { get; init; }

    /// <summary>How many webhooks the planned changes would make be as desired.</summary>
    public int Pending => Planned.Count(c => c.Kind != ChangeKind.Remove);

    public bool Changed => Created + Updated + Removed > 0;

    public static WebhookTally Of(ReconcileOutcome outcome)
    {
        var applied = outcome.Applied.ToLookup(a => a.Change.Scope.Id, StringComparer.Ordinal);
        var checks = new Dictionary<string, ScopeCheck>(outcome.Observed.Remembered, StringComparer.Ordinal);
        var levels = outcome.Levels;
        var fingerprints = VerificationSchedule.FingerprintsOf(outcome.Connection, outcome.Observed, levels);
        foreach (var plan in outcome.Plan.Scopes)
        {
            var results = applied[plan.Scope.Id].ToList();
            checks[plan.Scope.Id] = Check(outcome, plan, results, fingerprints, levels.Find(plan.Scope));
        }

        foreach (var scope in (outcome.Observed.Deliveries ?? []).GroupBy(t => t.Scope.Id, StringComparer.Ordinal))
        {
            checks[scope.Key] = checks[scope.Key] with { Deliveries = [.. scope.Select(t => t.Check)] };
        }

        var done = outcome.Applied.Where(a => a.Fault is null).Select(a => a.Change.Kind).ToList();
        var selected = outcome.Observed.Selection?.Selected ?? [];
        var desired = levels.Desired.ToList();
        var looked = desired.Count > 0 ? desired.ConvertAll(w => w.Scope.Id) : [.. selected.Select(r => r.Id)];
        var verifiedBefore = desired.FindAll(w => checks.GetValueOrDefault(w.Scope.Id) is { VerifiedBefore: true });
        var isSeen = looked.Count > 0 && verifiedBefore.Count == 0 && looked.TrueForAll(checks.ContainsKey);
        return new WebhookTally
        {
            Desired = desired.Sum(w => w.Count),
            Ready = desired.Sum(w => ReadyAt(w.Scope)),
            ReadyProjectLevel = desired.Where(w => w.Scope.Repository is null).Sum(w => ReadyAt(w.Scope)),
            Created = done.Count(k => k == ChangeKind.Create),
            Updated = done.Count(k => k is ChangeKind.Update or ChangeKind.Adopt),
            Removed = done.Count(k => k == ChangeKind.Remove),
            Failures = [.. checks.Values.SelectMany(c => c.Failures).Concat(BrokenEntries(outcome, selected)).Order(ByPlace.Instance)],
            Checks = checks,
            FullCheck = isSeen ? looked.Min(id => checks[id].CheckedAt) : null,
            VerifiedBefore = verifiedBefore.ConvertAll(w => w.Scope),
            Levels = levels,
            MoveStarted = checks.Any(c => c.Value.MovePending && !outcome.Observed.MovingBefore.Contains(c.Key)) && done.Count > 0,
            Planned =
            [
                .. checks.Values.SelectMany(c => c.Planned)
                    .OrderBy(c => c.Scope.Name, StringComparer.OrdinalIgnoreCase)
                    .ThenBy(c => c.Hook, StringComparer.Ordinal)
                    .ThenBy(c => c.Kind)
                    .ThenBy(c => c.Current?.Id, StringComparer.Ordinal),
            ],
            ManagedIn = ManagedAfter(outcome, levels, checks),
        };

        int ReadyAt(WebhookScope scope) => checks.GetValueOrDefault(scope.Id)?.Ready ?? 0;
    }

    // What is desired somewhere, and what is left, or may be left, where nothing is desired.
    private static List<string> ManagedAfter(ReconcileOutcome outcome, WebhookLevels levels, Dictionary<string, ScopeCheck> checks)
    {
        var managed = new SortedSet<string>(outcome.Plan.ManagedAfter, StringComparer.OrdinalIgnoreCase);
        if (outcome.Connection.Spec.Mode == WriteMode.Plan || outcome.Observed is not { ReachesWebhooks: true, RepositoryListing: { } inventory })
        {
            return [.. managed];
        }

        managed.UnionWith(levels.Scopes.Select(p => p.Scope.Id).Where(id => checks.GetValueOrDefault(id) is { HoldsOurs: true }));
        foreach (var repository in inventory.Repositories.Concat(inventory.Former).Where(r => checks.GetValueOrDefault(r.Id) is { HoldsOurs: true }))
        {
            var name = repository.Name.ToString();
            managed.Add(outcome.Plan.ManagedBefore.Contains(name, StringComparer.OrdinalIgnoreCase) ? name : levels.NameOf(repository));
        }

        return [.. managed];
    }

    private static ScopeCheck Check(
        ReconcileOutcome outcome,
        ScopePlan plan,
        List<AppliedChange> results,
        DesiredFingerprints fingerprints,
        ScopeLevels? projectLevel)
    {
        var failures = plan.Failures.Where(f => !IsBrokenEntry(outcome, f)).ToList();
        failures.AddRange(results
            .Where(r => r.Fault is not null && !IsNoFailure(r))
            .Select(r => WebhookFailure.At(plan.Scope, r.Change.Hook, r.Fault!)));
        var now = outcome.Observed.Now;
        var due = VerificationSchedule.NextVerification(plan.Scope.Id, now, outcome.Connection.Spec.WebhookInterval);
        var ready = plan.InSync.Count + results.Count(r => r.Fault is null && r.Change.Kind != ChangeKind.Remove);
        return new ScopeCheck(now, due, fingerprints.For(plan.Scope), ready, failures)
        {
            VerifiedBefore = plan.VerifiedBefore,
            Planned = outcome.Connection.Spec.Mode == WriteMode.Plan ? [.. plan.Changes, .. plan.Later] : [],
            HoldsOurs = plan.LeavesOurs || results.Exists(r => r.Fault is not null && !IsNoFailure(r)),
            MovePending = plan.Later.Count > 0,
            Levels = projectLevel?.Entries,
            ProjectLevelDenied = projectLevel?.IsDenied ?? false,
            RemovalsWithheld = plan.RemovalsWithheld,
            Unseen = plan.Unseen,
        };
    }

    private static bool IsNoFailure(AppliedChange result) => result.IsRefusedByArchive && result.Fault!.Class != FaultClass.Transient;

    // A fault of the spec's entry itself is reported once, not for every repository.
    private static bool IsBrokenEntry(ReconcileOutcome outcome, WebhookFailure failure) =>
        outcome.Observed.Desired.Any(d => d.Name == failure.Webhook && ReferenceEquals(d.Definition.Fault, failure.Fault));

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
