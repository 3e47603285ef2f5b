using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>How the webhooks stand after a pass, counted over all repositories.</summary>
internal sealed record WebhookTally
{
    public required int Desired { get; init; }

    public required int Ready { get; init; }

    public required int Created { get; init; }

    public required int Updated { get; init; }

    public required int Removed { get; init; }

    /// <summary>Sorted by repository and webhook; each once.</summary>
    public required IReadOnlyList<WebhookFailure> Failures { get; init; }

    /// <summary>By the id of the place; what to remember.</summary>
    public required IReadOnlyDictionary<string, PlaceCheck> Checks { get; init; }

    /// <summary>Since when every webhook has been looked at; null when some was not.</summary>
    public required DateTimeOffset? FullCheck { get; init; }

    /// <summary>Where webhooks of ours may be now, as status.webhooks.managedIn names places.</summary>
    public required IReadOnlyList<string> ManagedIn { get; init; }

    /// <summary>Which webhooks live where.</summary>
    public required WebhookLevels Levels { get; init; }

    /// <summary>How many of <see cref="Ready"/> are on projects or the workspace.</summary>
    public required int ReadyAbove { get; init; }

    /// <summary>Projects or workspaces whose webhooks stay because some repository has not got its own; sorted.</summary>
    public IReadOnlyList<WebhookPlace> Staying => [.. Levels.Places.Where(p => Checks.GetValueOrDefault(p.Place.Id) is { MovePending: true }).Select(p => p.Place)];

    /// <summary>A webhook was made in this pass that takes the place of others, which the next pass is to remove.</summary>
    public required bool MoveStarted { get; init; }

    /// <summary>Places whose webhooks count as in place although the credential may no longer see them.</summary>
    public required IReadOnlyList<WebhookPlace> VerifiedBefore { get; init; }

    /// <summary>Mode Plan: what would change, sorted by repository and webhook.</summary>
    public required IReadOnlyList<WebhookChange> Planned { get; init; }

    /// <summary>How many webhooks the planned changes would make be as wanted.</summary>
    public int Pending => Planned.Count(c => c.Kind != ChangeKind.Remove);

    public bool Changed => Created + Updated + Removed > 0;

    public static WebhookTally Of(ConnectionPass pass)
    {
        var applied = pass.Applied.ToLookup(a => a.Change.Place.Id, StringComparer.Ordinal);
        var checks = new Dictionary<string, PlaceCheck>(pass.Observed.Remembered, StringComparer.Ordinal);
        var levels = WebhookLevels.Of(pass.Connection, pass.Observed);
        var wish = VisitSchedule.WishOf(pass.Connection, pass.Observed, levels);
        foreach (var plan in pass.Plan.Places)
        {
            var results = applied[plan.Place.Id].ToList();
            checks[plan.Place.Id] = Check(pass, plan, results, wish, levels.Find(plan.Place));
        }

        foreach (var place in (pass.Observed.Deliveries ?? []).GroupBy(t => t.Place.Id, StringComparer.Ordinal))
        {
            checks[place.Key] = checks[place.Key] with { Deliveries = [.. place.Select(t => t.Check)] };
        }

        var done = pass.Applied.Where(a => a.Fault is null).Select(a => a.Change.Kind).ToList();
        var selected = pass.Observed.Selection?.Selected ?? [];
        var wanted = levels.Wanted.ToList();
        var looked = wanted.Count > 0 ? wanted.ConvertAll(w => w.Place.Id) : [.. selected.Select(r => r.Id)];
        var verifiedBefore = wanted.FindAll(w => checks.GetValueOrDefault(w.Place.Id) is { VerifiedBefore: true });
        var isSeen = looked.Count > 0 && verifiedBefore.Count == 0 && looked.TrueForAll(checks.ContainsKey);
        return new WebhookTally
        {
            Desired = wanted.Sum(w => w.Count),
            Ready = wanted.Sum(w => ReadyAt(w.Place)),
            ReadyAbove = wanted.Where(w => w.Place.Repository is null).Sum(w => ReadyAt(w.Place)),
            Created = done.Count(k => k == ChangeKind.Create),
            Updated = done.Count(k => k is ChangeKind.Update or ChangeKind.Adopt),
            Removed = done.Count(k => k == ChangeKind.Remove),
            Failures = [.. checks.Values.SelectMany(c => c.Failures).Concat(BrokenEntries(pass, selected)).Order(ByPlace.Instance)],
            Checks = checks,
            FullCheck = isSeen ? looked.Min(id => checks[id].LookedAt) : null,
            VerifiedBefore = verifiedBefore.ConvertAll(w => w.Place),
            Levels = levels,
            MoveStarted = checks.Any(c => c.Value.MovePending && !pass.Observed.MovingBefore.Contains(c.Key)) && done.Count > 0,
            Planned =
            [
                .. checks.Values.SelectMany(c => c.Planned)
                    .OrderBy(c => c.Place.Name, StringComparer.OrdinalIgnoreCase)
                    .ThenBy(c => c.Hook, StringComparer.Ordinal)
                    .ThenBy(c => c.Kind)
                    .ThenBy(c => c.Current?.Id, StringComparer.Ordinal),
            ],
            ManagedIn = ManagedAfter(pass, levels, checks),
        };

        int ReadyAt(WebhookPlace place) => checks.GetValueOrDefault(place.Id)?.Ready ?? 0;
    }

