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

    /// <summary>By repository id; what to remember.</summary>
    public required IReadOnlyDictionary<string, PlaceCheck> Checks { get; init; }

    /// <summary>Since when every webhook has been looked at; null when some was not.</summary>
    public required DateTimeOffset? FullCheck { get; init; }

    /// <summary>True when nothing of ours is left where nothing must be.</summary>
    public required bool Clean { get; init; }

    /// <summary>Repositories whose webhooks count as in place although the credential may no longer see them.</summary>
    public required int VerifiedBefore { get; init; }

    /// <summary>Mode Plan: what would change, sorted by repository and webhook.</summary>
    public required IReadOnlyList<WebhookChange> Planned { get; init; }

    /// <summary>How many webhooks the planned changes would make be as wanted.</summary>
    public int Pending => Planned.Count(c => c.Kind != ChangeKind.Remove);

    public bool Changed => Created + Updated + Removed > 0;

    public static WebhookTally Of(ConnectionPass pass)
    {
        var applied = pass.Applied.ToLookup(a => a.Change.Place.Id, StringComparer.Ordinal);
        var checks = new Dictionary<string, PlaceCheck>(pass.Observed.Remembered, StringComparer.Ordinal);
        var wish = VisitSchedule.WishOf(pass.Connection, pass.Observed);
        var clean = !checks.Values.Any(c => c.Unseen);
        foreach (var plan in pass.Plan.Places)
        {
            var results = applied[plan.Place.Id].ToList();
            checks[plan.Place.Id] = Check(pass, plan, results, wish);
            clean &= (plan.Selected && pass.Observed.Desired.Count > 0) || (plan is { Unseen: false, Failures.Count: 0 } && results.TrueForAll(r => r.Fault is null || IsNoFailure(r)));
        }

        foreach (var place in (pass.Observed.Deliveries ?? []).GroupBy(t => t.Place.Id, StringComparer.Ordinal))
        {
            checks[place.Key] = checks[place.Key] with { Deliveries = [.. place.Select(t => t.Check)] };
        }

        var done = pass.Applied.Where(a => a.Fault is null).Select(a => a.Change.Kind).ToList();
        var selected = pass.Observed.Selection?.Selected ?? [];
        var unseen = selected.Count(r => checks.GetValueOrDefault(r.Id) is null or { VerifiedBefore: true });
        return new WebhookTally
        {
            Desired = selected.Count * pass.Observed.Desired.Count,
            Ready = selected.Sum(r => checks.GetValueOrDefault(r.Id)?.Ready ?? 0),
            Created = done.Count(k => k == ChangeKind.Create),
            Updated = done.Count(k => k is ChangeKind.Update or ChangeKind.Adopt),
            Removed = done.Count(k => k == ChangeKind.Remove),
            Failures = [.. checks.Values.SelectMany(c => c.Failures).Concat(BrokenEntries(pass, selected)).Order(ByPlace.Instance)],
            Checks = checks,
            FullCheck = selected.Count > 0 && unseen == 0 ? selected.Min(r => checks[r.Id].LookedAt) : null,
            VerifiedBefore = selected.Count(r => checks.GetValueOrDefault(r.Id) is { VerifiedBefore: true }),
            Planned =
            [
                .. checks.Values.SelectMany(c => c.Planned)
                    .OrderBy(c => c.Place.Name, StringComparer.OrdinalIgnoreCase)
                    .ThenBy(c => c.Hook, StringComparer.Ordinal)
                    .ThenBy(c => c.Kind)
                    .ThenBy(c => c.Current?.Id, StringComparer.Ordinal),
            ],
            Clean = clean,
        };
    }

    private static PlaceCheck Check(ConnectionPass pass, PlacePlan plan, List<AppliedChange> results, VisitWish wish)
    {
        var failures = plan.Failures.Where(f => !IsBrokenEntry(pass, f)).ToList();
        failures.AddRange(results
            .Where(r => r.Fault is not null && !IsNoFailure(r))
            .Select(r => new WebhookFailure(plan.Place.Name, r.Change.Hook, r.Fault!)));
        var now = pass.Observed.Now;
        var due = VisitSchedule.NextVisit(plan.Place.Id, now, GoDuration.Parse(pass.Connection.Spec.WebhookInterval));
        var ready = plan.InSync.Count + results.Count(r => r.Fault is null && r.Change.Kind != ChangeKind.Remove);
        return new PlaceCheck(now, due, wish.For(plan.Place, plan.Selected), ready, failures)
        {
            VerifiedBefore = plan.VerifiedBefore,
            Planned = pass.Connection.Spec.Mode == Mode.Plan ? plan.Changes : [],
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
