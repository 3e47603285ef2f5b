using BitbucketOperator.Bitbucket.Http;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>Builds every URL from spec.url, whose context path is kept. Links in answers are never called.</summary>
internal sealed class ServerUrls
{
    private readonly string _root;

    public ServerUrls(Uri root) =>
        _root = root.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');

    /// <summary>The page that says whether the server runs; outside /rest, so it never gets a credential.</summary>
    public Uri Status => new(_root + "/status");

    /// <summary>An address below <c>/rest/api/1.0</c>.</summary>
    /// <param name="path">Relative, its segments escaped; may have a query.</param>
    public Uri Api(string path) => new($"{_root}/rest/api/1.0/{path}");

    /// <summary>True where the credential may be sent: same scheme, host and port, and below <c>/rest/</c>.</summary>
    public bool IsBelowRest(Uri uri) => Addresses.IsBelow(new(_root + "/rest/"), uri);

    /// <inheritdoc cref="Addresses.Segment"/>
    public static string Segment(string text) => Addresses.Segment(text);
}
