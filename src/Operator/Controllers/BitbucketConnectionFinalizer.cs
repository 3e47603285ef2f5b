using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Patching;

namespace BitbucketOperator.Controllers;

/// <summary>Removes the webhooks of a connection that is being deleted, for as long as it takes, unless a person says otherwise.</summary>
internal sealed class BitbucketConnectionFinalizer(
    ConnectionReconciler reconciler,
    ConnectionStates states,
    ISyncs syncs,
    OwnerIndex owners,
    IInventories inventories,
    IStatusWriter<BitbucketConnection> statuses,
    EventPublisher publish) : IEntityFinalizer<BitbucketConnection>
{
    public async Task<ReconciliationResult<BitbucketConnection>> FinalizeAsync(BitbucketConnection entity, CancellationToken cancellationToken)
    {
        var connection = entity.ToModel();
        if (connection.Known.ManagedIn.Count == 0)
        {
            return ReconciliationResult<BitbucketConnection>.Success(entity);
        }

        if (WhyRetain(connection) is { } why)
        {
            await publish(entity, ConnectionEvents.WebhooksRetained, Sentences.WebhooksRetained(why), EventType.Normal, cancellationToken);
            return ReconciliationResult<BitbucketConnection>.Success(entity);
        }

        var state = states.Of(connection.Uid);
        connection = await inventories.RecallAsync(entity, connection, state, cancellationToken);
        var owner = await owners.OwnerOfAsync(connection, cancellationToken);
        var outcome = await reconciler.CleanUpAsync(connection, owner, state, cancellationToken);
        state.RemovedInCleanup += outcome.Applied.Count(a => a is { Fault: null, Change.Kind: ChangeKind.Remove });
        var summary = CleanupSummary.Of(outcome, state.RemovedInCleanup, entity.Status);
        if (summary.Done)
        {
            await publish(entity, ConnectionEvents.WebhooksRemoved, summary.Message, EventType.Normal, cancellationToken);
            return ReconciliationResult<BitbucketConnection>.Success(entity);
        }

        ConnectionReconciler.Schedule(outcome, state);
        syncs.Continue(connection);
        if (await statuses.PatchAsync(entity, c => c.Status = summary.Status, cancellationToken) && summary.IsBlocked)
        {
            await publish(entity, Reasons.CleanupBlocked.Name, summary.Message, EventType.Warning, cancellationToken);
        }

        // A finalizer that succeeds is taken off: one that is at work fails for the time being.
        return ReconciliationResult<BitbucketConnection>.Failure(
            entity, summary.Message, requeueAfter: summary.IsBlocked ? null : summary.Wait ?? outcome.Observed.DiscoveryWait ?? connection.Spec.Interval);
    }

    private static string? WhyRetain(Connection connection)
    {
        if (connection.AbandonsWebhooks)
        {
            return Sentences.AbandonedByAnnotation;
        }

        if (connection.Spec.DeletionPolicy == DeletionRule.Retain)
        {
            return Sentences.DeletionPolicyRetains;
        }

        if (connection.Spec.Mode == WriteMode.Plan)
        {
            return Sentences.ModeIsPlan;
        }

        return connection.Spec.Suspend ? Sentences.SuspendIsTrue : null;
    }
}
