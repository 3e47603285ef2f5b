using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;

namespace BitbucketOperator.Controllers;

/// <summary>Asks the server how the deliveries of webhooks went. What fails to be read stays as it was known.</summary>
internal sealed class DeliveryObserver(TimeProvider clock)
{
    /// <summary>Asks about the webhooks of one scope.</summary>
    /// <param name="connection">Where it is recorded.</param>
    /// <param name="state">What is desired.</param>
    /// <param name="item">Which webhooks.</param>
    /// <param name="bitbucket">The server.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<SyncResult> ObserveAsync(
        ConnectionState connection, DesiredState state, SyncItem item, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var before = connection.Checks.GetValueOrDefault(item.Scope.Scope.Id);
        foreach (var check in item.Deliveries)
        {
            var answer = await Reading.TryAsync(() => AskAsync(state, item.Scope.Scope, check, bitbucket, cancellationToken));
            if (answer.Value is { } known)
            {
                Record(connection, item.Scope.Scope.Id, known);
            }
            else if (answer.Fault!.Reason == Reasons.RateLimited)
            {
                return new SyncResult([], answer.Fault);
            }
            else
            {
                Record(connection, item.Scope.Scope.Id, check with { IsTried = true });
            }
        }

        // The first answers complete the report on deliveries.
        var isFirst = item.Deliveries.Any(d => !d.IsTried);
        var isSame = connection.Checks.GetValueOrDefault(item.Scope.Scope.Id) is { } after && after.SaysTheSameAs(before);
        return new SyncResult([]) { IsNews = isFirst || !isSame };
    }

    private static void Record(ConnectionState connection, string scopeId, DeliveryCheck known)
    {
        // A sync of the scope may record what it found at the same time, and that stays.
        while (connection.Checks.TryGetValue(scopeId, out var check)
            && !connection.Checks.TryUpdate(scopeId, check with { Deliveries = [.. check.Deliveries.Select(d => d.Id == known.Id ? known : d)] }, check))
        {
        }
    }

    // A test that failed is repeated with the look at it, so that a receiver that was started late is not reported for ever.
    private async Task<DeliveryCheck> AskAsync(
        DesiredState state, WebhookScope scope, DeliveryCheck check, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var health = await bitbucket.GetDeliveryHealthAsync(scope, check.Id, cancellationToken);
        var looked = check.Answered(health, clock.GetUtcNow());
        var definition = state.Observed.Desired.FirstOrDefault(d => d.Name == check.Webhook)?.Definition.Value;
        var tests = state.Connection.Spec.Webhooks.Any(w => w.Name == check.Webhook && w.TestPing);
        var isToBeTested = check.TestDue || (check.Failure is not null && health is { IsFailing: false });
        return tests && isToBeTested && definition is not null
            ? looked with { TestError = await bitbucket.TestWebhookAsync(scope, check.Id, definition, cancellationToken) }
            : looked;
    }
}
