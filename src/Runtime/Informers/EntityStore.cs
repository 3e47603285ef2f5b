using BitbucketOperator.Runtime.Model;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Informers;

/// <summary>
/// The watched objects as last seen. What it hands out is shared: do not change it. An object we wrote ourselves is taken
/// in at once by <see cref="Assume(TEntity)"/>, so that no pass acts on an older state than we wrote.
/// </summary>
public sealed class EntityStore<TEntity> : IReflectorSink<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EntityKey, Entry> _entries = [];
    private readonly Dictionary<EntityKey, RunningWrites> _writes = [];

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
    /// Until it is disposed, what the watch brings of the object is held back from <see cref="Changed"/>: it may be our own
    /// write, which the watch often tells of before its answer arrives.
    /// </summary>
    internal OwnWrite BeginWrite(EntityKey key) => new(this, key);

    private void Assume(TEntity entity, string? basedOn)
    {
        EntityDefinition<TEntity>.WithoutManagedFields(entity);
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
            Tell(new(key, held.Entity, entity, own));
        }
    }

    private void Begin(EntityKey key)
    {
        lock (_gate)
        {
            var running = _writes.GetValueOrDefault(key);
            _writes[key] = running with { Count = running.Count + 1 };
        }
    }

    private void End(EntityKey key, TEntity? written, string? basedOn)
    {
        lock (_gate)
        {
            var running = _writes[key];
            if (running.Count > 1)
            {
                _writes[key] = running with { Count = running.Count - 1 };
            }
            else
            {
                _writes.Remove(key);
            }

            if (running.HeldBack is { } change && running.Count == 1)
            {
                var now = _entries.GetValueOrDefault(key)?.Entity;
                var own = written is not null
                    && change.Before?.Metadata.ResourceVersion == basedOn
                    && now?.Metadata.ResourceVersion == written.Metadata.ResourceVersion;
                Changed?.Invoke(change with { After = now, Own = own });
            }

            if (written is not null)
            {
                Assume(written, basedOn);
            }
        }
    }

    // Appearing and going are reported at once; they are never our own doing alone.
    private void Tell(StoreChange<TEntity> change)
    {
        if (_writes.TryGetValue(change.Key, out var running) && change is { Before: not null, After: not null })
        {
            _writes[change.Key] = running with { HeldBack = running.HeldBack ?? change };
            return;
        }

        Changed?.Invoke(change);
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
        EntityDefinition<TEntity>.WithoutManagedFields(item);
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
        Tell(new(key, held?.Entity, item, Own: false));
    }

    private void Drop(EntityKey key)
    {
        if (_entries.Remove(key, out var held))
        {
            Changed?.Invoke(new(key, held.Entity, null, Own: false));
        }
    }

    private sealed record Entry(TEntity Entity, bool Assumed);

    private readonly record struct RunningWrites(int Count, StoreChange<TEntity>? HeldBack);

    /// <summary>A write of ours to one object.</summary>
    internal sealed class OwnWrite : IDisposable
    {
        private readonly EntityStore<TEntity> _store;
        private readonly EntityKey _key;
        private TEntity? _written;
        private string? _basedOn;

        public OwnWrite(EntityStore<TEntity> store, EntityKey key)
        {
            (_store, _key) = (store, key);
            store.Begin(key);
        }

        /// <summary>It succeeded: version <paramref name="basedOn"/> and our change alone made <paramref name="written"/>.</summary>
        public void Succeeded(TEntity written, string? basedOn) => (_written, _basedOn) = (written, basedOn);

        /// <summary>Takes in what was written and tells what was held back, unless it was our own change alone.</summary>
        public void Dispose() => _store.End(_key, _written, _basedOn);
    }
}

/// <summary>An object appeared (Before null), went (After null) or changed; Own: by our own write and nothing else.</summary>
internal readonly record struct StoreChange<TEntity>(EntityKey Key, TEntity? Before, TEntity? After, bool Own)
    where TEntity : class;
