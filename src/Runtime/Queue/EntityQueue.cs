using System.Diagnostics.CodeAnalysis;
using BitbucketOperator.Runtime.Model;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Queue;

/// <summary>The keys of one kind that wait for a worker. Ignored while this process does not lead.</summary>
[SuppressMessage("Naming", "CA1711", Justification = "A queue is what it is, of keys rather than of a collection.")]
public sealed class EntityQueue<TEntity> : IDisposable
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly WorkQueue<EntityKey> _keys;
    private volatile bool _open;

    internal EntityQueue(OperatorOptions options, TimeProvider clock) => _keys = new(options.Workers, key => key.Namespace, clock);

    internal WorkQueue<EntityKey> Keys => _keys;

    /// <summary>Whether this process works on the kind: it leads, and its stores are filled.</summary>
    public bool IsOpen => _open;

    /// <summary>Asks for a pass over the object as soon as a worker is free.</summary>
    public void Enqueue(EntityKey key)
    {
        if (_open)
        {
            _keys.Add(key);
        }
    }

    /// <summary>Asks for a pass before those that nobody waits for: the object was changed, or what it refers to.</summary>
    internal void EnqueueChanged(EntityKey key)
    {
        if (_open)
        {
            _keys.Add(key, isChanged: true);
        }
    }

    /// <summary>Asks for a pass after the delay, unless one is due earlier.</summary>
    public void EnqueueAfter(EntityKey key, TimeSpan delay)
    {
        if (_open)
        {
            _keys.AddAfter(key, delay);
        }
    }

    /// <summary>Stops the timer.</summary>
    public void Dispose() => _keys.Dispose();

    internal void Open() => _open = true;

    internal void Close()
    {
        _open = false;
        _keys.Clear();
    }
}
