using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;
using BitbucketOperator.Runtime;

namespace BitbucketOperator.Controllers;

/// <summary>Removes the webhooks of a connection that is being deleted, for as long as it takes, unless a person says otherwise.</summary>
internal sealed class BitbucketConnectionFinalizer(
    ConnectionPreparer preparer,
    ConnectionObserver observer,
    ConnectionApplier applier,
    ConnectionMemories memories,
    ClusterIdentity cluster,
    IBitbucketConnector connector,
    StatusPatcher<BitbucketConnection> statuses,
    EventPublisher publish,
    TimeProvider clock) : IEntityFinalizer<BitbucketConnection>
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

        var summary = CleanupSummary.Of(await PassAsync(entity, cancellationToken));
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

        return connection.Spec.Suspend ? "spec.suspend is true" : null;
    }

    private async Task<ConnectionPass> PassAsync(BitbucketConnection connection, CancellationToken cancellationToken)
    {
        var owner = await cluster.OwnerOfAsync(connection.Metadata.NamespaceProperty, connection.Metadata.Name, cancellationToken);
        var prepared = await preparer.PrepareAsync(connection, owner, cancellationToken);
        var observed = prepared.ToObserved(clock.GetUtcNow());

        // A GitOps prune takes the Secret along with the resource: what worked last serves once more.
        if ((prepared.Target ?? memories.Of(connection.Metadata.Uid).Proven) is not { } target)
        {
            return Pass(connection, observed, ConnectionPlan.Nothing([]));
        }

        try
        {
            using var bitbucket = connector.Connect(target);
            observed = await observer.ObserveForCleanupAsync(
                connection, observed with { Preparation = null, Credential = target.Credential }, bitbucket, cancellationToken);
            var plan = ConnectionPlanner.PlanCleanup(observed, owner);
            return Pass(connection, observed, plan) with { Applied = await applier.ApplyAsync(plan, bitbucket, cancellationToken) };
        }
        catch (FaultException e)
        {
            return Pass(connection, observed with { Preparation = e.Fault }, ConnectionPlan.Nothing([]));
        }
    }

    private static ConnectionPass Pass(BitbucketConnection connection, ConnectionObserved observed, ConnectionPlan plan) =>
        new(connection, observed, plan, []) { DesiredFingerprint = "none" };
}
