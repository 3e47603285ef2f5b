namespace BitbucketOperator.Runtime.Events;

/// <summary>What makes two events the same.</summary>
internal readonly record struct EventIdentity(string ObjectUid, string ObjectName, string Reason, string Message, EventType Type);

/// <summary>An event as it stands in the cluster.</summary>
internal sealed record WrittenEvent(string Namespace, string Name, int Count);

/// <summary>Remembers what was written and how much each object has used up. Not thread-safe: one loop owns it.</summary>
internal sealed class EventCorrelator(TimeProvider clock, int capacity = 4096)
{
    /// <summary>Events an object may have at once.</summary>
    public const int Burst = 25;
    private static readonly TimeSpan RefillEvery = TimeSpan.FromMinutes(5);

    // The API server keeps events for an hour.
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);
    private readonly BoundedCache<EventIdentity, (WrittenEvent Event, long At)> _written = new(capacity);
    private readonly BoundedCache<string, (double Tokens, long At)> _budgets = new(capacity);

    /// <summary>Takes one from the object's budget; false when there is none left.</summary>
    public bool TryTake(string objectUid)
    {
        var now = clock.GetTimestamp();
        var (tokens, at) = _budgets.TryGet(objectUid, out var held) ? held : (Burst, now);
        tokens = Math.Min(Burst, tokens + (clock.GetElapsedTime(at, now) / RefillEvery));
        var granted = tokens >= 1;
        _budgets.Set(objectUid, (granted ? tokens - 1 : tokens, now));
        return granted;
    }

    /// <summary>The same event as written before, if the cluster should still have it.</summary>
    public WrittenEvent? Find(EventIdentity identity) =>
        _written.TryGet(identity, out var held) && clock.GetElapsedTime(held.At) < MaxAge ? held.Event : null;

    public void Remember(EventIdentity identity, WrittenEvent written) =>
        _written.Set(identity, (written, clock.GetTimestamp()));
}

/// <summary>A dictionary that forgets what was not used for longest.</summary>
internal sealed class BoundedCache<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _nodes = [];
    private readonly LinkedList<(TKey Key, TValue Value)> _order = new();

    public int Count => _nodes.Count;

    public bool TryGet(TKey key, out TValue value)
    {
        var found = _nodes.TryGetValue(key, out var node);
        value = node is null ? default! : node.Value.Value;
        return found;
    }

    public void Set(TKey key, TValue value)
    {
        if (_nodes.Remove(key, out var old))
        {
            _order.Remove(old);
        }

        _nodes[key] = _order.AddLast((key, value));
        if (_nodes.Count > capacity && _order.First is { } oldest)
        {
            _order.RemoveFirst();
            _nodes.Remove(oldest.Value.Key);
        }
    }
}
