using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>
/// Tells a server whose configured base URL is not the one that people use: its links then point to localhost or to
/// another host. The operator never follows them; they break e-mails and clone URLs.
/// </summary>
internal static class BaseUrl
{
    public static string? Mismatch(ConnectionSpec spec, IReadOnlyList<Repository> repositories)
    {
        // Bitbucket Cloud's links point to its API, and nobody here can set them.
        if (spec.Flavour == Flavour.Cloud)
        {
            return null;
        }

        var link = repositories
            .OrderBy(r => r.Name.ToString(), StringComparer.OrdinalIgnoreCase)
            .Select(r => Uri.TryCreate(r.SelfLink, UriKind.Absolute, out var uri) ? uri : null)
            .FirstOrDefault(uri => uri is not null);
        if (link is null || spec.Root is not { } url || Same(link, url))
        {
            return null;
        }

        return Sentences.BaseUrlMismatch(link.Authority, url.Authority, spec.Url);
    }

    private static bool Same(Uri one, Uri other) =>
        string.Equals(one.Host, other.Host, StringComparison.OrdinalIgnoreCase) && one.Port == other.Port;
}
