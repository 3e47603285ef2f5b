using System.Collections.Concurrent;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Controllers;

/// <summary>Carries out a plan. Repositories are handled side by side and fail on their own; the changes of one follow each other.</summary>
internal sealed partial class ConnectionApplier(BitbucketOptions options, ILogger<ConnectionApplier> logger)
{
    public async Task<IReadOnlyList<AppliedChange>> ApplyAsync(ConnectionPlan plan, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var applied = new ConcurrentBag<AppliedChange>();
        var refused = new ConcurrentDictionary<string, Fault>(StringComparer.Ordinal);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxRequestsPerHost, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(plan.Scopes.Where(p => p.Changes.Count > 0), parallel, async (scope, cancel) =>
        {
            foreach (var change in scope.Changes)
            {
                applied.Add(await ApplyAsync(change, bitbucket, refused, cancel));
            }
        });
        return [.. applied];
    }

    private async Task<AppliedChange> ApplyAsync(
        WebhookChange change, IBitbucket bitbucket, ConcurrentDictionary<string, Fault> refused, CancellationToken cancellationToken)
    {
        // What the server refuses for the sake of its content it refuses on every repository: asking once is enough.
        if (change.Kind != ChangeKind.Remove && refused.TryGetValue(change.Hook, out var known))
        {
            return new AppliedChange(change, known);
        }

        try
        {
            var webhook = await SendAsync(change, bitbucket, cancellationToken);
            Log.Applied(logger, change.Kind, change.Hook, change.Scope.Name, change.Reason);
            return new AppliedChange(change, Fault: null) { WebhookId = webhook?.Id };
        }
        catch (FaultException e) when (change.Kind == ChangeKind.Remove && e.Fault.Reason == Reasons.RepositoryNotFound)
        {
            return new AppliedChange(change, Fault: null);
        }
        catch (FaultException e)
        {
            if (e.Fault.Class == FaultClass.Terminal)
            {
                refused.TryAdd(change.Hook, e.Fault);
            }

            Log.NotApplied(logger, change.Kind, change.Hook, change.Scope.Name, e.Fault.Message);
            return new AppliedChange(change, e.Fault);
        }
    }

    private static async Task<Webhook?> SendAsync(WebhookChange change, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        switch (change.Kind)
        {
            case ChangeKind.Create:
                return await bitbucket.CreateWebhookAsync(change.Scope, change.Desired!, cancellationToken);
            case ChangeKind.Remove:
                await bitbucket.DeleteWebhookAsync(change.Scope, change.Current!.Id, cancellationToken);
                return null;
            case ChangeKind.Update or ChangeKind.Adopt:
                return await bitbucket.UpdateWebhookAsync(change.Scope, change.Current!.Id, change.Desired!, cancellationToken);
            default:
                throw new NotSupportedException($"No request makes the change {change.Kind}.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Information, "{Change} webhook {Hook} on {Repository}: {Reason}", EventName = "WebhookChanged")]
        public static partial void Applied(ILogger logger, ChangeKind change, string hook, string repository, string reason);

        [LoggerMessage(101, LogLevel.Debug, "{Change} webhook {Hook} on {Repository} failed: {Reason}", EventName = "WebhookChangeFailed")]
        public static partial void NotApplied(ILogger logger, ChangeKind change, string hook, string repository, string reason);
    }
}