    // What is wanted somewhere, and what is left, or may be left, where nothing is wanted.
    private static List<string> ManagedAfter(ConnectionPass pass, WebhookLevels levels, Dictionary<string, PlaceCheck> checks)
    {
        var managed = new SortedSet<string>(pass.Plan.ManagedAfter, StringComparer.OrdinalIgnoreCase);
        if (pass.Connection.Spec.Mode == Mode.Plan || pass.Observed is not { ReachesWebhooks: true, Inventory: { } inventory })
        {
            return [.. managed];
        }

        managed.UnionWith(levels.Places.Select(p => p.Place.Id).Where(id => checks.GetValueOrDefault(id) is { HoldsOurs: true }));
        foreach (var repository in inventory.Repositories.Concat(inventory.Former).Where(r => checks.GetValueOrDefault(r.Id) is { HoldsOurs: true }))
        {
            managed.Add(pass.Plan.ManagedBefore.Contains(repository.Name.ToString(), StringComparer.OrdinalIgnoreCase) ? repository.Name.ToString() : levels.NameOf(repository));
        }

        return [.. managed];
    }

    private static PlaceCheck Check(ConnectionPass pass, PlacePlan plan, List<AppliedChange> results, VisitWish wish, PlaceLevels? above)
    {
        var failures = plan.Failures.Where(f => !IsBrokenEntry(pass, f)).ToList();
        failures.AddRange(results
            .Where(r => r.Fault is not null && !IsNoFailure(r))
            .Select(r => WebhookFailure.At(plan.Place, r.Change.Hook, r.Fault!)));
        var now = pass.Observed.Now;
        var due = VisitSchedule.NextVisit(plan.Place.Id, now, GoDuration.Parse(pass.Connection.Spec.WebhookInterval));
        var ready = plan.InSync.Count + results.Count(r => r.Fault is null && r.Change.Kind != ChangeKind.Remove);
        return new PlaceCheck(now, due, wish.For(plan.Place), ready, failures)
        {
            VerifiedBefore = plan.VerifiedBefore,
            Planned = pass.Connection.Spec.Mode == Mode.Plan ? [.. plan.Changes, .. plan.Later] : [],
            HoldsOurs = plan.LeavesOurs || results.Exists(r => r.Fault is not null && !IsNoFailure(r)),
            MovePending = plan.Later.Count > 0,
            Levels = above?.Entries,
            AboveDenied = above?.IsDenied ?? false,
            RemovalsWithheld = plan.RemovalsWithheld,
            Unseen = plan.Unseen,
        };
    }

    // An archived repository is read-only: what is left there delivers nothing, and goes when it is opened again.
    private static bool IsNoFailure(AppliedChange result) =>
        result.Change is { Kind: ChangeKind.Remove, Place.Archived: true } && result.Fault!.Class != FaultClass.Transient;

    // A fault of the spec's entry itself is told once, not for every repository.
    private static bool IsBrokenEntry(ConnectionPass pass, WebhookFailure failure) =>
        pass.Observed.Desired.Any(d => d.Name == failure.Webhook && ReferenceEquals(d.Definition.Fault, failure.Fault));

    private static IEnumerable<WebhookFailure> BrokenEntries(ConnectionPass pass, IReadOnlyList<Repository> selected) =>
        selected.Count == 0
            ? []
            : pass.Observed.Desired.Where(d => d.Definition.Fault is not null).Select(d => new WebhookFailure(WebhookFailure.Everywhere, d.Name, d.Definition.Fault!));

    private sealed class ByPlace : IComparer<WebhookFailure>
    {
        public static readonly ByPlace Instance = new();

        public int Compare(WebhookFailure? x, WebhookFailure? y)
        {
            var place = StringComparer.OrdinalIgnoreCase.Compare(x!.Place, y!.Place);
            return place != 0 ? place : StringComparer.Ordinal.Compare(x.Webhook, y.Webhook);
        }
    }
}
