using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime;

/// <summary>
/// The watched objects as last seen. What it hands out is shared: do not change it. An object we wrote ourselves is taken
/// in at once by <see cref="Assume(TEntity)"/>, so that no pass acts on an older state than we wrote.
/// </summary>
public sealed class EntityStore<TEntity> : IReflectorSink<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EntityKey, Entry> _entries = [];

    /// <summary>Called for each change, in order, within the store's lock: must be quick and not call the store.</summary>
    internal Action<StoreChange<TEntity>>? Changed { get; set; }

    /// <summary>Number of objects.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>The object, or null when there is none.</summary>
    public TEntity? Get(EntityKey key)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(key, out var entry) ? entry.Entity : null;
        }
    }

    /// <summary>All objects, in no order.</summary>
    public IReadOnlyList<TEntity> List()
    {
        lock (_gate)
        {
            return [.. _entries.Values.Select(e => e.Entity)];
        }
    }

    /// <summary>
    /// Takes in an object as the API server returned it from a write or a live read, if it is newer than what is held.
    /// Unknown and replaced objects (another uid) are left to the watch.
    /// </summary>
    public void Assume(TEntity entity) => Assume(entity, basedOn: null);

    /// <summary>
    /// The same for an object that differs from version <paramref name="basedOn"/> by our own write alone: if that is the
    /// version held, the change is no reason for another pass.
    /// </summary>
    internal void Assume(TEntity entity, string? basedOn)
    {
        entity.Metadata.ManagedFields = null;
        var key = EntityKey.Of(entity);
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var held)
                || held.Entity.Metadata.Uid != entity.Metadata.Uid
                || !ResourceVersion.IsNewer(entity.Metadata.ResourceVersion, held.Entity.Metadata.ResourceVersion))
            {
                return;
            }

            var own = basedOn is not null && held.Entity.Metadata.ResourceVersion == basedOn;
            _entries[key] = new Entry(entity, Assumed: true);
            Changed?.Invoke(new(key, held.Entity, entity, own));
        }
    }

    void IReflectorSink<TEntity>.Replace(
        string? scope, IReadOnlyList<TEntity> items, IReadOnlySet<EntityKey> unreadable, string resourceVersion)
    {
        lock (_gate)
        {
            var listed = new HashSet<EntityKey>(unreadable);
            foreach (var item in items)
            {
                listed.Add(EntityKey.Of(item));
                Put(item, replaceAssumed: resourceVersion);
            }

            foreach (var key in _entries.Keys.Where(k => InScope(k, scope) && !listed.Contains(k)).ToList())
            {
                Drop(key);
            }
        }
    }

    void IReflectorSink<TEntity>.Upsert(TEntity item)
    {
        lock (_gate)
        {
            Put(item, replaceAssumed: item.Metadata.ResourceVersion);
        }
    }

    void IReflectorSink<TEntity>.Remove(EntityKey key)
    {
        lock (_gate)
        {
            Drop(key);
        }
    }

    private static bool InScope(EntityKey key, string? scope) => scope is null || key.Namespace == scope;

    private void Put(TEntity item, string? replaceAssumed)
    {
        // Managed fields are half of many objects and nobody here reads them.
        item.Metadata.ManagedFields = null;
        var key = EntityKey.Of(item);
        var held = _entries.GetValueOrDefault(key);
        if (held is { Assumed: true }
            && held.Entity.Metadata.Uid == item.Metadata.Uid
            && ResourceVersion.IsNewer(held.Entity.Metadata.ResourceVersion, replaceAssumed))
        {
            return;
        }

        if (held is not null && held.Entity.Metadata.Uid != item.Metadata.Uid)
        {
            Drop(key);
            held = null;
        }

        _entries[key] = new Entry(item, Assumed: false);
        Changed?.Invoke(new(key, held?.Entity, item, Own: false));
    }

    private void Drop(EntityKey key)
    {
        if (_entries.Remove(key, out var held))
        {
            Changed?.Invoke(new(key, held.Entity, null, Own: false));
        }
    }

    private sealed record Entry(TEntity Entity, bool Assumed);
}

/// <summary>An object appeared (Before null), went (After null) or changed; Own: by our own write and nothing else.</summary>
internal readonly record struct StoreChange<TEntity>(EntityKey Key, TEntity? Before, TEntity? After, bool Own)
    where TEntity : class;
