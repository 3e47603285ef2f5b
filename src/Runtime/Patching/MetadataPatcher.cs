using System.Text.Json.Nodes;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Model;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Patching;

/// <summary>Writes finalizers and annotations, guarded as status is, and only where something changes.</summary>
public sealed class MetadataPatcher<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly GuardedWriter<TEntity> _writer;

    internal MetadataPatcher(EntityDefinition<TEntity> definition, EntityStore<TEntity> store, KubernetesApi api) =>
        _writer = new(definition, store, api);

    /// <summary>Adds the finalizers that are missing. Returns the newest state; null when the object is gone.</summary>
    public async Task<TEntity?> AddFinalizersAsync(
        TEntity observed, IReadOnlyCollection<string> finalizers, CancellationToken cancellationToken)
    {
        var result = await _writer.WriteAsync(
            observed,
            subresource: null,
            current => FinalizersPatch(current, [.. FinalizersOf(current).Union(finalizers, StringComparer.Ordinal)]),
            cancellationToken);
        return result.Entity;
    }

    /// <summary>Removes one finalizer wherever it stands and leaves the others. Null when the object is gone.</summary>
    public async Task<TEntity?> RemoveFinalizerAsync(TEntity observed, string finalizer, CancellationToken cancellationToken)
    {
        var result = await _writer.WriteAsync(
            observed,
            subresource: null,
            current => FinalizersPatch(current, [.. FinalizersOf(current).Where(f => f != finalizer)]),
            cancellationToken);
        return result.Entity;
    }

    /// <summary>Sets an annotation, or removes it when <paramref name="value"/> is null. Null when the object is gone.</summary>
    public async Task<TEntity?> SetAnnotationAsync(
        TEntity observed, string name, string? value, CancellationToken cancellationToken)
    {
        var result = await _writer.WriteAsync(
            observed, subresource: null, current => AnnotationPatch(current, name, value), cancellationToken);
        return result.Entity;
    }

    private static IEnumerable<string> FinalizersOf(TEntity entity) => entity.Metadata.Finalizers ?? [];

    private static JsonObject? FinalizersPatch(TEntity current, string[] wanted)
    {
        if (FinalizersOf(current).SequenceEqual(wanted, StringComparer.Ordinal))
        {
            return null;
        }

        var list = new JsonArray([.. wanted.Select(f => (JsonNode)JsonValue.Create(f))]);
        return new() { ["metadata"] = new JsonObject { ["finalizers"] = list } };
    }

    private static JsonObject? AnnotationPatch(TEntity current, string name, string? value)
    {
        var present = current.Metadata.Annotations?.TryGetValue(name, out var held) == true ? held : null;
        return present == value
            ? null
            : new() { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [name] = value } } };
    }
}
