using System.Net;
using System.Text.Json.Nodes;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Model;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Patching;

/// <summary>How a guarded write ended; Entity is the newest state known, null when the object is gone.</summary>
internal readonly record struct WriteResult<TEntity>(TEntity? Entity, bool Written)
    where TEntity : class;

/// <summary>
/// Merge patches that apply to exactly the object and version they were computed from (uid and resourceVersion are part of
/// the patch). Where another writer was faster, the object is read again and the patch computed anew.
/// </summary>
internal sealed class GuardedWriter<TEntity>(
    EntityDefinition<TEntity> definition, EntityStore<TEntity> store, KubernetesApi api)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private const int MaxAttempts = 5;

    /// <summary>
    /// Patches the object, or its <paramref name="subresource"/>, with what <paramref name="patchOf"/> makes of its newest
    /// state; a null patch means there is nothing to write. An object that is gone or was replaced is left alone quietly.
    /// Throws the conflict when other writers win five times in a row.
    /// </summary>
    public async Task<WriteResult<TEntity>> WriteAsync(
        TEntity observed, string? subresource, Func<TEntity, JsonObject?> patchOf, CancellationToken cancellationToken)
    {
        var key = EntityKey.Of(observed);
        var current = Newest(key, observed);
        for (var attempt = 1; ; attempt++)
        {
            if (current is null || current.Metadata.Uid != observed.Metadata.Uid)
            {
                return default;
            }

            if (patchOf(current) is not { } patch)
            {
                return new(current, Written: false);
            }

            try
            {
                return await PatchAsync(key, current, subresource, patch, cancellationToken);
            }
            catch (KubernetesApiException e) when (e.IsNotFound)
            {
                return default;
            }
            catch (KubernetesApiException e) when (IsOutdated(e) && attempt < MaxAttempts)
            {
                var live = await api.FindAsync(definition.ObjectPath(key), definition.TypeInfo, cancellationToken);
                if (e.StatusCode == HttpStatusCode.UnprocessableEntity && live?.Metadata.Uid == observed.Metadata.Uid)
                {
                    throw;
                }

                Assume(live);
                current = live;
            }
        }
    }

    // A foreign uid is answered with 409 or, by validation, with 422.
    private static bool IsOutdated(KubernetesApiException e) =>
        e.IsConflict || e.StatusCode == HttpStatusCode.UnprocessableEntity;

    private async Task<WriteResult<TEntity>> PatchAsync(
        EntityKey key, TEntity current, string? subresource, JsonObject patch, CancellationToken cancellationToken)
    {
        var metadata = patch["metadata"] as JsonObject ?? [];
        metadata["uid"] = current.Metadata.Uid;
        metadata["resourceVersion"] = current.Metadata.ResourceVersion;
        patch["metadata"] = metadata;
        var path = definition.ObjectPath(key) + (subresource is null ? "" : $"/{subresource}");
        using var write = store.BeginWrite(key);
        var written = await api.MergePatchAsync(path, patch, definition.TypeInfo, cancellationToken);
        write.Succeeded(written, basedOn: current.Metadata.ResourceVersion);
        return new(written, Written: true);
    }

    private TEntity Newest(EntityKey key, TEntity observed)
    {
        var held = store.Get(key);
        return held is not null
            && held.Metadata.Uid == observed.Metadata.Uid
            && ResourceVersion.Compare(held.Metadata.ResourceVersion, observed.Metadata.ResourceVersion) >= 0
                ? held
                : observed;
    }

    private void Assume(TEntity? live)
    {
        if (live is not null)
        {
            store.Assume(live);
        }
    }
}
