using System.Collections.Concurrent;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;

namespace BitbucketOperator.Controllers;

/// <summary>Asks the server how the deliveries of some webhooks went, and tests those that ask for it. What fails to be read stays as it was known.</summary>
internal sealed class DeliveryObserver(BitbucketOptions options)
{
    /// <summary>The reconcile with what is known of deliveries after it.</summary>
    /// <param name="outcome">A reconcile whose changes were made.</param>
    /// <param name="owner">Whose the webhooks are.</param>
    /// <param name="earlier">What earlier reconciles found, by the id of the scope.</param>
    /// <param name="bitbucket">The server.</param>
    /// <param name="cancellationToken">Stops the reconcile.</param>
    public async Task<ReconcileOutcome> ObserveAsync(
        ReconcileOutcome outcome,
        WebhookOwner owner,
        IReadOnlyDictionary<string, ScopeCheck> earlier,
        IBitbucket bitbucket,
        CancellationToken cancellationToken)
    {
        var known = DeliverySchedule.Known(outcome, owner, earlier);
        var due = DeliverySchedule.Due(known, outcome.Observed.Now, outcome.Connection.Spec.Interval, outcome.Connection.IsRequested);
        var asked = new ConcurrentBag<TrackedWebhook>();
        var limited = false;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxRequestsPerHost, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(due, parallel, async (tracked, cancel) =>
        {
            if (Volatile.Read(ref limited))
            {
                return;
            }

            var answer = await Reading.TryAsync(() => AskAsync(outcome, tracked, bitbucket, cancel));
            if (answer.Value is { } check)
            {
                asked.Add(tracked with { Check = check });
            }
            else if (answer.Fault!.Reason == Reasons.RateLimited)
            {
                Volatile.Write(ref limited, true);
            }
        });
        return outcome with { Observed = outcome.Observed with { Deliveries = DeliverySchedule.After(known, asked) } };
    }

    // A test that failed is repeated with the look at it, so that a receiver that was started late is not reported for ever.
    private static async Task<DeliveryCheck> AskAsync(
        ReconcileOutcome outcome, TrackedWebhook tracked, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var check = tracked.Check;
        var scope = tracked.Scope;
        var health = await bitbucket.GetDeliveryHealthAsync(scope, check.Id, cancellationToken);
        var looked = check.Answered(health, outcome.Observed.Now);
        var definition = outcome.Observed.Desired.FirstOrDefault(d => d.Name == check.Webhook)?.Definition.Value;
        var tests = outcome.Connection.Spec.Webhooks.Any(w => w.Name == check.Webhook && w.TestPing);
        var isToBeTested = check.TestDue || (check.Failure is not null && health is { IsFailing: false });
        return tests && isToBeTested && definition is not null
            ? looked with { TestError = await bitbucket.TestWebhookAsync(scope, check.Id, definition, cancellationToken) }
            : looked;
    }
}
