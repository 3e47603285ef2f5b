using k8s.Models;

namespace BitbucketOperator.Runtime.Model;

/// <summary>Names one object of a kind. The namespace is empty for cluster-scoped kinds.</summary>
public readonly record struct EntityKey(string Namespace, string Name)
{
    /// <summary>The key of an object as the API server returned it.</summary>
    public static EntityKey Of(IMetadata<V1ObjectMeta> entity) =>
        new(entity.Metadata.NamespaceProperty ?? "", entity.Metadata.Name);

    /// <summary><c>namespace/name</c>, or the name alone for cluster-scoped objects.</summary>
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}
