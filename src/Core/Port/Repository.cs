namespace BitbucketOperator.Core.Port;

/// <summary>A repository's address. Slugs and project keys compare without regard to case.</summary>
/// <param name="Project">The project key; <c>~name</c> for a personal one.</param>
/// <param name="Slug">The repository slug.</param>
public sealed record RepositoryName(string Project, string Slug)
{
    /// <summary>Reads <c>PROJECT/slug</c>; null when the text has another form.</summary>
    public static RepositoryName? Parse(string text) =>
        text.Split('/') is [{ Length: > 0 } project, { Length: > 0 } slug] ? new(project, slug) : null;

    /// <inheritdoc/>
    public bool Equals(RepositoryName? other) =>
        other is not null
        && string.Equals(Project, other.Project, StringComparison.OrdinalIgnoreCase)
        && string.Equals(Slug, other.Slug, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(
        StringComparer.OrdinalIgnoreCase.GetHashCode(Project), StringComparer.OrdinalIgnoreCase.GetHashCode(Slug));

    /// <summary><c>PROJECT/slug</c>.</summary>
    public override string ToString() => $"{Project}/{Slug}";
}

/// <summary>A repository as discovered.</summary>
/// <param name="Id">Stable over renames and moves.</param>
/// <param name="Name">Where it is now.</param>
/// <param name="Archived">Read-only for everybody.</param>
/// <param name="Fork">Has an origin.</param>
/// <param name="Personal">Lives in a user's own project.</param>
/// <param name="SelfLink">The first <c>self</c> link, to tell a misconfigured base URL; never called.</param>
public sealed record Repository(
    string Id, RepositoryName Name, bool Archived = false, bool Fork = false, bool Personal = false, string? SelfLink = null);
