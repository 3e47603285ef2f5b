using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core;

/// <summary>What a person logs in with. One record per kind of spec.auth.type; the next kind is added here.</summary>
public abstract record Credential
{
    private Credential(AuthType type) => Type = type;

    /// <summary>The kind as the resource names it.</summary>
    public AuthType Type { get; }

    /// <summary>A Data Center HTTP access token of a user, a project or a repository, sent as Bearer.</summary>
    public sealed record HttpAccessToken(SecretText Token) : Credential(AuthType.HTTPAccessToken);

    /// <summary>Data Center: a user name with a password (or with a user's token), sent as Basic.</summary>
    public sealed record Basic(string Username, SecretText Password) : Credential(AuthType.Basic);

    /// <summary>Cloud: an OAuth 2 consumer's client credentials, exchanged for tokens that are sent as Bearer.</summary>
    public sealed record OAuth2(string ClientId, SecretText ClientSecret) : Credential(AuthType.OAuth2);

    /// <summary>Cloud: a user's API token, sent as Basic with the e-mail address of the Atlassian account.</summary>
    public sealed record ApiToken(string Email, SecretText Token) : Credential(AuthType.APIToken);

    /// <summary>Cloud: an access token of a repository, a project or a workspace, sent as Bearer.</summary>
    public sealed record AccessToken(SecretText Token) : Credential(AuthType.AccessToken);

    /// <summary>Cloud: a user's app password, sent as Basic. Atlassian removed the kind on 2026-07-28.</summary>
    public sealed record AppPassword(string Username, SecretText Password) : Credential(AuthType.AppPassword);
}
