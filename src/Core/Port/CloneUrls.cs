namespace BitbucketOperator.Core.Port;

/// <summary>
/// Where a repository is cloned from. Kept as a form that the repositories of a server share, so that ten thousand of them take the
/// memory of one; a URL of another form is kept as it is.
/// </summary>
/// <param name="Https">Over HTTP(S), with no login; null where the server names none.</param>
/// <param name="Ssh">Over SSH; null where the server names none.</param>
public sealed record CloneUrls(string? Https, string? Ssh)
{
    private const string ProjectMark = "{project}";
    private const string SlugMark = "{slug}";
    private const string Suffix = ".git";

    /// <summary>The form of the URLs of a repository; null where there are none.</summary>
    public static CloneUrls? Of(RepositoryName name, string? https, string? ssh) =>
        https is null && ssh is null ? null : new CloneUrls(FormOf(name, https), FormOf(name, ssh));

    /// <summary>The URLs of a repository.</summary>
    public CloneUrls For(RepositoryName name) => new(UrlOf(Https, name), UrlOf(Ssh, name));

    private static string? FormOf(RepositoryName name, string? url)
    {
        var tail = $"/{name.Slug}{Suffix}";
        if (url is null || !url.EndsWith(tail, StringComparison.Ordinal))
        {
            return url;
        }

        var (head, project) = (url[..^tail.Length], name.Project.ToLowerInvariant());
        return head.EndsWith($"/{project}", StringComparison.Ordinal)
            ? $"{head[..^project.Length]}{ProjectMark}/{SlugMark}{Suffix}"
            : $"{head}/{SlugMark}{Suffix}";
    }

    private static string? UrlOf(string? form, RepositoryName name) => form?
        .Replace(ProjectMark, name.Project.ToLowerInvariant(), StringComparison.Ordinal)
        .Replace(SlugMark, name.Slug, StringComparison.Ordinal);
}
