using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Model;

/// <summary>All that the runtime must know of a kind, so that nothing is found out by reflection.</summary>
/// <param name="Group">API group, e.g. <c>example.com</c>; empty for the core group.</param>
/// <param name="Version">API version, e.g. <c>v1</c>.</param>
/// <param name="Plural">Plural name as it stands in URLs.</param>
/// <param name="Kind">Kind as it stands in manifests.</param>
/// <param name="TypeInfo">How the kind is read and written (source generated, camel case, nulls left out).</param>
public sealed record EntityDefinition<TEntity>(
    string Group, string Version, string Plural, string Kind, JsonTypeInfo<TEntity> TypeInfo)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Whether objects live in namespaces. Default true.</summary>
    public bool Namespaced { get; init; } = true;

    /// <summary>
    /// JSON pointers below <c>status</c> (e.g. <c>/checks/lastRun</c>) whose difference alone does not justify a write.
    /// They are written along when something else differs. Default none.
    /// </summary>
    public IReadOnlyList<string> InsignificantStatusPaths { get; init; } = [];

    /// <summary><c>group/version</c>, or the version alone in the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    internal string CollectionPath(string? ns) =>
        ResourcePath.Collection(Group, Version, Namespaced ? ns : null, Plural);

    internal string ObjectPath(EntityKey key) => $"{CollectionPath(key.Namespace)}/{Uri.EscapeDataString(key.Name)}";

    internal JsonObject ToNode(TEntity entity) =>
        JsonSerializer.SerializeToNode(WithoutManagedFields(entity), TypeInfo) as JsonObject
        ?? throw new InvalidOperationException($"A {Kind} is not written as a JSON object.");

    /// <summary>A copy that shares nothing with the original.</summary>
    internal TEntity Copy(TEntity entity) =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(WithoutManagedFields(entity), TypeInfo), TypeInfo)
        ?? throw new InvalidOperationException($"A {Kind} is not read back from its own JSON.");

    // Nobody here reads them, they are half of many objects, and source-generated JSON cannot write their free form.
    internal static TEntity WithoutManagedFields(TEntity entity)
    {
        entity.Metadata.ManagedFields = null;
        return entity;
    }
}
