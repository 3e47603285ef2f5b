using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;

namespace BitbucketOperator.Core.Status;

/// <summary>What status says of deliveries.</summary>
internal static class DeliveryReport
{
    /// <summary>The counts; those of before while a reconcile has not asked. Null when there is nothing to tell.</summary>
    public static DeliveriesStatus? Of(ReconcileOutcome outcome, WebhookTally tally, BitbucketConnectionStatus? status)
    {
        var before = status?.Webhooks?.Deliveries;
        if (!IsTold(outcome, tally))
        {
            return before;
        }

        var deliveries = tally.Deliveries;

        var all = deliveries.Select(t => t.Check).ToList();
        var looked = all.Where(d => d.CheckedAt is not null).ToList();
        var failing = Failing(deliveries).ToList();
        if (looked.Count == 0)
        {
            return all.Count == 0 ? null : before;
        }

        // As long as a new process has not asked about all and something fails still, the rest is taken to be as it was.
        var least = looked.Count < all.Count && failing.Count > 0 ? before : null;
        var broken = Math.Max(all.Count(d => d.IsCircuitBroken), least?.CircuitBroken ?? 0);
        return new DeliveriesStatus
        {
            Checked = looked.Count(d => d.Health is not null),
            Failing = Math.Max(failing.Count, least?.Failing ?? 0),
            CircuitBroken = broken == 0 ? null : broken,
            LastError = failing.Count == 0 ? null : failing[0].Check.Error ?? before?.LastError,
            Note = looked.TrueForAll(d => d.Health is null)
                ? Sentences.DeliveriesNotTold(testsAsked: outcome.Connection.Spec.Webhooks.Any(w => w.TestPing))
                : null,
        };
    }

    /// <summary>Each webhook whose deliveries fail, sorted; null while a reconcile has not asked.</summary>
    public static IReadOnlyList<SingleFailure>? Failures(ReconcileOutcome outcome, WebhookTally tally) =>
        !IsTold(outcome, tally)
            ? null
            :
            [
                .. Failing(tally.Deliveries).Select(t =>
                    new SingleFailure(Place.Of(t.Scope), t.Check.Webhook, Reasons.DeliveriesFailing, t.Check.Failure!)),
            ];

    /// <summary>What status told of them before.</summary>
    public static IReadOnlyList<FailureStatus> Kept(BitbucketConnectionStatus? before, int most) =>
        [.. (before?.Failures ?? []).Where(f => f.Count > 0 && IsOfDeliveries(f)).Take(Math.Max(0, most))];

    // Half of it would say that what failed before does no more.
    private static bool IsTold(ReconcileOutcome outcome, WebhookTally tally) =>
        StatusWriter.IsCounted(outcome.Observed) && !tally.IsSyncing
        && !tally.Checks.Values.Any(c => c is { IsAssumed: true, Selected: true })
        && !DeliverySchedule.IsBegun(tally.Deliveries);

    /// <summary>All of it in a sentence; null when no delivery is known to fail.</summary>
    public static Wording? Sentence(BitbucketConnectionStatus status)
    {
        if (status.Webhooks?.Deliveries is not { Failing: > 0 } deliveries)
        {
            return null;
        }

        if (status.Failures?.Find(IsOfDeliveries) is not { Examples: [var example, ..] })
        {
            return Sentences.DeliveriesFail(deliveries.Failing, deliveries.LastError);
        }

        var (place, webhook) = FailureExamples.Parse(example);
        return Sentences.DeliveriesFail(deliveries.Failing, webhook, place.Name, deliveries.LastError);
    }

    public static bool IsOfDeliveries(FailureStatus failure) => failure.Reason == Reasons.DeliveriesFailing.Name;

    private static IEnumerable<TrackedWebhook> Failing(IEnumerable<TrackedWebhook> deliveries) =>
        deliveries.Where(t => t.Check.Failure is not null);
}
