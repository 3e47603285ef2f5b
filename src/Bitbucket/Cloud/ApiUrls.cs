using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>Builds every URL of one workspace below the API's root. Of the links in answers only <c>next</c> is followed.</summary>
internal sealed class ApiUrls
{
    private const int PageLength = 100;
    private const string Fields = "uuid,slug,name,full_name,project.key,parent.uuid,links.html.href,links.clone";

    private readonly string _root;
    private readonly string _workspace;

    public ApiUrls(Uri api, string workspace)
    {
        _root = api.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/') + "/";
        _workspace = Addresses.Segment(workspace);
    }

    public Uri User => Of("user");

    public Uri Workspace => Of($"workspaces/{_workspace}");

    /// <summary>A first page of projects, as small as it gets.</summary>
    public Uri Projects => Of($"workspaces/{_workspace}/projects?pagelen=10&fields=values.key");

    public Uri Project(string key) => Of($"workspaces/{_workspace}/projects/{Addresses.Segment(key)}");

    /// <summary>The first page of repositories, of one project when there is one. Sorted so that no repository moves between pages.</summary>
    public Uri Repositories(string? project)
    {
        // Without next among the fields there would be no second page.
        var fields = "next,size,pagelen," + string.Join(',', Fields.Split(',').Select(field => $"values.{field}"));
        var filter = project is null ? "" : $"&q={Uri.EscapeDataString($"project.key={Quote(project)}")}";
        return Of($"repositories/{_workspace}?pagelen={PageLength}&sort=created_on&fields={fields}{filter}");
    }

    public Uri Repository(string slug) => Of($"{PathOf(slug)}?fields={Fields}");

    /// <summary>A first page of pull requests, as small as it gets.</summary>
    public Uri PullRequests(string slug) => Of($"{PathOf(slug)}/pullrequests?pagelen=10&fields=values.id");

    /// <summary>Where webhooks are made.</summary>
    public Uri NewWebhook(WebhookScope scope) => Of($"{PathOf(scope)}/hooks");

    /// <summary>The first page of webhooks.</summary>
    public Uri Webhooks(WebhookScope scope) => Of($"{PathOf(scope)}/hooks?pagelen={PageLength}");

    /// <summary>One webhook; the braces of its id are escaped.</summary>
    public Uri Webhook(WebhookScope scope, string id) => Of($"{PathOf(scope)}/hooks/{Addresses.Segment(id)}");

    /// <summary>True where the credential may be sent: same scheme, host and port, and below the API's root.</summary>
    public bool IsBelowApi(Uri uri) => Addresses.IsBelow(new(_root), uri);

    private string PathOf(WebhookScope scope) => scope switch
    {
        { Repository: { } repository } => PathOf(repository.Name.Slug),
        { Kind: ScopeKind.Workspace } => $"workspaces/{_workspace}",
        _ => throw new NotSupportedException($"Bitbucket Cloud keeps no webhooks on a {scope.Kind}."),
    };

    private string PathOf(string slug) => $"repositories/{_workspace}/{Addresses.Segment(slug)}";

    private Uri Of(string path) => new(_root + path);

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
