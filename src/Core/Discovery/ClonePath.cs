using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Discovery;

/// <summary>The repository of a URL that people paste, be it for git or for a browser.</summary>
public static class ClonePath
{
    private const string Suffix = ".git";

    /// <summary>Its PROJECT/slug, on Cloud WORKSPACE/slug; null where the text is not such a URL.</summary>
    public static RepositoryName? Of(string text)
    {
        var isUrl = text.Contains("://", StringComparison.Ordinal);
        var isScp = !isUrl && text.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at && text.IndexOf(':', at) > at;
        if (!isUrl && !isScp)
        {
            return null;
        }

        var path = isUrl ? text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..] : text.Replace(':', '/');
        var parts = path.Split(['?', '#'], 2)[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            [.., "projects", var project, "repos", var slug] => Named(project, slug),
            [.., "projects", var project, "repos", var slug, "browse"] => Named(project, slug),
            [.., "users", var user, "repos", var slug] => Named($"~{user}", slug),
            [.., "users", var user, "repos", var slug, "browse"] => Named($"~{user}", slug),
            [_, var workspace, var slug, "src", ..] => Named(workspace, slug),
            [_, .., var project, var slug] => Named(project, slug),
            _ => null,
        };
    }

    /// <summary>A text without the suffix that clone URLs have and slugs have not.</summary>
    public static string WithoutSuffix(string text) => text.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase) ? text[..^Suffix.Length] : text;

    private static RepositoryName? Named(string project, string slug) => RepositoryName.Parse($"{project}/{WithoutSuffix(slug)}");
}
