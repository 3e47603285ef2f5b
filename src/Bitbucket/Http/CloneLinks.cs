using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>Reads what a listing tells of names and clone URLs. The URLs are shown to people and tools, and never called.</summary>
/// <param name="boundary">What text of the server passes.</param>
internal sealed class CloneLinks(Func<ServerText> boundary)
{
    private CloneUrls? _last;

    /// <summary>The clone URLs of a repository, in the form that it shares with the one before where that is the same.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="links">What the server names each URL, and the URL.</param>
    public CloneUrls? Read(RepositoryName name, IEnumerable<(string? Name, string? Href)>? links)
    {
        var text = boundary();
        string? https = null;
        string? ssh = null;
        foreach (var (kind, href) in links ?? [])
        {
            https ??= kind is "http" or "https" ? WithoutLogin(text.Address(href)) : null;
            ssh ??= kind is "ssh" ? text.Address(href) : null;
        }

        var read = CloneUrls.Of(name, https, ssh);
        return read is not null && read == _last ? _last : _last = read;
    }

    /// <summary>The name for people; the slug itself where it is the same, so that it is kept once.</summary>
    public string? Title(string? name, string slug) => boundary().CleanOrNull(name) is not { } clean ? null : clean == slug ? slug : clean;

    // Cloud writes the name of the account into them.
    private static string? WithoutLogin(string? href)
    {
        if (!Uri.TryCreate(href, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp))
        {
            return null;
        }

        return uri.UserInfo.Length == 0 ? href : href!.Replace($"{uri.UserInfo}@", "", StringComparison.Ordinal);
    }
}
