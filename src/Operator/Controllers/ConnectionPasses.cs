using BitbucketOperator.Core;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;

namespace BitbucketOperator.Controllers;

/// <summary>Observe, plan and apply, for a connection that lives and for one that goes. Knows no cluster: what it needs of one is handed in.</summary>
internal sealed class ConnectionPasses(
    ConnectionPreparer preparer, ConnectionObserver observer, ConnectionApplier applier, DeliveryObserver deliveries, IBitbucketConnector connector, TimeProvider clock)
{
    /// <summary>One pass over a connection that lives.</summary>
    /// <param name="connection">The resource.</param>
    /// <param name="owner">Whose its webhooks are.</param>
    /// <param name="memory">What earlier passes found; brought up to date.</param>
    /// <param name="beforeChanges">Told of the plan before the first change of it is made; not at all where there is none.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    public async Task<ConnectionPass> RunAsync(
        BitbucketConnection connection,
        WebhookOwner owner,
        ConnectionMemory memory,
        Func<ConnectionPass, Task> beforeChanges,
        CancellationToken cancellationToken)
    {
        var start = new ConnectionObserved { Now = clock.GetUtcNow(), Owner = owner, Refusal = ConnectionGate.OwnerRefusal(connection, memory.Rivals) };
        if (start.Refusal is not null)
        {
            return Plan(connection, start, owner);
        }

        var prepared = await preparer.PrepareAsync(connection, owner, cancellationToken);
        start = prepared.ToObserved(start.Now) with { Owner = owner, Rivals = memory.Rivals };
        if (prepared.Targets is not { } targets)
        {
            return Plan(connection, start, owner);
        }

        memory.UseFor(targets);
        try
        {
            using var bitbucket = OpenBitbucket.Open(connector, targets);
            var observed = await observer.ObserveAsync(connection, start, bitbucket, memory, cancellationToken);
            memory.Proven = observed is { Account.Succeeded: true, WebhookLoginFault: null } ? targets : memory.Proven;
            var pass = Plan(connection, observed, owner);
            if (!pass.WritesNothing)
            {
                await beforeChanges(pass);
                pass = pass with { Applied = memory.Count(await applier.ApplyAsync(pass.Plan, bitbucket.Webhooks, cancellationToken)) };
            }

            return observed.ReachesWebhooks
                ? await deliveries.ObserveAsync(pass, owner, memory.Checks, bitbucket.Webhooks, cancellationToken)
                : pass;
        }
        catch (FaultException e)
        {
            return Plan(connection, start with { Preparation = e.Fault }, owner);
        }
    }

    /// <summary>Removes the webhooks of a connection that goes.</summary>
    public async Task<ConnectionPass> CleanUpAsync(
        BitbucketConnection connection, WebhookOwner owner, ConnectionMemory memory, CancellationToken cancellationToken)
    {
        if (ConnectionGate.OwnerRefusal(connection, []) is { } refusal)
        {
            return Pass(connection, new ConnectionObserved { Now = clock.GetUtcNow(), Refusal = refusal }, ConnectionPlan.Nothing([]), owner);
        }

        var prepared = await preparer.PrepareAsync(connection, owner, cancellationToken);
        var start = prepared.ToObserved(clock.GetUtcNow());

        // A GitOps prune takes the Secrets along with the resource: what worked last serves once more.
        var usable = prepared.Targets is { } read && prepared.WebhookCredential?.Fault is null ? read : memory.Proven;
        if (usable is not { } targets)
        {
            return Pass(connection, start, ConnectionPlan.Nothing([]), owner);
        }

        try
        {
            using var bitbucket = OpenBitbucket.Open(connector, targets);
            start = start with { Preparation = null, Credential = targets.Main.Credential, WebhookCredential = targets.Webhooks is { } second ? (Outcome<Credential>?)second.Credential : null };
            var observed = await observer.ObserveForCleanupAsync(connection, start, bitbucket, memory, cancellationToken);
            var plan = ConnectionPlanner.PlanCleanup(connection, observed, owner);
            return Pass(connection, observed, plan, owner) with { Applied = memory.Count(await applier.ApplyAsync(plan, bitbucket.Webhooks, cancellationToken)) };
        }
        catch (FaultException e)
        {
            return Pass(connection, start with { Preparation = e.Fault }, ConnectionPlan.Nothing([]), owner);
        }
    }

    private static ConnectionPass Plan(BitbucketConnection connection, ConnectionObserved observed, WebhookOwner owner) =>
        Pass(connection, observed, ConnectionPlanner.Plan(connection, observed, owner), owner);

    private static ConnectionPass Pass(BitbucketConnection connection, ConnectionObserved observed, ConnectionPlan plan, WebhookOwner owner) =>
        new(connection, observed, plan, [])
        {
            DesiredFingerprint = VisitSchedule.DesiredFingerprint(observed.Desired),
            OwnerId = observed.Refusal is null ? owner.Id : null,
        };
}
