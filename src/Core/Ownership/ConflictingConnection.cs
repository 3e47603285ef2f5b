using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Ownership;

/// <summary>
/// Another connection of this cluster that desires a webhook with one of our URLs on the same server, and may want it on one of
/// our repositories; or one that marks its webhooks as we do.
/// </summary>
/// <param name="OwnerId">The id that its webhooks are marked with.</param>
/// <param name="Connection">The resource, with its status. Shared: not to be changed.</param>
public sealed record ConflictingConnection(string OwnerId, Connection Connection)
{
    /// <summary><c>namespace/name</c>.</summary>
    public string Name => Connection.FullName;

    /// <summary>True when it writes webhooks: it is neither suspended nor only planning.</summary>
    internal bool IsActive => Connection.Spec is { Suspend: false, Mode: WriteMode.Enforce };

    /// <summary>
    /// Whether two connections may get into each other's way: the same server, and a URL in common without rules that keep their
    /// repositories apart, or one owner id for both. One that is being deleted desires nothing any more; what it leaves behind is its own affair.
    /// </summary>
    public static bool MayConflict(Connection one, Connection other) =>
        (SharesUrl(one.Spec, other.Spec) || SharesOwner(one, other))
        && !other.IsDeleting
        && one.FullName != other.FullName
        && one.Spec.ServerKey == other.Spec.ServerKey
        && (MayOverlap(one.Spec.Discovery, other.Spec.Discovery) || SharesOwner(one, other));

    /// <summary>First come, first served: the older resource wins for good, and by name where they came together.</summary>
    public bool IsOlderThan(Connection connection)
    {
        var (mine, theirs) = (Connection.CreatedAt, connection.CreatedAt);
        return mine != theirs ? mine < theirs : string.CompareOrdinal(Name, connection.FullName) < 0;
    }

    /// <summary>True when it desires a webhook with this URL.</summary>
    public bool Wants(string url) => Connection.Spec.Webhooks.Any(w => w.Url == url);

    /// <summary>
    /// Those of our repositories that it keeps webhooks on, as far as can be told from here: its rules select them, and once
    /// it went through its spec, it recorded where they are. A credential that sees less claims less.
    /// </summary>
    internal IEnumerable<Repository> SharedWith(IEnumerable<Repository> repositories)
    {
        var (discovery, known) = (Connection.Spec.Discovery, Connection.Known);
        var listed = repositories.Where(r => IsListed(discovery, r.Name));
        var selected = RepositorySelection.Of(discovery, listed).Selected;
        if (known.ObservedGeneration is null || known.ObservedGeneration != Connection.Generation)
        {
            return selected;
        }

        var managed = ManagedScopes.Of(Connection);
        var workspace = Connection.Spec.Workspace;
        return selected.Where(r => managed.Holds(r.Name)
            || (WebhookScope.ProjectLevelOf(r, workspace) is { } projectLevel && managed.HoldsProjectLevel(projectLevel)));
    }

    private static bool SharesUrl(ConnectionSpec one, ConnectionSpec other) =>
        one.Webhooks.Any(w => other.Webhooks.Any(o => o.Url == w.Url));

    private static bool SharesOwner(Connection one, Connection other) =>
        OwnerIdOf(one) is { } id && id == OwnerIdOf(other);

    private static string? OwnerIdOf(Connection connection) => connection.OwnerId ?? connection.Known.OwnerId;

    private static bool IsListed(DiscoveryRules discovery, RepositoryName name)
    {
        if (discovery.Repositories.Count > 0)
        {
            return discovery.Repositories.Contains(name.ToString(), StringComparer.OrdinalIgnoreCase);
        }

        return discovery.Projects.Count == 0 || discovery.Projects.Contains(name.Project, StringComparer.OrdinalIgnoreCase);
    }

    private static bool MayOverlap(DiscoveryRules one, DiscoveryRules other)
    {
        var (mine, theirs) = (ProjectsOf(one), ProjectsOf(other));
        return mine.Count == 0 || theirs.Count == 0 || mine.Exists(p => theirs.Contains(p, StringComparer.OrdinalIgnoreCase));
    }

    private static List<string> ProjectsOf(DiscoveryRules discovery) =>
        discovery.Repositories.Count > 0 ? [.. discovery.Repositories.Select(r => r.Split('/')[0])] : [.. discovery.Projects];
}
