namespace BitbucketOperator.Core.Port;

/// <summary>Where webhooks are kept: on a repository, or above it. Compares by id.</summary>
public sealed record WebhookScope
{
    private const string ProjectPrefix = "project:";
    private const string WorkspacePrefix = "workspace:";

    private WebhookScope(ScopeKind kind, string id, string name, Repository? repository = null) =>
        (Kind, Id, Name, Repository) = (kind, id, name, repository);

    /// <summary>Repository, Project or Workspace.</summary>
    public ScopeKind Kind { get; }

    /// <summary>Stable over renames for a repository; <c>project:KEY</c> and <c>workspace:SLUG</c> above.</summary>
    public string Id { get; }

    /// <summary>For people: PROJECT/slug, the project's key, or the workspace's slug.</summary>
    public string Name { get; }

    /// <summary>The repository; null above.</summary>
    public Repository? Repository { get; }

    /// <summary>Read-only for everybody.</summary>
    public bool Archived => Repository?.Archived ?? false;

    /// <summary>A repository.</summary>
    public static WebhookScope Of(Repository repository) => repository.Scope;

    internal static WebhookScope Make(Repository repository) => new(ScopeKind.Repository, repository.Id, repository.Name.ToString(), repository);

    /// <summary>A project of a Data Center, by its key.</summary>
    public static WebhookScope OfProject(string key) => new(ScopeKind.Project, ProjectPrefix + key.ToUpperInvariant(), key);

    /// <summary>A workspace of Bitbucket Cloud, by its slug.</summary>
    public static WebhookScope OfWorkspace(string slug) => new(ScopeKind.Workspace, WorkspacePrefix + slug.ToLowerInvariant(), slug);

    /// <summary>The project or workspace that a repository's events come through too; null for personal projects.</summary>
    public static WebhookScope? ProjectLevelOf(Repository repository, string? workspace) =>
        workspace is null && repository.IsInPersonalProject ? null : repository.Above(workspace);

    /// <summary>Reads the id of a scope above the repositories; null for anything else.</summary>
    public static WebhookScope? ParseProjectLevel(string id)
    {
        if (id.StartsWith(ProjectPrefix, StringComparison.Ordinal))
        {
            return OfProject(id[ProjectPrefix.Length..]);
        }

        return id.StartsWith(WorkspacePrefix, StringComparison.Ordinal) ? OfWorkspace(id[WorkspacePrefix.Length..]) : null;
    }

    /// <inheritdoc/>
    public bool Equals(WebhookScope? other) => string.Equals(Id, other?.Id, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Id);

    /// <summary><see cref="Name"/>.</summary>
    public override string ToString() => Name;
}

/// <summary>What kind of scope webhooks are kept in.</summary>
public enum ScopeKind
{
    /// <summary>A repository.</summary>
    Repository,

    /// <summary>Data Center: a project.</summary>
    Project,

    /// <summary>Cloud: a workspace.</summary>
    Workspace,
}
