namespace BitbucketOperator.Core.Port;

/// <summary>A credential. One record per kind of spec.auth.type.</summary>
public abstract record Credential
{
    private Credential(CredentialKind type) => Type = type;

    /// <summary>The kind as the resource names it.</summary>
    public CredentialKind Type { get; }

    /// <summary>What of it must not be repeated: the secret, and for kinds of two parts both together as they are sent.</summary>
    public abstract IReadOnlyList<SecretText> Secrets { get; }

    private static SecretText[] Pair(string name, SecretText secret) => [secret, new($"{name}:{secret.Reveal()}")];

    /// <summary>A Data Center HTTP access token of a user, a project or a repository, sent as Bearer.</summary>
    public sealed record HttpAccessToken(SecretText Token) : Credential(CredentialKind.HTTPAccessToken)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<SecretText> Secrets => [Token];
    }

    /// <summary>Data Center: a user name with a password (or with a user's token), sent as Basic.</summary>
    public sealed record Basic(string Username, SecretText Password) : Credential(CredentialKind.Basic)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<SecretText> Secrets => Pair(Username, Password);
    }

    /// <summary>Cloud: an OAuth 2 consumer's client credentials, exchanged for tokens that are sent as Bearer.</summary>
    public sealed record OAuth2(string ClientId, SecretText ClientSecret) : Credential(CredentialKind.OAuth2)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<SecretText> Secrets => Pair(ClientId, ClientSecret);
    }

    /// <summary>Cloud: a user's API token, sent as Basic with the e-mail address of the Atlassian account.</summary>
    public sealed record ApiToken(string Email, SecretText Token) : Credential(CredentialKind.APIToken)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<SecretText> Secrets => Pair(Email, Token);
    }

    /// <summary>Cloud: an access token of a repository, a project or a workspace, sent as Bearer.</summary>
    public sealed record AccessToken(SecretText Token) : Credential(CredentialKind.AccessToken)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<SecretText> Secrets => [Token];
    }

    /// <summary>Cloud: a user's app password, sent as Basic. Atlassian removed the kind on 2026-07-28.</summary>
    public sealed record AppPassword(string Username, SecretText Password) : Credential(CredentialKind.AppPassword)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<SecretText> Secrets => Pair(Username, Password);
    }
}
