using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;
using BitbucketOperator.Runtime;

namespace BitbucketOperator.Controllers;

/// <summary>Removes the webhooks of a connection that is being deleted, for as long as it takes, unless a person says otherwise.</summary>
internal sealed class BitbucketConnectionFinalizer(
    ConnectionPasses passes,
    ConnectionMemories memories,
    ClusterIdentity cluster,
    StatusPatcher<BitbucketConnection> statuses,
    EventPublisher publish) : IEntityFinalizer<BitbucketConnection>
{
    public async Task<ReconciliationResult<BitbucketConnection>> FinalizeAsync(BitbucketConnection entity, CancellationToken cancellationToken)
    {
        if ((entity.Status?.Webhooks?.ManagedIn ?? []).Count == 0)
        {
            return ReconciliationResult<BitbucketConnection>.Success(entity);
        }

        if (WhyRetain(entity) is { } why)
        {
            await publish(entity, ConnectionEvents.WebhooksRetained, $"webhooks are left in place: {why}", EventType.Normal, cancellationToken);
            return ReconciliationResult<BitbucketConnection>.Success(entity);
        }

        var owner = await cluster.OwnerOfAsync(entity, cancellationToken);
        var summary = CleanupSummary.Of(await passes.CleanUpAsync(entity, owner, memories.Of(entity.Metadata.Uid), cancellationToken));
        if (summary.Done)
        {
            await publish(entity, ConnectionEvents.WebhooksRemoved, summary.Message, EventType.Normal, cancellationToken);
            return ReconciliationResult<BitbucketConnection>.Success(entity);
        }

        var written = await statuses.PatchAsync(entity, c => c.Status = summary.Status, cancellationToken);
        if (written)
        {
            await publish(entity, Reasons.CleanupBlocked.Name, summary.Message, EventType.Warning, cancellationToken);
        }

        return ReconciliationResult<BitbucketConnection>.Failure(entity, summary.Message) with { StatusWritten = written };
    }

    private static string? WhyRetain(BitbucketConnection connection)
    {
        var annotations = connection.Metadata.Annotations;
        if (annotations is not null && annotations.TryGetValue(BitbucketConnection.AbandonWebhooksAnnotation, out var abandon) && abandon == "true")
        {
            return $"the annotation {BitbucketConnection.AbandonWebhooksAnnotation} says so";
        }

        if (connection.Spec.DeletionPolicy == DeletionPolicy.Retain)
        {
            return "spec.deletionPolicy is Retain";
        }

        if (connection.Spec.Mode == Mode.Plan)
        {
            return "spec.mode is Plan";
        }

        return connection.Spec.Suspend ? "spec.suspend is true" : null;
    }
}
