using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>
/// Another connection of this cluster that wants a webhook with one of our URLs on the same server, and may want it on one of
/// our repositories; or one that marks its webhooks as we do.
/// </summary>
/// <param name="OwnerId">The id that its webhooks are marked with.</param>
/// <param name="Connection">The resource, with its status. Shared: not to be changed.</param>
public sealed record Rival(string OwnerId, BitbucketConnection Connection)
{
    /// <summary><c>namespace/name</c>.</summary>
    public string Name => NameOf(Connection);

    /// <summary>True when it writes webhooks: it is neither suspended nor only planning.</summary>
    internal bool IsActive => Connection.Spec is { Suspend: false, Mode: Mode.Enforce };

    /// <summary>
    /// Whether two connections may get into each other's way: the same server, and a URL in common without rules that keep their
    /// repositories apart, or one owner id for both. One that is being deleted wants nothing any more; what it leaves behind is its own affair.
    /// </summary>
    public static bool AreRivals(BitbucketConnection one, BitbucketConnection other) =>
        (SharesUrl(one.Spec, other.Spec) || SharesOwner(one, other))
        && other.Metadata.DeletionTimestamp is null
        && NameOf(one) != NameOf(other)
        && ConnectionGate.ServerOf(one.Spec) == ConnectionGate.ServerOf(other.Spec)
        && (MayOverlap(one.Spec.Discovery, other.Spec.Discovery) || SharesOwner(one, other));

    /// <summary>First come, first served: the older resource wins for good, and by name where they came together.</summary>
    public bool IsOlderThan(BitbucketConnection connection)
    {
        var (mine, theirs) = (Connection.Metadata.CreationTimestamp ?? DateTime.MaxValue, connection.Metadata.CreationTimestamp ?? DateTime.MaxValue);
        return mine != theirs ? mine < theirs : string.CompareOrdinal(Name, NameOf(connection)) < 0;
    }

    /// <summary>True when it wants a webhook with this URL.</summary>
    public bool Wants(string url) => Connection.Spec.Webhooks.Exists(w => w.Url == url);

    /// <summary>
    /// Those of our repositories that it keeps webhooks on, as far as can be told from here: its rules select them, and once
    /// it went through its spec, it recorded their place. A credential that sees less claims less.
    /// </summary>
    internal IEnumerable<Repository> Claims(IEnumerable<Repository> repositories)
    {
        var (discovery, status) = (Connection.Spec.Discovery, Connection.Status);
        var listed = repositories.Where(r => IsListed(discovery, r.Name));
        var selected = RepositorySelection.Of(discovery, listed).Selected;
        if (status?.ObservedGeneration is null || status.ObservedGeneration != Connection.Metadata.Generation)
        {
            return selected;
        }

        var managed = (status.Webhooks?.ManagedIn ?? []).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var workspace = ConnectionGate.WorkspaceOf(Connection.Spec);
        return selected.Where(r => managed.Contains(r.Name.Project) || managed.Contains(r.Name.ToString())
            || (LevelRules.AboveOf(r, workspace) is { } above && managed.Contains(above.Id)));
    }

    /// <summary><c>namespace/name</c> of a connection.</summary>
    public static string NameOf(BitbucketConnection connection) => $"{connection.Metadata.NamespaceProperty}/{connection.Metadata.Name}";

    private static bool SharesUrl(BitbucketConnectionSpec one, BitbucketConnectionSpec other) =>
        one.Webhooks.Exists(w => other.Webhooks.Exists(o => o.Url == w.Url));

    private static bool SharesOwner(BitbucketConnection one, BitbucketConnection other) =>
        OwnerIdOf(one) is { } id && id == OwnerIdOf(other);

    private static string? OwnerIdOf(BitbucketConnection connection) => WebhookOwner.IdOf(connection) ?? connection.Status?.Webhooks?.Owner;

    private static bool IsListed(DiscoverySpec discovery, RepositoryName name)
    {
        if (discovery.Repositories.Count > 0)
        {
            return discovery.Repositories.Contains(name.ToString(), StringComparer.OrdinalIgnoreCase);
        }

        return discovery.Projects.Count == 0 || discovery.Projects.Contains(name.Project, StringComparer.OrdinalIgnoreCase);
    }

    private static bool MayOverlap(DiscoverySpec one, DiscoverySpec other)
    {
        var (mine, theirs) = (ProjectsOf(one), ProjectsOf(other));
        return mine.Count == 0 || theirs.Count == 0 || mine.Exists(p => theirs.Contains(p, StringComparer.OrdinalIgnoreCase));
    }

    private static List<string> ProjectsOf(DiscoverySpec discovery) =>
        discovery.Repositories.Count > 0 ? discovery.Repositories.ConvertAll(r => r.Split('/')[0]) : discovery.Projects;
}
