using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Validation;

/// <summary>What the operator was started with that bears on what a connection may ask.</summary>
/// <param name="AllowHttp">Plain http is accepted, for the server and for webhooks.</param>
public sealed record ConnectionPolicy(bool AllowHttp)
{
    /// <summary>Which hosts spec.url and spec.proxy.url may name. Default: every host.</summary>
    public HostRules Hosts { get; init; } = HostRules.Any;

    /// <summary>Which Secrets it may use. Default: every one that is not made for another purpose.</summary>
    public SecretRules Secrets { get; init; } = SecretRules.Default;
}
