namespace BitbucketOperator.Core.Port;

/// <summary>A repository's address. Slugs and project keys compare without regard to case.</summary>
/// <param name="Project">The project key; <c>~name</c> for a personal one.</param>
/// <param name="Slug">The repository slug.</param>
public sealed record RepositoryName(string Project, string Slug)
{
    // Asked for many times by each reconcile. Not part of the value.
    private string? _text;

    /// <summary>Reads <c>PROJECT/slug</c>; null when the text has another form, or Bitbucket gives nobody such a name.</summary>
    public static RepositoryName? Parse(string text) =>
        text.Split('/') is [var project, var slug] && NameRules.IsProjectKey(project) && NameRules.IsSlug(slug, Flavour.DataCenter)
            ? new(project, slug)
            : null;

    /// <inheritdoc/>
    public bool Equals(RepositoryName? other) =>
        other is not null
        && string.Equals(Project, other.Project, StringComparison.OrdinalIgnoreCase)
        && string.Equals(Slug, other.Slug, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(
        StringComparer.OrdinalIgnoreCase.GetHashCode(Project), StringComparer.OrdinalIgnoreCase.GetHashCode(Slug));

    /// <summary><c>PROJECT/slug</c>.</summary>
    public override string ToString() => _text ??= $"{Project}/{Slug}";
}

/// <summary>A repository as discovered.</summary>
/// <param name="Id">Stable over renames and moves.</param>
/// <param name="Name">Where it is now.</param>
/// <param name="Archived">Read-only for everybody.</param>
/// <param name="Fork">Has an origin.</param>
/// <param name="Personal">Lives in a user's own project.</param>
/// <param name="SelfLink">The first <c>self</c> link, to tell a misconfigured base URL; never called.</param>
public sealed record Repository(
    string Id, RepositoryName Name, bool Archived = false, bool Fork = false, bool Personal = false, string? SelfLink = null)
{
    // A reconcile asks for them many times over. Not part of the value; a copy by `with` makes its own.
    private WebhookScope? _scope;
    private WebhookScope? _above;

    /// <summary>Its name for people; null where the server tells none.</summary>
    public string? Title { get; init; }

    /// <summary>The form of its clone URLs; null where the server tells none.</summary>
    public CloneUrls? CloneUrls { get; init; }

    /// <summary>It lives in a user's own project, which has no webhooks of its own.</summary>
    internal bool IsInPersonalProject => Personal || Name.Project.StartsWith('~');

    /// <summary>The scope of its webhooks.</summary>
    internal WebhookScope Scope
    {
        get
        {
            var known = _scope;
            return known is not null && ReferenceEquals(known.Repository, this) ? known : _scope = WebhookScope.Make(this);
        }
    }

    /// <summary>The scope above it: a workspace, or else its project.</summary>
    internal WebhookScope Above(string? workspace)
    {
        var (known, name) = (_above, workspace ?? Name.Project);
        var isKnown = known is not null && known.Name == name && known.Kind == (workspace is null ? ScopeKind.Project : ScopeKind.Workspace);
        return isKnown ? known! : _above = workspace is null ? WebhookScope.OfProject(name) : WebhookScope.OfWorkspace(name);
    }

    /// <inheritdoc/>
    public bool Equals(Repository? other) =>
        other is not null
        && (Id, Name, Archived, Fork) == (other.Id, other.Name, other.Archived, other.Fork)
        && (Personal, SelfLink, Title) == (other.Personal, other.SelfLink, other.Title)
        && CloneUrls == other.CloneUrls;

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Id);
}
