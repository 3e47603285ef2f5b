namespace BitbucketOperator.Runtime.Model;

/// <summary>Where a permission is needed.</summary>
public enum RbacScope
{
    /// <summary>In every watched namespace: a ClusterRole, or a Role per namespace when the operator is restricted.</summary>
    WatchedNamespaces,

    /// <summary>
    /// In every watched namespace where Secrets are made for webhooks, which an installation asks for: a role of its own.
    /// </summary>
    GeneratedSecrets,

    /// <summary>Only in the namespace the operator itself runs in: always a Role.</summary>
    OwnNamespace,

    /// <summary>
    /// On objects without a namespace: always a ClusterRole, which an operator that is restricted to namespaces does without.
    /// </summary>
    Cluster,

    /// <summary>In every watched namespace, for the check before a release of the chart is uninstalled, which has an account of its own.</summary>
    Uninstall,
}

/// <summary>
/// States a permission that the annotated type needs. Read at build time, when the RBAC manifests are generated;
/// means nothing at run time.
/// </summary>
/// <remarks>
/// KubeOps' attribute of this name takes entity types and <c>RbacVerb</c> flags (<c>GenericRbac</c> takes groups and
/// resources), without reason or scope: a move to KubeOps rewrites these attributes, not the types that carry them.
/// </remarks>
/// <param name="group">API group; empty for the core group.</param>
/// <param name="resources">Plural names, with <c>/status</c> or the like for subresources.</param>
/// <param name="verbs">Verbs in lower case, as RBAC spells them.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class EntityRbacAttribute(string group, string[] resources, string[] verbs) : Attribute
{
    /// <summary>API group; empty for the core group.</summary>
    public string Group { get; } = group;

    /// <summary>Plural names and subresources.</summary>
    public string[] Resources { get; } = resources;

    /// <summary>Verbs in lower case.</summary>
    public string[] Verbs { get; } = verbs;

    /// <summary>What the permission is for, as the table in docs/rbac.md tells it: one sentence, without the full stop.</summary>
    public required string Reason { get; init; }

    /// <summary>Limits the permission to these names. Default: all names.</summary>
    public string[] ResourceNames { get; init; } = [];

    /// <summary>Where the permission is needed. Default: every watched namespace.</summary>
    public RbacScope Scope { get; init; } = RbacScope.WatchedNamespaces;
}
