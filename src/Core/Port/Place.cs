namespace BitbucketOperator.Core.Port;

/// <summary>Where something is, for reports: what kind of scope, and how people call it.</summary>
/// <param name="Kind">What kind of scope it is.</param>
/// <param name="Name">PROJECT/slug, a project's key or a workspace's slug.</param>
public sealed record Place(ScopeKind Kind, string Name)
{
    /// <summary>All selected repositories.</summary>
    public static Place Everywhere { get; } = new(ScopeKind.Repository, "*/*");

    /// <summary>The place of a scope.</summary>
    public static Place Of(WebhookScope scope) => new(scope.Kind, scope.Name);

    /// <summary>A project, or a repository for a name of the form PROJECT/slug.</summary>
    public static Place Named(string name) =>
        new(name.Contains('/', StringComparison.Ordinal) ? ScopeKind.Repository : ScopeKind.Project, name);
}
