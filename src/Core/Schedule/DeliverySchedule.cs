using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Schedule;

/// <summary>
/// Which webhooks a reconcile asks the server about: a few, so that each is asked about within 24 hours, and those that failed
/// last time again.
/// </summary>
public static class DeliverySchedule
{
    private const int LeastBudget = 50;
    private static readonly TimeSpan HalfADay = TimeSpan.FromHours(12);

    /// <summary>The webhooks of ours that are in place and switched on, with what is known of them; sorted.</summary>
    /// <param name="state">What is desired.</param>
    /// <param name="checks">What syncs found, by the id of the scope.</param>
    public static IReadOnlyList<TrackedWebhook> Known(DesiredState state, IReadOnlyDictionary<string, ScopeCheck> checks)
    {
        var reported = state.Connection.Known.FailingDeliveries;
        var known = checks.Values.Where(c => c.Selected)
            .SelectMany(c => c.Deliveries.Select(d => new TrackedWebhook(c.Scope, WithReport(c.Scope, d, reported))));
        return [.. known.OrderBy(t => t.Scope.Name, StringComparer.OrdinalIgnoreCase).ThenBy(t => t.Check.Webhook, StringComparer.Ordinal)];
    }

    /// <summary>Those to ask about now.</summary>
    /// <param name="known">All.</param>
    /// <param name="now">The time of the reconcile.</param>
    /// <param name="interval">The time between reconciles.</param>
    /// <param name="restless">Somebody asked for the reconcile: those that were looked at lately are asked about too.</param>
    public static IReadOnlyList<TrackedWebhook> Due(IReadOnlyList<TrackedWebhook> known, DateTimeOffset now, TimeSpan interval, bool restless = false)
    {
        var budget = Budget(known.Count, interval);
        return
        [
            .. known.Where(t => t.Check.TestDue),
            .. known.Where(t => t.Check is { TestDue: false, Failure: not null }).OrderBy(t => t.Check.CheckedAt).Take(budget),
            .. known.Where(t => t.Check is { TestDue: false, Failure: null } && (restless || DueAt(t) <= now))
                .OrderBy(DueAt).ThenBy(t => VerificationSchedule.Fraction(KeyOf(t)))
                .Take(budget),
        ];
    }

    /// <summary>Some are read for the first time now: deliveries are reported when all of them were.</summary>
    public static bool IsBegun(IReadOnlyList<TrackedWebhook> known) => New(known).Any();

    /// <summary>Those that were just made or changed and are to be tested; of a few, those that nobody has tried to ask about.</summary>
    public static IEnumerable<TrackedWebhook> New(IReadOnlyList<TrackedWebhook> known) => known.Where(
        t => !t.Check.IsTried && (t.Check.TestDue || (known.Count <= LeastBudget && t.Check.CheckedAt is null)));

    // Every webhook is due 6 to 12 hours after the last look, and half a day's reconciles have room for all: none waits longer.
    private static DateTimeOffset DueAt(TrackedWebhook tracked) => tracked.Check switch
    {
        { CheckedAt: null } => DateTimeOffset.MinValue,
        { CheckedAt: { } at, IsAssumed: true } => at.AddTicks(1),
        { CheckedAt: { } at } => at + (HalfADay * (0.5 + (0.5 * VerificationSchedule.Fraction(KeyOf(tracked))))),
    };

    private static int Budget(int webhooks, TimeSpan interval) =>
        Math.Max(LeastBudget, (int)Math.Ceiling(webhooks * Math.Min(1, interval / HalfADay)));

    private static string KeyOf(TrackedWebhook tracked) => $"{tracked.Scope.Id}/{tracked.Check.Id}";

    /// <summary>What is known of the deliveries of a scope's webhooks after its sync.</summary>
    /// <param name="state">What was desired.</param>
    /// <param name="found">The webhooks there before the changes; null where they could not be read.</param>
    /// <param name="isDenied">The credential may not see them.</param>
    /// <param name="results">What was changed.</param>
    /// <param name="before">What was known.</param>
    /// <param name="now">The time.</param>
    internal static IReadOnlyList<DeliveryCheck> After(
        DesiredState state,
        IReadOnlyList<Webhook>? found,
        bool isDenied,
        IReadOnlyList<AppliedChange> results,
        IReadOnlyList<DeliveryCheck> before,
        DateTimeOffset now)
    {
        if (found is null)
        {
            return isDenied ? [] : before;
        }

        var gone = results.Where(r => r.Fault is null && r.Change.Kind == ChangeKind.Remove)
            .Select(r => r.Change.Current!.Id).ToHashSet(StringComparer.Ordinal);
        var ours = found.Where(w => !gone.Contains(w.Id)).ToLookup(w => WebhookMarker.HookOf(w, state.Owner), w => w.Id, StringComparer.Ordinal);
        var checks = new List<DeliveryCheck>();
        foreach (var entry in state.Connection.Spec.Webhooks.Where(w => w.Active))
        {
            var change = results.FirstOrDefault(a => a.Change.Hook == entry.Name && a.Change.Kind != ChangeKind.Remove);
            var id = change is { Fault: null } ? change.Webhook?.Id : ours[entry.Name].FirstOrDefault();
            if (id is not null)
            {
                var check = before.FirstOrDefault(c => c.Id == id) ?? new DeliveryCheck(entry.Name, id);
                checks.Add(change is { Fault: null } ? AfterChange(check, entry, change, state.Connection.Spec.Flavour, now) : check);
            }
        }

        return checks;
    }

    // Of a new webhook it is known without a question that nothing was delivered; the next reconcile asks.
    private static DeliveryCheck AfterChange(DeliveryCheck check, WebhookEntry entry, AppliedChange change, Flavour flavour, DateTimeOffset now)
    {
        var tells = flavour == Flavour.DataCenter;
        var known = change.Change.Kind == ChangeKind.Create
            ? check with { CheckedAt = now, Health = tells ? DeliveryHealth.NeverInvoked : null, IsAssumed = tells }
            : check;
        return known with { TestDue = tells && entry.TestPing, IsTried = false };
    }

    private static DeliveryCheck WithReport(WebhookScope scope, DeliveryCheck check, IReadOnlyList<FailingDelivery> reported) => check.CheckedAt is not null
        ? check
        : check with { Reported = reported.FirstOrDefault(f => f.Webhook == check.Webhook && f.Place == Place.Of(scope))?.Message };
}
