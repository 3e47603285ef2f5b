namespace BitbucketOperator.Manifests.Objects;

/// <summary>Namespace and name of an object. A manifest without a namespace is in <see cref="DefaultNamespace"/>.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
public readonly record struct ObjectName(string Namespace, string Name)
{
    /// <summary>The namespace of a manifest that names none.</summary>
    public const string DefaultNamespace = "default";

    /// <summary>namespace/name.</summary>
    public override string ToString() => $"{Namespace}/{Name}";
}
