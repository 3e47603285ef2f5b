namespace BitbucketOperator.Core.Port;

/// <summary>All it takes to talk to a server.</summary>
/// <param name="Url">The server's root, with its context path; no trailing slash needed.</param>
/// <param name="Flavour">The flavour.</param>
/// <param name="Credential">What to log in with.</param>
/// <param name="CaBundle">PEM certificates to trust besides the system's; null for the system's alone.</param>
/// <param name="InsecureSkipVerify">Accept any server certificate.</param>
public sealed record ConnectionTarget(
    Uri Url,
    Flavour Flavour,
    Credential Credential,
    string? CaBundle = null,
    bool InsecureSkipVerify = false)
{
    /// <summary>Cloud: the workspace's slug; null on Data Center.</summary>
    public string? Workspace { get; init; }

    /// <summary>The field of the resource that names the workspace, for messages: <c>spec.workspace</c> or <c>spec.url</c>.</summary>
    public string WorkspaceField { get; init; } = "spec.workspace";

    /// <summary>The proxy to go through; null for the one of the operator's environment, or none.</summary>
    public ProxyTarget? Proxy { get; init; }

    /// <summary>The field of the resource that names the credential, for messages: <c>spec.auth</c> or <c>spec.webhookAuth</c>.</summary>
    public string CredentialField { get; init; } = "spec.auth";

    /// <summary>What holds the credential, for messages, such as <c>Secret "bitbucket-token"</c>.</summary>
    public string CredentialPlace { get => field ?? $"the Secret of {CredentialField}.secretRef"; init; }
}

/// <summary>An HTTP proxy.</summary>
/// <param name="Url">Its address.</param>
/// <param name="Username">Whom it knows us as; null when it asks nobody.</param>
/// <param name="Password">With the user name.</param>
public sealed record ProxyTarget(Uri Url, string? Username = null, SecretText? Password = null);
