using BitbucketOperator.Core;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>Addresses below a server's root. Links that the server sends are never used.</summary>
internal sealed class ServerUrls(Uri root)
{
    private readonly string _root = root.GetLeftPart(UriPartial.Path).TrimEnd('/');

    public string Root => _root;

    public Uri Status => new($"{_root}/status");

    public Uri Rest(string path) => new($"{_root}/rest/api/1.0/{path}");

    public static string Project(string key) => $"projects/{Escape(key)}";

    public static string Repository(RepositoryName name) => $"{Project(name.Project)}/repos/{Escape(name.Slug)}";

    public static string Webhooks(RepositoryName name) => $"{Repository(name)}/webhooks";

    // The tilde of personal projects stays; .NET leaves it alone.
    private static string Escape(string segment) => Uri.EscapeDataString(segment);
}
