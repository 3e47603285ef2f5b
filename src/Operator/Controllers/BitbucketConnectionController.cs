using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Patching;

namespace BitbucketOperator.Controllers;

/// <summary>
/// One reconcile over a connection: read references, authenticate, discover, compute what is desired, patch status, have the
/// syncs go on. Never waits for a sync. Decides nothing itself; Core does.
/// </summary>
[EntityRbac(BitbucketConnection.Group, [BitbucketConnection.Plural], ["get", "list", "watch", "patch"],
    Reason = "Reads connections, and puts the finalizer on them and takes it off")]
[EntityRbac(BitbucketConnection.Group, [BitbucketConnection.Plural + "/status"], ["patch"], Reason = "Reports what was found")]
[EntityRbac("", ["secrets", "configmaps"], ["get"], Reason = "Reads the objects that a connection names: credentials, webhook secrets, CA bundles")]
[EntityRbac("", ["secrets"], ["create"], Scope = RbacScope.GeneratedSecrets,
    Reason = "Makes the Secret of a webhook with generateSecret; an admission policy lets no other Secret be made")]
[EntityRbac("", ["namespaces"], ["get"], ResourceNames = ["kube-system"], Scope = RbacScope.Cluster,
    Reason = "Its UID tells this cluster from others that manage webhooks on the same Bitbucket; not needed with --cluster-name")]
internal sealed class BitbucketConnectionController(
    ConnectionReconciler reconciler,
    ConnectionStates states,
    ISyncs syncs,
    OwnerIndex owners,
    Estates estates,
    IInventories inventories,
    IStatusWriter<BitbucketConnection> statuses,
    EventPublisher publish,
    FailureReporter failures,
    TimeProvider clock) : IEntityController<BitbucketConnection>
{
    public Task<ReconciliationResult<BitbucketConnection>> ReconcileAsync(BitbucketConnection entity, CancellationToken cancellationToken) =>
        failures.ReportAsync(entity, () => RunAsync(entity, cancellationToken), cancellationToken);

    private async Task<ReconciliationResult<BitbucketConnection>> RunAsync(BitbucketConnection entity, CancellationToken cancellationToken)
    {
        var connection = entity.ToModel();
        var state = states.Of(connection.Uid);
        if (connection.Spec.Suspend)
        {
            state.Suspend();
            var suspended = ConnectionSummary.Suspended(connection, entity.Status, clock.GetUtcNow());
            await statuses.PatchAsync(entity, c => c.Status = suspended, cancellationToken);
            return ReconciliationResult<BitbucketConnection>.Success(entity);
        }

        connection = await inventories.RecallAsync(entity, connection, state, cancellationToken);
        var owner = await owners.OwnerOfAsync(connection, cancellationToken);
        var left = estates.For(connection);
        connection = state.Take(connection, left);
        var outcome = await reconciler.RunAsync(connection, owner, state, cancellationToken);
        var result = await FinishAsync(entity, outcome, state, cancellationToken);
        estates.Taken(left);
        return result;
    }

    public Task<ReconciliationResult<BitbucketConnection>> DeletedAsync(BitbucketConnection entity, CancellationToken cancellationToken)
    {
        var connection = entity.ToModel();
        states.Forget(connection.Uid);
        estates.Forget(connection.Uid);
        inventories.Forget(connection.Uid);
        syncs.Forget(connection);
        return Task.FromResult(ReconciliationResult<BitbucketConnection>.Success(entity));
    }

    // Where webhooks will be is on record before the first is made: whatever happens then, clean-up knows where to look.
    private async Task<ReconciliationResult<BitbucketConnection>> FinishAsync(
        BitbucketConnection entity, ReconcileOutcome outcome, ConnectionState state, CancellationToken cancellationToken)
    {
        var summary = ConnectionSummary.Of(outcome, entity.Status);
        state.Verified = summary.Verified;
        await statuses.PatchAsync(entity, c => c.Status = summary.Status, cancellationToken);
        if (SyncSchedule.IsSettled(outcome))
        {
            owners.Settle(outcome.Connection);
        }

        ConnectionReconciler.Schedule(outcome, state);
        syncs.Continue(outcome.Connection);
        state.Told = ToldCondition.Of(entity.Status, ConditionTypes.WebhooksReady) is { } told && told.Reason != Reasons.Progressing.Name ? told : state.Told;
        foreach (var happened in ConnectionEvents.Of(entity.Status, summary.Status, outcome.Applied, state.Told))
        {
            await publish(entity, happened.Reason, happened.Message, happened.Warning ? EventType.Warning : EventType.Normal, cancellationToken);
        }

        if (summary.Inventory is { } content)
        {
            await inventories.FlushAsync(entity, content, cancellationToken);
        }

        return summary.Next.After is { } after
            ? ReconciliationResult<BitbucketConnection>.Success(entity, after)
            : ReconciliationResult<BitbucketConnection>.Failure(
                entity, summary.Status.Conditions.Find(c => c.Type == ConditionTypes.Ready)?.Message ?? Sentences.ReconcileFailed);
    }
}
