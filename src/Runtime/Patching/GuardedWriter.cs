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
/// the patch). Where another writer was faster, the object is read again and the patch computed again; but not that of a status
/// when spec or status have changed: it was computed from what is not so any more.
/// </summary>
internal sealed class GuardedWriter<TEntity>(
    EntityDefinition<TEntity> definition, EntityStore<TEntity> store, KubernetesApi api)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private const int MaxAttempts = 5;

    /// <summary>
    /// Patches the object, or its <paramref name="subresource"/>, with what <paramref name="patchOf"/> makes of its newest
    /// state; a null patch means there is nothing to write. An object that is gone or was replaced is left alone quietly.
    /// Throws the conflict when a status is outdated, or other writers win five times in a row.
    /// </summary>
    /// <param name="observed">The state that the patch is made for.</param>
    /// <param name="subresource">Status, or null for the object itself.</param>
    /// <param name="patchOf">Makes the patch.</param>
    /// <param name="cancellationToken">Ends the wait for the server.</param>
    /// <param name="basis">The state whose status the patch depends on; null when it depends on none.</param>
    public async Task<WriteResult<TEntity>> WriteAsync(
        TEntity observed,
        string? subresource,
        Func<TEntity, JsonObject?> patchOf,
        CancellationToken cancellationToken,
        TEntity? basis = null)
    {
        var key = EntityKey.Of(observed);
        var current = Newest(key, observed);
        if (basis is not null && basis.Metadata.ResourceVersion != current.Metadata.ResourceVersion && !HaveSameStatus(basis, current))
        {
            throw new KubernetesApiException(HttpStatusCode.Conflict, "Conflict", $"Another writer changed the status of {key}");
        }

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
                if (basis is not null && live?.Metadata.Uid == observed.Metadata.Uid && IsOutdated(current, live))
                {
                    throw;
                }

                current = live;
            }
        }
    }

    // A foreign uid is answered with 409 or, by validation, with 422.
    private static bool IsOutdated(KubernetesApiException e) =>
        e.IsConflict || e.StatusCode == HttpStatusCode.UnprocessableEntity;

    private bool IsOutdated(TEntity basis, TEntity live) =>
        EntityChange.Outdates(basis, live) || !HaveSameStatus(basis, live);

    private bool HaveSameStatus(TEntity a, TEntity b) => JsonNode.DeepEquals(definition.ToNode(a)["status"], definition.ToNode(b)["status"]);

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
