using BitbucketOperator.Core.Api;
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

    /// <summary>The webhooks of ours that are in place after the reconcile and switched on, with what is known of them; sorted.</summary>
    /// <param name="outcome">A reconcile whose changes were made.</param>
    /// <param name="owner">Whose the webhooks are.</param>
    /// <param name="earlier">What earlier reconciles of this process found, by the id of the scope.</param>
    public static IReadOnlyList<TrackedWebhook> Known(ReconcileOutcome outcome, WebhookOwner owner, IReadOnlyDictionary<string, ScopeCheck> earlier)
    {
        var applied = outcome.Applied.ToLookup(a => a.Change.Scope.Id, StringComparer.Ordinal);
        var reported = outcome.Connection.Known.FailingDeliveries;
        var known = new List<TrackedWebhook>();
        foreach (var plan in outcome.Plan.Scopes.Where(p => p.Selected))
        {
            var before = earlier.GetValueOrDefault(plan.Scope.Id)?.Deliveries ?? [];
            Add(plan.Scope, InPlace(outcome, plan, [.. applied[plan.Scope.Id]], owner, before));
        }

        var selected = (outcome.Observed.Selection?.Selected ?? []).ToDictionary(r => r.Id, StringComparer.Ordinal);
        foreach (var (id, check) in outcome.Observed.Remembered)
        {
            if ((selected.TryGetValue(id, out var repository) ? WebhookScope.Of(repository) : WebhookScope.ParseProjectLevel(id)) is { } scope)
            {
                Add(scope, check.Deliveries);
            }
        }

        return [.. known.OrderBy(t => t.Scope.Name, StringComparer.OrdinalIgnoreCase).ThenBy(t => t.Check.Webhook, StringComparer.Ordinal)];

        void Add(WebhookScope scope, IEnumerable<DeliveryCheck> checks) =>
            known.AddRange(checks.Select(check => new TrackedWebhook(scope, WithReport(scope, check, reported))));
    }

    /// <summary>Those to ask about now.</summary>
    /// <param name="known">All.</param>
    /// <param name="now">The time of the reconcile.</param>
    /// <param name="interval">The time between reconciles.</param>
    /// <param name="restless">A person asked for the reconcile: those that were looked at lately are asked about too.</param>
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

    /// <summary>What is known when the server was asked about some.</summary>
    public static IReadOnlyList<TrackedWebhook> After(IReadOnlyList<TrackedWebhook> known, IEnumerable<TrackedWebhook> asked)
    {
        var answers = asked.ToDictionary(KeyOf, StringComparer.Ordinal);
        return [.. known.Select(t => answers.GetValueOrDefault(KeyOf(t), t))];
    }

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

    private static IReadOnlyList<DeliveryCheck> InPlace(
        ReconcileOutcome outcome, ScopePlan plan, List<AppliedChange> applied, WebhookOwner owner, IReadOnlyList<DeliveryCheck> before)
    {
        var webhooks = outcome.Observed.Webhooks[plan.Scope.Id];
        if (webhooks.Fault is { } fault)
        {
            return fault.Reason == Reasons.WebhookPermissionDenied ? [] : before;
        }

        var going = plan.Changes.Where(c => c.Kind == ChangeKind.Remove).Select(c => c.Current!.Id).ToHashSet(StringComparer.Ordinal);
        var ours = webhooks.Value!.Where(w => !going.Contains(w.Id)).ToLookup(w => WebhookMarker.HookOf(w, owner), w => w.Id, StringComparer.Ordinal);
        var checks = new List<DeliveryCheck>();
        foreach (var entry in outcome.Connection.Spec.Webhooks.Where(w => w.Active))
        {
            var change = applied.Find(a => a.Change.Hook == entry.Name && a.Change.Kind != ChangeKind.Remove);
            var id = change is { Fault: null } ? change.WebhookId : ours[entry.Name].FirstOrDefault();
            if (id is not null)
            {
                var check = before.FirstOrDefault(c => c.Id == id) ?? new DeliveryCheck(entry.Name, id);
                checks.Add(change is { Fault: null } ? AfterChange(check, entry, change, outcome) : check);
            }
        }

        return checks;
    }

    // Of a new webhook it is known without a question that nothing was delivered; the next reconcile asks.
    private static DeliveryCheck AfterChange(DeliveryCheck check, WebhookEntry entry, AppliedChange change, ReconcileOutcome outcome)
    {
        var tells = outcome.Connection.Spec.Flavour == Flavour.DataCenter;
        var known = change.Change.Kind == ChangeKind.Create
            ? check with { CheckedAt = outcome.Observed.Now, Health = tells ? DeliveryHealth.NeverInvoked : null, IsAssumed = tells }
            : check;
        return known with { TestDue = tells && entry.TestPing };
    }

    private static DeliveryCheck WithReport(WebhookScope scope, DeliveryCheck check, IReadOnlyList<FailingDelivery> reported) => check.CheckedAt is not null
        ? check
        : check with { Reported = reported.FirstOrDefault(f => f.Webhook == check.Webhook && f.Place == Place.Of(scope))?.Message };
}
