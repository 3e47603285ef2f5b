using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;
using BitbucketOperator.Runtime;

namespace BitbucketOperator.Controllers;

/// <summary>One pass over a connection: gate, observe, plan, apply, summarise, patch. Decides nothing itself; Core does.</summary>
[EntityRbac(BitbucketConnection.Group, [BitbucketConnection.Plural], ["get", "list", "watch", "patch"],
    Reason = "Reads connections, and puts the finalizer on them and takes it off")]
[EntityRbac(BitbucketConnection.Group, [BitbucketConnection.Plural + "/status"], ["patch"], Reason = "Reports what was found")]
[EntityRbac("", ["secrets", "configmaps"], ["get"], Reason = "Reads the objects that a connection names: credentials, webhook secrets, CA bundles")]
[EntityRbac("", ["secrets"], ["create"], Reason = "Makes the Secret of a webhook with generateSecret; works without where such Secrets exist already")]
[EntityRbac("", ["namespaces"], ["get"], ResourceNames = ["kube-system"], Scope = RbacScope.Cluster,
    Reason = "Its UID tells this cluster from others that manage webhooks on the same Bitbucket; not needed with --cluster-name")]
internal sealed class BitbucketConnectionController(
    ConnectionPasses passes,
    ConnectionMemories memories,
    ClusterIdentity cluster,
    Competition competition,
    StatusPatcher<BitbucketConnection> statuses,
    EventPublisher publish,
    TimeProvider clock) : IEntityController<BitbucketConnection>
{
    public async Task<ReconciliationResult<BitbucketConnection>> ReconcileAsync(BitbucketConnection entity, CancellationToken cancellationToken)
    {
        var memory = memories.Of(entity.Metadata.Uid);
        var before = memory.Rivals;
        memory.Rivals = await competition.RivalsOfAsync(entity, cancellationToken);
        if (entity.Spec.Suspend)
        {
            var suspended = ConnectionSummary.Suspended(entity, clock.GetUtcNow());
            if (entity.Status?.ObservedGeneration != suspended.ObservedGeneration)
            {
                competition.Wake(memory.Rivals.Concat(before));
            }

            return ReconciliationResult<BitbucketConnection>.Success(entity) with
            {
                StatusWritten = await statuses.PatchAsync(entity, c => c.Status = suspended, cancellationToken),
            };
        }

        var owner = await cluster.OwnerOfAsync(entity, cancellationToken);
        var pass = await passes.RunAsync(entity, owner, memory, planned => RecordPlacesAsync(planned, cancellationToken), cancellationToken);
        return await FinishAsync(pass, memory, before, cancellationToken);
    }

    public async Task<ReconciliationResult<BitbucketConnection>> DeletedAsync(BitbucketConnection entity, CancellationToken cancellationToken)
    {
        competition.Wake(memories.Of(entity.Metadata.Uid).Rivals.Concat(await competition.RivalsOfAsync(entity, cancellationToken)));
        memories.Forget(entity.Metadata.Uid);
        return ReconciliationResult<BitbucketConnection>.Success(entity);
    }

    // Where webhooks will be is on record before the first is made: whatever happens then, clean-up knows where to look.
    private async Task RecordPlacesAsync(ConnectionPass pass, CancellationToken cancellationToken)
    {
        if (pass.Plan.ManagedBefore.Except(pass.Connection.Status?.Webhooks?.ManagedIn ?? [], StringComparer.OrdinalIgnoreCase).Any())
        {
            var progress = ConnectionSummary.InProgress(pass);
            await statuses.PatchAsync(pass.Connection, c => c.Status = progress, cancellationToken);
        }
    }

    private async Task<ReconciliationResult<BitbucketConnection>> FinishAsync(
        ConnectionPass pass, ConnectionMemory memory, IEnumerable<Rival> rivalsBefore, CancellationToken cancellationToken)
    {
        var connection = pass.Connection;
        var summary = ConnectionSummary.Of(pass);
        if (pass.Observed.ReachesWebhooks)
        {
            memory.Checks = summary.Checks;
        }

        bool written;
        try
        {
            written = await statuses.PatchAsync(connection, c => c.Status = summary.Status, cancellationToken);
        }
        finally
        {
            // After the status, which they look at; and although it could not be written, for the webhooks are changed.
            competition.Tell(pass, summary.Status, rivalsBefore);
        }

        foreach (var happened in ConnectionEvents.Of(connection.Status, summary.Status, pass.Applied))
        {
            await publish(connection, happened.Reason, happened.Message, happened.Warning ? EventType.Warning : EventType.Normal, cancellationToken);
        }

        var result = summary.Next.After is { } after
            ? ReconciliationResult<BitbucketConnection>.Success(connection, after)
            : ReconciliationResult<BitbucketConnection>.Failure(
                connection, summary.Status.Conditions.Find(c => c.Type == ConditionTypes.Ready)?.Message ?? "the pass failed");
        return result with { StatusWritten = written };
    }
}
