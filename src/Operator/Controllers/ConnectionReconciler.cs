using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Validation;

namespace BitbucketOperator.Controllers;

/// <summary>
/// Finds out what is desired of each scope: seconds of work, whatever the size. It reads no webhook and writes none; syncs do,
/// and what they found is in the state. Knows no cluster: what it needs of one is handed in.
/// </summary>
internal sealed class ConnectionReconciler(
    ConnectionPreparer preparer,
    ConnectionObserver observer,
    IBitbucketConnector connector,
    IOwners owners,
    TimeProvider clock)
{
    /// <summary>One reconcile over a connection that lives.</summary>
    /// <param name="connection">The resource.</param>
    /// <param name="owner">Whose its webhooks are.</param>
    /// <param name="state">What is known; brought up to date.</param>
    /// <param name="cancellationToken">Stops the reconcile.</param>
    public async Task<ReconcileOutcome> RunAsync(
        Connection connection, WebhookOwner owner, ConnectionState state, CancellationToken cancellationToken)
    {
        var refusal = AnnotationRules.Refusal(connection) ?? OwnerRules.Refusal(connection, owners);
        var start = new ConnectionObserved { Now = clock.GetUtcNow(), Owner = owner, Refusal = refusal };
        if (start.Refusal is not null)
        {
            return Stopped(connection, start, owner, state);
        }

        var prepared = await preparer.PrepareAsync(connection, owner, cancellationToken);
        start = prepared.ToObserved(start.Now) with { Owner = owner };
        if (prepared.Targets is not { } targets)
        {
            return Stopped(connection, start, owner, state);
        }

        state.UseFor(targets);
        state.Heed(connection.IsRequested ? connection.RequestedAt : null, start.Now);
        state.TakeWoken(start.Now);
        try
        {
            var observed = await observer.ObserveAsync(connection, start, () => OpenBitbucket.Open(connector, targets), state, cancellationToken);
            state.Proven = observed is { Account.Succeeded: true, WebhookLoginFault: null } ? targets : state.Proven;
            var desired = DesiredState.Of(connection, observed, owner);
            Assume(desired, state);
            return Outcome(desired, state);
        }
        catch (FaultException e)
        {
            return Stopped(connection, start with { Preparation = e.Fault }, owner, state);
        }
    }

    /// <summary>One reconcile over a connection that is being deleted: nothing is desired anywhere.</summary>
    public async Task<ReconcileOutcome> CleanUpAsync(
        Connection connection, WebhookOwner owner, ConnectionState state, CancellationToken cancellationToken)
    {
        var start = new ConnectionObserved { Now = clock.GetUtcNow(), Owner = owner, Refusal = OwnerRules.Refusal(connection, owners) };
        if (start.Refusal is not null)
        {
            return StoppedCleanup(connection, start, owner, state);
        }

        var prepared = await preparer.PrepareAsync(connection, owner, cancellationToken);
        start = prepared.ToObserved(start.Now) with { Owner = owner };

        // A GitOps prune takes the Secrets along with the resource: what worked last serves once more.
        var usable = prepared.Targets is { } read && prepared.WebhookCredential?.Fault is null ? read : state.Proven;
        if (usable is not { } targets)
        {
            return StoppedCleanup(connection, start, owner, state);
        }

        state.UseFor(targets);
        state.AssumeNothing();
        start = start with
        {
            Preparation = null,
            Credential = targets.Main.Credential,
            WebhookCredential = targets.Webhooks is { } second ? (Outcome<Credential>?)second.Credential : null,
        };
        try
        {
            var observed = await observer.ObserveAsync(connection, start, () => OpenBitbucket.Open(connector, targets), state, cancellationToken);
            state.Proven = observed is { Account.Succeeded: true, WebhookLoginFault: null } ? targets : state.Proven;
            return Outcome(DesiredState.Nothing(connection, observed, owner), state);
        }
        catch (FaultException e)
        {
            return StoppedCleanup(connection, start with { Preparation = e.Fault }, owner, state);
        }
    }

    /// <summary>Has the syncs go on with what a reconcile found to be desired, once it is on record where webhooks will be.</summary>
    public static void Schedule(ReconcileOutcome outcome, ConnectionState state)
    {
        if (outcome.Observed.ReachesWebhooks && state.Reading is { } reading)
        {
            state.Sync.Continue(outcome.State, reading.Bitbucket, DueDeliveries(outcome, reading), outcome.Observed.Now);
        }
        else
        {
            state.Sync.Stop();
        }
    }

    private static void Assume(DesiredState desired, ConnectionState state)
    {
        if (desired.Observed.ReachesWebhooks)
        {
            foreach (var check in SyncSchedule.Assumed(desired).Where(c => !state.NotFound.ContainsKey(c.Scope.Id)).ToList())
            {
                state.Checks.TryAdd(check.Scope.Id, check);
            }
        }
    }

    // Those that were just changed are tested at once; the others are asked about once for each reading of the server.
    private static IEnumerable<SyncItem> DueDeliveries(ReconcileOutcome outcome, ServerReading reading)
    {
        var (state, now) = (outcome.State, outcome.Observed.Now);
        var known = DeliverySchedule.Known(state, state.Observed.Checks);
        var isTime = !reading.DeliveriesAsked && SyncSchedule.IsSynced(state);
        reading.DeliveriesAsked |= isTime;
        var due = isTime
            ? DeliverySchedule.Due(known, now, state.Connection.Spec.Interval, state.Connection.IsRequested)
            : [.. DeliverySchedule.New(known)];
        return due.GroupBy(t => t.Scope)
            .Where(g => state.Scopes.ContainsKey(g.Key.Id))
            .Select(g => new SyncItem(state.Scopes[g.Key.Id], WorkClass.Verification, now) { Deliveries = [.. g.Select(t => t.Check)] });
    }

    private static ReconcileOutcome Stopped(Connection connection, ConnectionObserved observed, WebhookOwner owner, ConnectionState state) =>
        Outcome(DesiredState.Of(connection, observed, owner), state);

    private static ReconcileOutcome StoppedCleanup(Connection connection, ConnectionObserved observed, WebhookOwner owner, ConnectionState state) =>
        Outcome(DesiredState.Nothing(connection, observed, owner), state);

    private static ReconcileOutcome Outcome(DesiredState desired, ConnectionState state)
    {
        state.Outlook = desired.Observed.ReachesWebhooks && state.Reading is { } reading
            ? reading.Bitbucket.Foresee(desired.Connection.Uid, SyncCost.Workload(desired, reading.Pages))
            : null;
        return new ReconcileOutcome(desired, state.Sync.TakeApplied()) { Outlook = state.Outlook };
    }
}
