using System.Collections.Concurrent;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Model;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Patching;

/// <summary>Writes the status of objects: only where it differs, never over another writer's change.</summary>
public sealed class StatusPatcher<TEntity> : IStatusWriter<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly EntityDefinition<TEntity> _definition;
    private readonly GuardedWriter<TEntity> _writer;
    private readonly ConcurrentDictionary<EntityKey, TEntity> _written = new();

    internal StatusPatcher(EntityDefinition<TEntity> definition, EntityStore<TEntity> store, KubernetesApi api)
    {
        _definition = definition;
        _writer = new(definition, store, api);
    }

    /// <summary>
    /// Lets <paramref name="change"/> set the status on a copy of the newest known state and writes the difference as a
    /// merge patch of the status subresource. When others changed metadata alone meanwhile, <paramref name="change"/> is called
    /// again, so it must depend on its argument and on values alone; only what it does to the status counts.
    /// </summary>
    /// <returns>True when something was written; false when nothing differed, or the object is gone or was replaced.</returns>
    /// <exception cref="KubernetesApiException">The server refused, or others changed spec or status meanwhile (409).</exception>
    public async Task<bool> PatchAsync(TEntity observed, Action<TEntity> change, CancellationToken cancellationToken)
    {
        // What was written earlier in the same reconcile is not a change by others.
        var key = EntityKey.Of(observed);
        var basis = _written.TryGetValue(key, out var own) && own.Metadata.Uid == observed.Metadata.Uid ? own : observed;
        var result = await _writer.WriteAsync(
            observed, "status", current => StatusPatch.Of(_definition, current, change), cancellationToken, basis);
        if (result is { Written: true, Entity: { } written })
        {
            _written[key] = written;
        }

        return result.Written;
    }

    /// <summary>Whether the object's status was written since the last call; taken at the end of each reconcile.</summary>
    internal bool TakeWritten(EntityKey key) => _written.TryRemove(key, out _);
}
