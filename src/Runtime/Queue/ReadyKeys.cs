namespace BitbucketOperator.Runtime.Queue;

/// <summary>Why a key waits for a worker; the first that applies.</summary>
internal enum KeyClass
{
    /// <summary>A user changed the object, or what it refers to.</summary>
    Changed,

    /// <summary>Its time has come.</summary>
    Regular,

    /// <summary>Its time has come, and a worker was busy with it for long last time.</summary>
    Slow,
}

/// <summary>
/// Keys that wait for a worker, and how many workers are busy with which tenant. Classes share the turns 8 : 4 : 1. Within a class
/// the tenant with the fewest keys in work comes next, of those the one that was served longest ago; within a tenant, first in
/// first out.
/// <para>
/// A quarter of the workers, at least one, is kept free for tenants that have nothing in work: a tenant never gets all. Slow keys
/// of all tenants together get at most half of the workers.
/// </para>
/// Not thread-safe. Each operation costs O(log tenants).
/// </summary>
internal sealed class ReadyKeys<TKey>(int workers, Func<TKey, string> tenantOf)
    where TKey : notnull
{
    private static readonly int[] Weights = [8, 4, 1];
    private readonly int _keptFree = Math.Min(workers - 1, Math.Max(1, workers / 4));
    private readonly int _maxSlow = Math.Max(1, workers / 2);
    private readonly Dictionary<string, Tenant> _tenants = new(StringComparer.Ordinal);
    private readonly Dictionary<TKey, Waiting> _waiting = [];
    private readonly Dictionary<TKey, bool> _slowInWork = [];
    private readonly SortedSet<Tenant>[] _classes = [.. Weights.Select(_ => new SortedSet<Tenant>(Tenant.Order))];
    private readonly int[] _credits = new int[Weights.Length];
    private int _slow;
    private long _turns;

    /// <summary>Keys that wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>The key waits now. One that waits already keeps its place, unless the class is better.</summary>
    public void Add(TKey key, KeyClass keyClass)
    {
        if (_waiting.TryGetValue(key, out var place))
        {
            if (place.Class <= keyClass)
            {
                return;
            }

            Remove(key, place);
        }

        var tenant = TenantOf(key);
        Change(tenant, () => _waiting[key] = new(tenant, keyClass, tenant.Keys[(int)keyClass].AddLast(key)));
    }

    /// <summary>Takes the next key into work; false when none may be taken.</summary>
    public bool TryTake(out TKey key)
    {
        if (NextClass() is not { } next)
        {
            key = default!;
            return false;
        }

        var taken = key = _classes[next].Min!.Keys[next].First!.Value;
        var place = _waiting[taken];
        var isSlow = place.Class == KeyClass.Slow;
        Remove(taken, place, () => (place.Tenant.InWork, place.Tenant.ServedAt) = (place.Tenant.InWork + 1, ++_turns));
        _slowInWork.Add(taken, isSlow);
        _slow += isSlow ? 1 : 0;
        return true;
    }

    /// <summary>Ends the work on a key that was taken.</summary>
    public void Done(TKey key)
    {
        if (_slowInWork.Remove(key, out var isSlow))
        {
            _slow -= isSlow ? 1 : 0;
            var tenant = TenantOf(key);
            Change(tenant, () => tenant.InWork--);
        }
    }

    /// <summary>No key waits any more; those in work stay.</summary>
    public void Clear()
    {
        foreach (var (key, place) in _waiting)
        {
            Remove(key, place);
        }
    }

    // Each class with work gains its weight, and the richest pays for the turn what all gained: shares are exact over a cycle.
    private int? NextClass()
    {
        var (best, sum) = (-1, 0);
        for (var i = 0; i < _classes.Length; i++)
        {
            if (_classes[i].Min is not { } tenant || !MayTake(tenant) || (i == (int)KeyClass.Slow && _slow >= _maxSlow))
            {
                continue;
            }

            sum += Weights[i];
            _credits[i] += Weights[i];
            best = best < 0 || _credits[i] > _credits[best] ? i : best;
        }

        if (best < 0)
        {
            return null;
        }

        _credits[best] -= sum;
        return best;
    }

    private bool MayTake(Tenant tenant) => workers - _slowInWork.Count > (tenant.InWork == 0 ? 0 : _keptFree);

    private Tenant TenantOf(TKey key)
    {
        var name = tenantOf(key);
        return _tenants.TryGetValue(name, out var tenant) ? tenant : _tenants[name] = new Tenant(name) { ServedAt = ++_turns };
    }

    private void Remove(TKey key, Waiting place, Action? also = null)
    {
        _waiting.Remove(key);
        Change(place.Tenant, () =>
        {
            place.Tenant.Keys[(int)place.Class].Remove(place.Node);
            also?.Invoke();
        });
    }

    // The sets are ordered by what changes: it must not change inside.
    private void Change(Tenant tenant, Action change)
    {
        foreach (var tenants in _classes)
        {
            tenants.Remove(tenant);
        }

        change();
        var isEmpty = true;
        for (var i = 0; i < _classes.Length; i++)
        {
            if (tenant.Keys[i].Count > 0)
            {
                _classes[i].Add(tenant);
                isEmpty = false;
            }
        }

        if (isEmpty && tenant.InWork == 0)
        {
            _tenants.Remove(tenant.Name);
        }
    }

    private sealed record Waiting(Tenant Tenant, KeyClass Class, LinkedListNode<TKey> Node);

    private sealed class Tenant(string name)
    {
        public static readonly Comparer<Tenant> Order = Comparer<Tenant>.Create((a, b) => (a.InWork, a.ServedAt).CompareTo((b.InWork, b.ServedAt)));

        public string Name => name;

        public LinkedList<TKey>[] Keys { get; } = [new(), new(), new()];

        public int InWork { get; set; }

        /// <summary>The turn it got last, or came at: different for each.</summary>
        public long ServedAt { get; set; }
    }
}
