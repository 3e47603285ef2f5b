using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>
/// Which webhooks a pass asks the server about: a few, so that each is asked about within 24 hours, and those that failed
/// last time again.
/// </summary>
public static class DeliverySchedule
{
    private const int LeastBudget = 50;
    private static readonly TimeSpan HalfADay = TimeSpan.FromHours(12);

    /// <summary>The webhooks of ours that are in place after the pass and switched on, with what is known of them; sorted.</summary>
    /// <param name="pass">A pass whose changes were made.</param>
    /// <param name="owner">Whose the webhooks are.</param>
    /// <param name="earlier">What earlier passes of this process found, by the id of the place.</param>
    public static IReadOnlyList<TrackedWebhook> Known(ConnectionPass pass, WebhookOwner owner, IReadOnlyDictionary<string, PlaceCheck> earlier)
    {
        var applied = pass.Applied.ToLookup(a => a.Change.Place.Id, StringComparer.Ordinal);
        var reported = (pass.Connection.Status?.Failures ?? []).Where(f => f.Reason == Reasons.DeliveriesFailing.Name).ToList();
        var known = new List<TrackedWebhook>();
        foreach (var plan in pass.Plan.Places.Where(p => p.Selected))
        {
            var before = earlier.GetValueOrDefault(plan.Place.Id)?.Deliveries ?? [];
            Add(plan.Place, InPlace(pass, plan, [.. applied[plan.Place.Id]], owner, before));
        }

        var selected = (pass.Observed.Selection?.Selected ?? []).ToDictionary(r => r.Id, StringComparer.Ordinal);
        foreach (var (id, check) in pass.Observed.Remembered)
        {
            if ((selected.TryGetValue(id, out var repository) ? WebhookPlace.Of(repository) : WebhookPlace.ParseAbove(id)) is { } place)
            {
                Add(place, check.Deliveries);
            }
        }

        return [.. known.OrderBy(t => t.Place.Name, StringComparer.OrdinalIgnoreCase).ThenBy(t => t.Check.Webhook, StringComparer.Ordinal)];

        void Add(WebhookPlace place, IEnumerable<DeliveryCheck> checks) =>
            known.AddRange(checks.Select(check => new TrackedWebhook(place, WithReport(place, check, reported))));
    }

    /// <summary>Those to ask about now.</summary>
    /// <param name="known">All.</param>
    /// <param name="now">The time of the pass.</param>
    /// <param name="interval">The time between passes.</param>
    /// <param name="restless">A person asked for the pass: those that were looked at lately are asked about too.</param>
    public static IReadOnlyList<TrackedWebhook> Due(IReadOnlyList<TrackedWebhook> known, DateTimeOffset now, TimeSpan interval, bool restless = false)
    {
        var budget = Budget(known.Count, interval);
        return
        [
            .. known.Where(t => t.Check.TestDue),
            .. known.Where(t => t.Check is { TestDue: false, Failure: not null }).OrderBy(t => t.Check.LookedAt).Take(budget),
            .. known.Where(t => t.Check is { TestDue: false, Failure: null } && (restless || DueAt(t) <= now)).OrderBy(DueAt).ThenBy(t => VisitSchedule.Fraction(KeyOf(t))).Take(budget),
        ];
    }

    /// <summary>What is known when the server was asked about some.</summary>
    public static IReadOnlyList<TrackedWebhook> After(IReadOnlyList<TrackedWebhook> known, IEnumerable<TrackedWebhook> asked)
    {
        var answers = asked.ToDictionary(KeyOf, StringComparer.Ordinal);
        return [.. known.Select(t => answers.GetValueOrDefault(KeyOf(t), t))];
    }

    // Every webhook is due 6 to 12 hours after the last look, and half a day's passes have room for all: none waits longer.
    private static DateTimeOffset DueAt(TrackedWebhook tracked) => tracked.Check switch
    {
        { LookedAt: null } => DateTimeOffset.MinValue,
        { LookedAt: { } at, IsAssumed: true } => at.AddTicks(1),
        { LookedAt: { } at } => at + (HalfADay * (0.5 + (0.5 * VisitSchedule.Fraction(KeyOf(tracked))))),
    };

    private static int Budget(int webhooks, TimeSpan interval) =>
        Math.Max(LeastBudget, (int)Math.Ceiling(webhooks * Math.Min(1, interval / HalfADay)));

    private static string KeyOf(TrackedWebhook tracked) => $"{tracked.Place.Id}/{tracked.Check.Id}";

    private static IReadOnlyList<DeliveryCheck> InPlace(
        ConnectionPass pass, PlacePlan plan, List<AppliedChange> applied, WebhookOwner owner, IReadOnlyList<DeliveryCheck> before)
    {
        var webhooks = pass.Observed.Webhooks[plan.Place.Id];
        if (webhooks.Fault is { } fault)
        {
            return fault.Reason == Reasons.WebhookPermissionDenied ? [] : before;
        }

        var going = plan.Changes.Where(c => c.Kind == ChangeKind.Remove).Select(c => c.Current!.Id).ToHashSet(StringComparer.Ordinal);
        var ours = webhooks.Value!.Where(w => !going.Contains(w.Id)).ToLookup(w => WebhookMarker.HookOf(w, owner), w => w.Id, StringComparer.Ordinal);
        var checks = new List<DeliveryCheck>();
        foreach (var entry in pass.Connection.Spec.Webhooks.Where(w => w.Active))
        {
            var change = applied.Find(a => a.Change.Hook == entry.Name && a.Change.Kind != ChangeKind.Remove);
            var id = change is { Fault: null } ? change.WebhookId : ours[entry.Name].FirstOrDefault();
            if (id is not null)
            {
                var check = before.FirstOrDefault(c => c.Id == id) ?? new DeliveryCheck(entry.Name, id);
                checks.Add(change is { Fault: null } ? AfterChange(check, entry, change, pass) : check);
            }
        }

        return checks;
    }

    // Of a new webhook it is known without a question that nothing was delivered; the next pass asks.
    private static DeliveryCheck AfterChange(DeliveryCheck check, WebhookSpec entry, AppliedChange change, ConnectionPass pass)
    {
        var tells = ConnectionGate.HostingOf(pass.Connection.Spec) == Hosting.DataCenter;
        var known = change.Change.Kind == ChangeKind.Create
            ? check with { LookedAt = pass.Observed.Now, Health = tells ? DeliveryHealth.NeverInvoked : null, IsAssumed = tells }
            : check;
        return known with { TestDue = tells && entry.TestPing };
    }

    private static DeliveryCheck WithReport(WebhookPlace place, DeliveryCheck check, List<FailureStatus> reported) => check.LookedAt is not null
        ? check
        : check with { Reported = reported.Find(f => f.Webhook == check.Webhook && f.Place() == place.Name)?.Message };
}
