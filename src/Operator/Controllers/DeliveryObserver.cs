using System.Collections.Concurrent;
using BitbucketOperator.Bitbucket;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Connection;

namespace BitbucketOperator.Controllers;

/// <summary>Asks the server how the deliveries of some webhooks went, and tests those that ask for it. What fails to be read stays as it was known.</summary>
internal sealed class DeliveryObserver(BitbucketOptions options)
{
    /// <summary>The pass with what is known of deliveries after it.</summary>
    /// <param name="pass">A pass whose changes were made.</param>
    /// <param name="owner">Whose the webhooks are.</param>
    /// <param name="earlier">What earlier passes found, by the id of the place.</param>
    /// <param name="bitbucket">The server.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    public async Task<ConnectionPass> ObserveAsync(
        ConnectionPass pass, WebhookOwner owner, IReadOnlyDictionary<string, PlaceCheck> earlier, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var known = DeliverySchedule.Known(pass, owner, earlier);
        var due = DeliverySchedule.Due(known, pass.Observed.Now, GoDuration.Parse(pass.Connection.Spec.Interval));
        var asked = new ConcurrentBag<TrackedWebhook>();
        var limited = false;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxRequestsPerHost, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(due, parallel, async (tracked, cancel) =>
        {
            if (Volatile.Read(ref limited))
            {
                return;
            }

            var answer = await Reading.TryAsync(() => AskAsync(pass, tracked, bitbucket, cancel));
            if (answer.Value is { } check)
            {
                asked.Add(tracked with { Check = check });
            }
            else if (answer.Fault!.Reason == Reasons.RateLimited)
            {
                Volatile.Write(ref limited, true);
            }
        });
        return pass with { Observed = pass.Observed with { Deliveries = DeliverySchedule.After(known, asked) } };
    }

    // A test that failed is repeated with the look at it, so that a receiver that was started late is not reported for ever.
    private static async Task<DeliveryCheck> AskAsync(ConnectionPass pass, TrackedWebhook tracked, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var check = tracked.Check;
        var place = tracked.Place;
        var health = await bitbucket.GetDeliveryHealthAsync(place, check.Id, cancellationToken);
        var looked = check.Answered(health, pass.Observed.Now);
        var definition = pass.Observed.Desired.FirstOrDefault(d => d.Name == check.Webhook)?.Definition.Value;
        var tests = pass.Connection.Spec.Webhooks.Exists(w => w.Name == check.Webhook && w.TestPing);
        var isToBeTested = check.TestDue || (check.Failure is not null && health is { IsFailing: false });
        return tests && isToBeTested && definition is not null
            ? looked with { TestError = await bitbucket.TestWebhookAsync(place, check.Id, definition, cancellationToken) }
            : looked;
    }
}
