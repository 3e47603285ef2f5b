using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Validation;

/// <summary>What the spec alone tells, before anything is read.</summary>
public static class SpecRules
{
    /// <summary>Why nothing at all can be done for the spec; null when something can.</summary>
    public static Fault? Refusal(ConnectionSpec spec, ConnectionPolicy policy) =>
        spec.Root is not { } url
            ? Fault.Terminal(Reasons.InvalidUrl, Sentences.InvalidUrl, Fields.Url)
            : InsecureUrl(url, policy) ?? FlavourRules.Refusal(spec, url) ?? InvalidProxy(spec) ?? ForbiddenHost(spec, url, policy.Hosts);

    private static Fault? InsecureUrl(Uri url, ConnectionPolicy policy) => url.Scheme == "https" || policy.AllowHttp
        ? null
        : Fault.Terminal(Reasons.InsecureUrl, Sentences.InsecureUrl, Fields.Url);

    private static Fault? InvalidProxy(ConnectionSpec spec) => spec.Proxy is null || HttpUrl.Parse(spec.Proxy.Url) is { UserInfo: "" }
        ? null
        : Fault.Terminal(Reasons.InvalidUrl, Sentences.InvalidProxyUrl, Fields.ProxyUrl);

    private static Fault? ForbiddenHost(ConnectionSpec spec, Uri url, HostRules hosts) =>
        hosts.Refusal(Fields.Url, url)
        ?? (spec.Proxy is { } proxy && HttpUrl.Parse(proxy.Url) is { } proxyUrl ? hosts.Refusal(Fields.ProxyUrl, proxyUrl) : null);
}
