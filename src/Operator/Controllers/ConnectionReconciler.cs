using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Controllers;

/// <summary>Observe, plan and apply, for a connection that lives and for one that goes. Knows no cluster: what it needs of one is handed in.</summary>
internal sealed class ConnectionReconciler(
    ConnectionPreparer preparer,
    ConnectionObserver observer,
    ConnectionApplier applier,
    DeliveryObserver deliveries,
    IBitbucketConnector connector,
    TimeProvider clock)
{
    /// <summary>One reconcile over a connection that lives.</summary>
    /// <param name="connection">The resource.</param>
    /// <param name="owner">Whose its webhooks are.</param>
    /// <param name="memory">What earlier reconciles found; brought up to date.</param>
    /// <param name="beforeChanges">Told of the plan before the first change of it is made; not at all where there is none.</param>
    /// <param name="cancellationToken">Stops the reconcile.</param>
    public async Task<ReconcileOutcome> RunAsync(
        Connection connection,
        WebhookOwner owner,
        ConnectionMemory memory,
        Func<ReconcileOutcome, Task> beforeChanges,
        CancellationToken cancellationToken)
    {
        var start = new ConnectionObserved { Now = clock.GetUtcNow(), Owner = owner, Refusal = OwnerRules.Refusal(connection, memory.Conflicting) };
        if (start.Refusal is not null)
        {
            return Plan(connection, start, owner);
        }

        var prepared = await preparer.PrepareAsync(connection, owner, cancellationToken);
        start = prepared.ToObserved(start.Now) with { Owner = owner, Conflicting = memory.Conflicting };
        if (prepared.Targets is not { } targets)
        {
            return Plan(connection, start, owner);
        }

        memory.UseFor(targets);
        try
        {
            using var bitbucket = OpenBitbucket.Open(connector, targets);
            var (observed, levels) = await observer.ObserveAsync(connection, start, bitbucket, memory, cancellationToken);
            memory.Proven = observed is { Account.Succeeded: true, WebhookLoginFault: null } ? targets : memory.Proven;
            var outcome = Plan(connection, observed, owner, levels);
            if (!outcome.WritesNothing)
            {
                await beforeChanges(outcome);
                outcome = outcome with { Applied = memory.Count(await applier.ApplyAsync(outcome.Plan, bitbucket.Webhooks, cancellationToken)) };
            }

            return observed.ReachesWebhooks
                ? await deliveries.ObserveAsync(outcome, owner, memory.Checks, bitbucket.Webhooks, cancellationToken)
                : outcome;
        }
        catch (FaultException e)
        {
            return Plan(connection, start with { Preparation = e.Fault }, owner);
        }
    }

    /// <summary>Removes the webhooks of a connection that goes.</summary>
    public async Task<ReconcileOutcome> CleanUpAsync(
        Connection connection, WebhookOwner owner, ConnectionMemory memory, CancellationToken cancellationToken)
    {
        if (OwnerRules.Refusal(connection, []) is { } refusal)
        {
            return CleanUp(connection, new ConnectionObserved { Now = clock.GetUtcNow(), Refusal = refusal }, ConnectionPlan.Nothing([]), owner);
        }

        var prepared = await preparer.PrepareAsync(connection, owner, cancellationToken);
        var start = prepared.ToObserved(clock.GetUtcNow());

        // A GitOps prune takes the Secrets along with the resource: what worked last serves once more.
        var usable = prepared.Targets is { } read && prepared.WebhookCredential?.Fault is null ? read : memory.Proven;
        if (usable is not { } targets)
        {
            return CleanUp(connection, start, ConnectionPlan.Nothing([]), owner);
        }

        try
        {
            using var bitbucket = OpenBitbucket.Open(connector, targets);
            start = start with
            {
                Preparation = null,
                Credential = targets.Main.Credential,
                WebhookCredential = targets.Webhooks is { } second ? (Outcome<Credential>?)second.Credential : null,
            };
            var observed = await observer.ObserveForCleanupAsync(connection, start, bitbucket, memory, cancellationToken);
            var plan = ConnectionPlanner.PlanCleanup(connection, observed, owner);
            var applied = await applier.ApplyAsync(plan, bitbucket.Webhooks, cancellationToken);
            return CleanUp(connection, observed, plan, owner) with { Applied = memory.Count(applied) };
        }
        catch (FaultException e)
        {
            return CleanUp(connection, start with { Preparation = e.Fault }, ConnectionPlan.Nothing([]), owner);
        }
    }

    private static ReconcileOutcome Plan(Connection connection, ConnectionObserved observed, WebhookOwner owner, WebhookLevels? levels = null)
    {
        levels ??= WebhookLevels.Expect(connection, observed, observed.Remembered);
        return Outcome(connection, observed, levels, ConnectionPlanner.Plan(connection, observed, levels, owner), owner);
    }

    private static ReconcileOutcome Outcome(
        Connection connection, ConnectionObserved observed, WebhookLevels levels, ConnectionPlan plan, WebhookOwner owner) =>
        new(connection, observed, levels, plan, [])
        {
            DesiredFingerprint = DesiredWebhook.Fingerprint(observed.Desired),
            OwnerId = observed.Refusal is null ? owner.Id : null,
        };

    // A connection that goes decides no levels: its webhooks go wherever they are.
    private static ReconcileOutcome CleanUp(Connection connection, ConnectionObserved observed, ConnectionPlan plan, WebhookOwner owner) =>
        Outcome(connection, observed, WebhookLevels.Expect(connection, observed, observed.Remembered), plan, owner);
}
