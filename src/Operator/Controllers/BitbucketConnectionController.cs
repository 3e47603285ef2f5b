using BitbucketOperator.Core;
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
[EntityRbac("", ["namespaces"], ["get"], ResourceNames = ["kube-system"], Scope = RbacScope.Cluster,
    Reason = "Its UID tells this cluster from others that manage webhooks on the same Bitbucket; not needed with --cluster-name")]
internal sealed class BitbucketConnectionController(
    ConnectionPreparer preparer,
    ConnectionObserver observer,
    ConnectionApplier applier,
    ConnectionMemories memories,
    ClusterIdentity cluster,
    IBitbucketConnector connector,
    StatusPatcher<BitbucketConnection> statuses,
    EventPublisher publish,
    TimeProvider clock) : IEntityController<BitbucketConnection>
{
    public async Task<ReconciliationResult<BitbucketConnection>> ReconcileAsync(BitbucketConnection entity, CancellationToken cancellationToken)
    {
        if (entity.Spec.Suspend)
        {
            var suspended = ConnectionSummary.Suspended(entity, clock.GetUtcNow());
            return ReconciliationResult<BitbucketConnection>.Success(entity) with
            {
                StatusWritten = await statuses.PatchAsync(entity, c => c.Status = suspended, cancellationToken),
            };
        }

        var memory = memories.Of(entity.Metadata.Uid);
        var owner = await cluster.OwnerOfAsync(entity.Metadata.NamespaceProperty, entity.Metadata.Name, cancellationToken);
        var prepared = await preparer.PrepareAsync(entity, owner, cancellationToken);
        var pass = await PassAsync(entity, prepared, owner, memory, cancellationToken);
        return await FinishAsync(pass, memory, cancellationToken);
    }

    public Task<ReconciliationResult<BitbucketConnection>> DeletedAsync(BitbucketConnection entity, CancellationToken cancellationToken)
    {
        memories.Forget(entity.Metadata.Uid);
        return Task.FromResult(ReconciliationResult<BitbucketConnection>.Success(entity));
    }

    private async Task<ConnectionPass> PassAsync(
        BitbucketConnection connection, PreparedConnection prepared, WebhookOwner owner, ConnectionMemory memory, CancellationToken cancellationToken)
    {
        var start = prepared.ToObserved(clock.GetUtcNow());
        if (prepared.Target is not { } target)
        {
            return Pass(connection, start, owner);
        }

        if (memory.Refused is { } refused && refused.Target == target && target.Credential is Credential.Basic)
        {
            return Pass(connection, start with { Server = refused.Server, Account = refused.Fault }, owner);
        }

        try
        {
            using var bitbucket = connector.Connect(target);
            var observed = await observer.ObserveAsync(connection, start, bitbucket, ChecksFor(connection, memory), cancellationToken);
            Remember(memory, target, observed);
            return await ApplyAsync(Pass(connection, observed, owner), bitbucket, cancellationToken);
        }
        catch (FaultException e)
        {
            return Pass(connection, start with { Preparation = e.Fault }, owner);
        }
    }

    private async Task<ConnectionPass> ApplyAsync(ConnectionPass pass, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        if (!pass.Plan.Changes.Any())
        {
            return pass;
        }

        // Where webhooks will be is on record before the first is made: whatever happens now, clean-up knows where to look.
        if (pass.Plan.ManagedBefore.Except(pass.Connection.Status?.Webhooks?.ManagedIn ?? [], StringComparer.OrdinalIgnoreCase).Any())
        {
            var progress = ConnectionSummary.InProgress(pass);
            await statuses.PatchAsync(pass.Connection, c => c.Status = progress, cancellationToken);
        }

        return pass with { Applied = await applier.ApplyAsync(pass.Plan, bitbucket, cancellationToken) };
    }

    private async Task<ReconciliationResult<BitbucketConnection>> FinishAsync(
        ConnectionPass pass, ConnectionMemory memory, CancellationToken cancellationToken)
    {
        var connection = pass.Connection;
        var summary = ConnectionSummary.Of(pass);
        if (pass.Observed.Inventory is { IsUsable: true })
        {
            memory.Checks = summary.Checks;
        }

        var written = await statuses.PatchAsync(connection, c => c.Status = summary.Status, cancellationToken);
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

    private static ConnectionPass Pass(BitbucketConnection connection, ConnectionObserved observed, WebhookOwner owner) =>
        new(connection, observed, ConnectionPlanner.Plan(connection, observed, owner), [])
        {
            DesiredFingerprint = VisitSchedule.DesiredFingerprint(observed.Desired),
        };

    // A person who asks for a pass wants everything looked at.
    private static IReadOnlyDictionary<string, RepositoryCheck> ChecksFor(BitbucketConnection connection, ConnectionMemory memory) =>
        ConnectionSummary.RequestedAt(connection) is { } requested && requested != connection.Status?.LastHandledReconcileAt
            ? new Dictionary<string, RepositoryCheck>(StringComparer.Ordinal)
            : memory.Checks;

    private static void Remember(ConnectionMemory memory, ConnectionTarget target, ConnectionObserved observed)
    {
        if (observed is not { Server: { } server, Account: { } account })
        {
            return;
        }

        memory.Proven = account.Succeeded ? target : memory.Proven;
        memory.Refused = account.Fault is { } fault && (fault.Reason == Reasons.CredentialRejected || fault.Reason == Reasons.CaptchaRequired)
            ? new RefusedLogin(target, server, fault)
            : null;
    }
}
