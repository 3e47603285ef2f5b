namespace BitbucketOperator.Core.Port;

/// <summary>The kinds of credential, named as spec.auth.type names them; in the order in which messages name them.</summary>
public enum CredentialKind
{
    /// <summary>Data Center: an HTTP access token of a user, a project or a repository.</summary>
    HTTPAccessToken,

    /// <summary>Data Center: user name and password.</summary>
    Basic,

    /// <summary>Cloud: a user's API token.</summary>
    APIToken,

    /// <summary>Cloud: an access token of a repository, a project or a workspace.</summary>
    AccessToken,

    /// <summary>Cloud: an OAuth 2 consumer's client credentials.</summary>
    OAuth2,

    /// <summary>Cloud: a user's app password, which Atlassian has switched off.</summary>
    AppPassword,
}
