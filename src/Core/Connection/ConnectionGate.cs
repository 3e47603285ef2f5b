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
        spec.Hosting ?? (UrlOf(spec) is { Host: "bitbucket.org" or "www.bitbucket.org" } ? Hosting.Cloud : Hosting.DataCenter);

    /// <summary>The server's root; null when spec.url is none.</summary>
    public static Uri? UrlOf(BitbucketConnectionSpec spec) =>
        Uri.TryCreate(spec.Url.TrimEnd('/'), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0 ? url : null;

    /// <summary>Why nothing at all can be done for the spec; null when something can.</summary>
    public static Fault? Refusal(BitbucketConnectionSpec spec, ConnectionPolicy policy)
    {
        if (UrlOf(spec) is not { } url)
        {
            return Fault.Terminal(Reasons.InvalidUrl, "spec.url is no absolute http or https URL, such as https://bitbucket.example.com/bitbucket");
        }

        if (url.Scheme == "http" && !policy.AllowHttp)
        {
            return Fault.Terminal(
                Reasons.InsecureUrl,
                "spec.url is http: the credential would travel unencrypted. Use https, or start the operator with --allow-http");
        }

        return Unsupported(spec) is { } what ? Fault.Terminal(Reasons.NotSupported, what) : null;
    }

    /// <summary>Fields that are accepted and have no effect yet, and can have none that harms.</summary>
    public static IReadOnlyList<string> NotActedOn(BitbucketConnectionSpec spec)
    {
        var fields = new List<string>();
        if (spec.Adoption == Adoption.Always)
        {
            fields.Add("spec.adoption Always (acts as IfIdentical)");
        }

        if (spec.Discovery.MaxShrinkPercent != new DiscoverySpec().MaxShrinkPercent)
        {
            fields.Add("spec.discovery.maxShrinkPercent");
        }

        return fields;
    }

    private static string? Unsupported(BitbucketConnectionSpec spec)
    {
        if (HostingOf(spec) == Hosting.Cloud)
        {
            return "spec.url or spec.hosting means Bitbucket Cloud, which is not supported by this version; name a Bitbucket Data Center";
        }

        if (spec.Auth.Type is not (AuthType.HTTPAccessToken or AuthType.Basic))
        {
            return $"spec.auth.type {spec.Auth.Type} is not supported by this version; use HTTPAccessToken or Basic";
        }

        return UnsupportedField(spec) is { } field ? $"{field} is not supported by this version; remove it" : null;
    }

    private static string? UnsupportedField(BitbucketConnectionSpec spec)
    {
        if (spec.WebhookAuth is not null)
        {
            return "spec.webhookAuth";
        }

        if (spec.Proxy is not null)
        {
            return "spec.proxy";
        }

        if (spec.Mode == Mode.Plan)
        {
            return "spec.mode Plan";
        }

        var webhook = spec.Webhooks.Find(w => w.GenerateSecret || w.Level is WebhookLevel.Project or WebhookLevel.Workspace);
        if (webhook is not null)
        {
            return $"spec.webhooks[{webhook.Name}]." + (webhook.GenerateSecret ? "generateSecret" : $"level {webhook.Level}");
        }

        return null;
    }
}
