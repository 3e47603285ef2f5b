using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Patching;

namespace BitbucketOperator.Controllers;

/// <summary>Removes the webhooks of a connection that is being deleted, for as long as it takes, unless somebody says otherwise.</summary>
internal sealed class BitbucketConnectionFinalizer(
    ConnectionReconciler reconciler,
    ConnectionStates states,
    ISyncs syncs,
    OwnerIndex owners,
    Estates estates,
    IInventories inventories,
    IStatusWriter<BitbucketConnection> statuses,
    EventPublisher publish,
    FailureReporter failures,
    TimeProvider clock) : IEntityFinalizer<BitbucketConnection>
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    public Task<ReconciliationResult<BitbucketConnection>> FinalizeAsync(BitbucketConnection entity, CancellationToken cancellationToken) =>
        failures.ReportAsync(entity, () => RunAsync(entity, cancellationToken), cancellationToken);

    private async Task<ReconciliationResult<BitbucketConnection>> RunAsync(BitbucketConnection entity, CancellationToken cancellationToken)
    {
        var connection = entity.ToModel();
        if (connection.Known.ManagedIn.Count == 0)
        {
            return ReconciliationResult<BitbucketConnection>.Success(entity);
        }

        if (WhyRetain(connection) is { } why)
        {
            return await RetainAsync(entity, why, cancellationToken);
        }

        var state = states.Of(connection.Uid);
        var owner = await owners.OwnerOfAsync(connection, cancellationToken);
        if (estates.SuccessorOf(connection, owner) is not { } successor)
        {
            return await CleanUpAsync(entity, connection, owner, state, cancellationToken);
        }

        if (OwnerRules.WithOwnId(connection, owner.Id) is { } itself)
        {
            return await CleanUpAsync(entity, itself, await owners.OwnerOfAsync(itself, cancellationToken), state, cancellationToken);
        }

        state.Suspend();
        return estates.Leave(connection, successor)
            ? await RetainAsync(entity, Sentences.SuccessorHasThem(successor.Name), cancellationToken)
            : await WaitAsync(entity, connection, Sentences.WebhooksRetained(Sentences.SuccessorHasThem(successor.Name)), Moment, cancellationToken);
    }

    private async Task<ReconciliationResult<BitbucketConnection>> CleanUpAsync(
        BitbucketConnection entity, Connection connection, WebhookOwner owner, ConnectionState state, CancellationToken cancellationToken)
    {
        connection = await inventories.RecallAsync(entity, connection, state, cancellationToken);
        var outcome = await reconciler.CleanUpAsync(connection, owner, state, cancellationToken);
        state.RemovedInCleanup += outcome.Applied.Count(a => a is { Fault: null, Change.Kind: ChangeKind.Remove });
        var summary = CleanupSummary.Of(outcome, state.RemovedInCleanup, entity.Status);
        if (summary.Done)
        {
            await publish(entity, ConnectionEvents.WebhooksRemoved, summary.Message, EventType.Normal, cancellationToken);
            return ReconciliationResult<BitbucketConnection>.Success(entity);
        }

        // Who replaces resources may delete the old one first.
        if (!summary.IsBlocked && Moment - LeavingFor(entity, state) is var left && left > TimeSpan.Zero)
        {
            state.Sync.Stop();
            return await WaitAsync(entity, connection, Sentences.WaitsForSuccessor, left, cancellationToken, outcome);
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

    // By the API server's clock or by ours, whichever is longer: they may differ.
    private TimeSpan LeavingFor(BitbucketConnection entity, ConnectionState state)
    {
        var now = clock.GetUtcNow();
        var (sinceDeleted, sinceSeen) = (now.UtcDateTime - entity.Metadata.DeletionTimestamp!.Value.ToUniversalTime(), now - (state.LeavingSince ??= now));
        return sinceDeleted > sinceSeen ? sinceDeleted : sinceSeen;
    }

    private async Task<ReconciliationResult<BitbucketConnection>> RetainAsync(BitbucketConnection entity, string why, CancellationToken cancellationToken)
    {
        await publish(entity, ConnectionEvents.WebhooksRetained, Sentences.WebhooksRetained(why), EventType.Normal, cancellationToken);
        return ReconciliationResult<BitbucketConnection>.Success(entity);
    }

    private async Task<ReconciliationResult<BitbucketConnection>> WaitAsync(
        BitbucketConnection entity, Connection connection, string message, TimeSpan time, CancellationToken cancellationToken,
        ReconcileOutcome? outcome = null)
    {
        var summary = CleanupSummary.Waiting(connection, message, entity.Status, clock.GetUtcNow(), outcome);
        await statuses.PatchAsync(entity, c => c.Status = summary.Status, cancellationToken);
        return ReconciliationResult<BitbucketConnection>.Failure(entity, message, requeueAfter: time);
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
