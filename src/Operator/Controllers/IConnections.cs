using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Queue;

namespace BitbucketOperator.Controllers;

/// <summary>Has connections reconciled.</summary>
internal interface IConnections
{
    /// <summary>As soon as a worker is free.</summary>
    void Enqueue(EntityKey key);

    /// <summary>After a delay, unless one is due earlier.</summary>
    void EnqueueAfter(EntityKey key, TimeSpan delay);
}

/// <summary>The connections of the cluster, as far as this process watches them.</summary>
internal sealed class WatchedConnections(EntityQueue<BitbucketConnection> queue) : IConnections
{
    public void Enqueue(EntityKey key) => queue.Enqueue(key);

    public void EnqueueAfter(EntityKey key, TimeSpan delay) => queue.EnqueueAfter(key, delay);
}
