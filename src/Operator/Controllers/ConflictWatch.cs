using System.Runtime.CompilerServices;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Queue;

namespace BitbucketOperator.Controllers;

/// <summary>All connections that this process knows: those that it watches, or something that stands for them.</summary>
internal interface IConnections
{
    /// <summary>Each of them, with its status. Shared: not to be changed.</summary>
    IReadOnlyCollection<BitbucketConnection> List();

    /// <summary>Has one reconciled as soon as a worker is free.</summary>
    void Enqueue(EntityKey key);

    /// <summary>Has one reconciled within seconds: several wishes become one reconcile.</summary>
    void EnqueueSoon(EntityKey key);
}

/// <summary>The connections of the cluster, as far as this process watches them.</summary>
internal sealed class WatchedConnections(EntityStore<BitbucketConnection> store, EntityQueue<BitbucketConnection> queue) : IConnections
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    public IReadOnlyCollection<BitbucketConnection> List() => store.List();

    public void Enqueue(EntityKey key) => queue.Enqueue(key);

    public void EnqueueSoon(EntityKey key) => queue.EnqueueAfter(key, Soon);
}

/// <summary>The other connections of this cluster that desire the same webhooks, as far as this process watches them.</summary>
internal sealed class ConflictWatch(IConnections connections, ClusterIdentity cluster)
{
    // Every reconcile looks at all connections, and a listed resource never changes.
    private readonly ConditionalWeakTable<BitbucketConnection, Connection> _models = [];

    public async Task<IReadOnlyList<ConflictingConnection>> ConflictsOfAsync(Connection connection, CancellationToken cancellationToken)
    {
        var conflicting = new List<ConflictingConnection>();
        var others = connections.List().Select(o => _models.GetValue(o, r => r.ToModel()));
        foreach (var other in others.Where(o => ConflictingConnection.MayConflict(connection, o)))
        {
            conflicting.Add(new ConflictingConnection((await cluster.OwnerOfAsync(other, cancellationToken)).Id, other));
        }

        return conflicting;
    }

    /// <summary>
    /// Has those reconciled that conflict with a connection, or did until now, after a reconcile that may matter to them: of
    /// another spec, with webhooks in other scopes, or with changes.
    /// </summary>
    public void Tell(ReconcileOutcome outcome, BitbucketConnectionStatus after, IEnumerable<ConflictingConnection> before)
    {
        var known = outcome.Connection.Known;
        var concerns = known.ObservedGeneration != after.ObservedGeneration
            || known.OwnerId != after.OwnerId
            || !known.ManagedIn.SequenceEqual(after.Bookkeeping?.ManagedIn ?? [], StringComparer.Ordinal)
            || outcome.Applied.Any(a => a.Fault is null);
        if (concerns)
        {
            Wake(outcome.Observed.Conflicting.Concat(before));
        }
    }

    /// <summary>Has connections reconciled.</summary>
    public void Wake(IEnumerable<ConflictingConnection> conflicting)
    {
        foreach (var key in conflicting.Select(r => new EntityKey(r.Connection.Namespace, r.Connection.Name)).Distinct())
        {
            connections.Enqueue(key);
        }
    }
}
