using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Runtime.Reconcile;

/// <summary>Objects that are gone and whose deletion the controller has not been told yet. Empty while closed.</summary>
internal sealed class Tombstones<TEntity>
    where TEntity : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EntityKey, Queue<TEntity>> _gone = [];
    private bool _open;

    public void Open()
    {
        lock (_gate)
        {
            _open = true;
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _open = false;
            _gone.Clear();
        }
    }

    public void Add(EntityKey key, TEntity? last)
    {
        lock (_gate)
        {
            if (!_open || last is null)
            {
                return;
            }

            if (!_gone.TryGetValue(key, out var queue))
            {
                _gone[key] = queue = new();
            }

            queue.Enqueue(last);
        }
    }

    /// <summary>The oldest that has not been told.</summary>
    public TEntity? Peek(EntityKey key)
    {
        lock (_gate)
        {
            return _gone.TryGetValue(key, out var queue) ? queue.Peek() : null;
        }
    }

    /// <summary>It has been told.</summary>
    public void Remove(EntityKey key, TEntity told)
    {
        lock (_gate)
        {
            if (_gone.TryGetValue(key, out var queue) && ReferenceEquals(queue.Peek(), told))
            {
                queue.Dequeue();
                if (queue.Count == 0)
                {
                    _gone.Remove(key);
                }
            }
        }
    }
}
