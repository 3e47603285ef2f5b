using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>What the operator was started with that bears on what a connection may ask.</summary>
/// <param name="AllowHttp">Plain http is accepted, for the server and for webhooks.</param>
public sealed record ConnectionPolicy(bool AllowHttp)
{
    /// <summary>Which hosts spec.url and spec.proxy.url may name. Default: every host.</summary>
    public HostRules Hosts { get; init; } = HostRules.Any;
}

/// <summary>What the spec alone tells, before anything is read.</summary>
public static class ConnectionGate
{
    /// <summary>The flavour that the spec speaks of.</summary>
    public static Hosting HostingOf(BitbucketConnectionSpec spec) =>
        spec.Hosting ?? (UrlOf(spec) is { } url && FlavourRules.IsCloud(url) ? Hosting.Cloud : Hosting.DataCenter);

    /// <summary>The server's root; null when spec.url is none.</summary>
    public static Uri? UrlOf(BitbucketConnectionSpec spec) => HttpUrl(spec.Url.TrimEnd('/'));

    /// <summary>Bitbucket Cloud: the workspace's slug, of spec.workspace or else of the path of spec.url; null on Data Center and where neither names one.</summary>
    public static string? WorkspaceOf(BitbucketConnectionSpec spec) =>
        HostingOf(spec) == Hosting.Cloud && UrlOf(spec) is { } url ? spec.Workspace ?? FlavourRules.WorkspaceIn(url) : null;

    /// <summary>Tells one server from another, whoever logs in: its root, and on Bitbucket Cloud the workspace.</summary>
    public static string ServerOf(BitbucketConnectionSpec spec) => WorkspaceOf(spec) is { } workspace
        ? $"{Hosting.Cloud} {workspace.ToUpperInvariant()}"
        : UrlOf(spec)?.GetLeftPart(UriPartial.Path).TrimEnd('/') ?? "";

    /// <summary>The same for people, as an address.</summary>
    public static string AddressOf(BitbucketConnectionSpec spec) => UrlOf(spec) is { } url && WorkspaceOf(spec) is { } workspace
        ? $"{url.GetLeftPart(UriPartial.Authority)}/{workspace.ToLowerInvariant()}"
        : ServerOf(spec);

    /// <summary>True when an earlier pass reached another server than spec names now, or the same one by another name.</summary>
    public static bool HasMoved(BitbucketConnection connection) =>
        connection.Status?.Server?.Url is { } before && before != AddressOf(connection.Spec);

    /// <summary>The field that names the credential for webhooks, for messages.</summary>
    public static string WebhookFieldOf(BitbucketConnectionSpec spec) => spec.WebhookAuth is null ? "spec.auth" : "spec.webhookAuth";

    /// <summary>Why nothing at all can be done for the spec; null when something can.</summary>
    public static Fault? Refusal(BitbucketConnectionSpec spec, ConnectionPolicy policy) =>
        UrlOf(spec) is not { } url
            ? Fault.Terminal(Reasons.InvalidUrl, "spec.url is no absolute http or https URL, such as https://bitbucket.example.com/bitbucket")
            : InsecureUrl(url, policy) ?? FlavourRules.Refusal(spec, url) ?? InvalidProxy(spec) ?? ForbiddenHost(spec, url, policy.Hosts);

    /// <summary>Why webhooks cannot be told to be the connection's; null when they can.</summary>
    public static Fault? OwnerRefusal(BitbucketConnection connection, IEnumerable<Rival> rivals)
    {
        if (WebhookOwner.IdOf(connection) is not { } id)
        {
            return null;
        }

        const string annotation = $"the annotation {BitbucketConnection.OwnerIdAnnotation}";
        if (!WebhookOwner.IsId(id))
        {
            return Fault.Terminal(
                Reasons.InvalidOwnerId, $"{annotation} must hold 16 hexadecimal digits in lower case, such as 3f9a1c2b7d8e9f00: copy status.webhooks.owner of the connection to continue, or remove it");
        }

        var same = rivals.Where(r => r.OwnerId == id && r.IsActive && (WebhookOwner.IdOf(r.Connection) is null || r.IsOlderThan(connection)))
            .Select(r => r.Name).Order(StringComparer.Ordinal).FirstOrDefault();
        return same is null
            ? null
            : Fault.Waiting(Reasons.InvalidOwnerId, $"{annotation} names the owner id of {same}, which writes webhooks too: suspend that one or delete it with spec.deletionPolicy Retain, or remove the annotation");
    }

    private static Uri? HttpUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0 ? url : null;

    private static Fault? InsecureUrl(Uri url, ConnectionPolicy policy) => url.Scheme == "https" || policy.AllowHttp
        ? null
        : Fault.Terminal(
            Reasons.InsecureUrl,
            "spec.url is http: the credential would travel unencrypted. Use https, or start the operator with --allow-http");

    private static Fault? InvalidProxy(BitbucketConnectionSpec spec) => spec.Proxy is null || HttpUrl(spec.Proxy.Url) is { UserInfo: "" }
        ? null
        : Fault.Terminal(
            Reasons.InvalidUrl,
            "spec.proxy.url is no absolute http or https URL without user name, such as http://proxy.example.com:3128; user name and password go into the Secret of spec.proxy.secretRef");

    private static Fault? ForbiddenHost(BitbucketConnectionSpec spec, Uri url, HostRules hosts) =>
        hosts.Refusal("spec.url", url) ?? (spec.Proxy is { } proxy && HttpUrl(proxy.Url) is { } proxyUrl ? hosts.Refusal("spec.proxy.url", proxyUrl) : null);
}
