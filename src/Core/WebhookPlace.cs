using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core;

/// <summary>Where webhooks are kept: on a repository, or above it. Compares by id.</summary>
public sealed record WebhookPlace
{
    private const string ProjectPrefix = "project:";
    private const string WorkspacePrefix = "workspace:";

    private WebhookPlace(WebhookLevel level, string id, string name, Repository? repository = null) =>
        (Level, Id, Name, Repository) = (level, id, name, repository);

    /// <summary>Repository, Project or Workspace.</summary>
    public WebhookLevel Level { get; }

    /// <summary>Stable over renames for a repository; <c>project:KEY</c> and <c>workspace:SLUG</c> above.</summary>
    public string Id { get; }

    /// <summary>For people: PROJECT/slug, the project's key, or the workspace's slug.</summary>
    public string Name { get; }

    /// <summary>The repository; null above.</summary>
    public Repository? Repository { get; }

    /// <summary>Read-only for everybody.</summary>
    public bool Archived => Repository?.Archived ?? false;

    /// <summary>A repository.</summary>
    public static WebhookPlace Of(Repository repository) => new(WebhookLevel.Repository, repository.Id, repository.Name.ToString(), repository);

    /// <summary>A project of a Data Center, by its key.</summary>
    public static WebhookPlace OfProject(string key) => new(WebhookLevel.Project, ProjectPrefix + key.ToUpperInvariant(), key);

    /// <summary>A workspace of Bitbucket Cloud, by its slug.</summary>
    public static WebhookPlace OfWorkspace(string slug) => new(WebhookLevel.Workspace, WorkspacePrefix + slug.ToLowerInvariant(), slug);

    /// <summary>Reads the id of a place above the repositories; null for anything else.</summary>
    public static WebhookPlace? ParseAbove(string id)
    {
        if (id.StartsWith(ProjectPrefix, StringComparison.Ordinal))
        {
            return OfProject(id[ProjectPrefix.Length..]);
        }

        return id.StartsWith(WorkspacePrefix, StringComparison.Ordinal) ? OfWorkspace(id[WorkspacePrefix.Length..]) : null;
    }

    /// <inheritdoc/>
    public bool Equals(WebhookPlace? other) => string.Equals(Id, other?.Id, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Id);

    /// <summary><see cref="Name"/>.</summary>
    public override string ToString() => Name;
}
