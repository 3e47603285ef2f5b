namespace BitbucketOperator.Runtime.Model;

/// <summary>The kinds whose changes can wake the objects that refer to them.</summary>
public enum ReferenceKind
{
    /// <summary>core/v1 Secret.</summary>
    Secret,

    /// <summary>core/v1 ConfigMap.</summary>
    ConfigMap,
}

/// <summary>Points from an entity to a Secret or ConfigMap it reads.</summary>
public readonly record struct ObjectReference(ReferenceKind Kind, string Namespace, string Name);
