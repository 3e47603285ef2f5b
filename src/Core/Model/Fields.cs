namespace BitbucketOperator.Core.Model;

/// <summary>Fields of the resource that faults speak of, as paths with the entries of lists by name.</summary>
public static class Fields
{
    /// <summary>The server's address.</summary>
    public const string Url = "spec.url";

    /// <summary>The flavour.</summary>
    public const string Hosting = "spec.hosting";

    /// <summary>The workspace.</summary>
    public const string Workspace = "spec.workspace";

    /// <summary>The proxy's address.</summary>
    public const string ProxyUrl = "spec.proxy.url";

    /// <summary>Certificate authorities.</summary>
    public const string CaBundle = "spec.tls.caBundleRef";

    /// <summary>The credential for everything.</summary>
    public const string Auth = "spec.auth";

    /// <summary>The credential for webhooks alone.</summary>
    public const string WebhookAuth = "spec.webhookAuth";

    /// <summary>The entries for webhooks.</summary>
    public const string Webhooks = "spec.webhooks";

    /// <summary>One of them, such as <c>spec.webhooks[ci]</c>.</summary>
    /// <param name="name">Its name.</param>
    public static string Webhook(string name) => $"{Webhooks}[{name}]";
}
