using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>What goes into the Authorization header of one request.</summary>
/// <param name="Header">The header.</param>
/// <param name="Token">The token in it, where that is one of an OAuth consumer.</param>
internal sealed record Authorization(AuthenticationHeaderValue Header, OAuthToken? Token = null);

/// <summary>Logs one credential in: as it is, or as a token of its OAuth consumer.</summary>
/// <param name="target">Holds the credential.</param>
/// <param name="tokens">Keeps OAuth tokens.</param>
/// <param name="client">The name of the HTTP client that tokens are asked for with.</param>
internal sealed class Login(ConnectionTarget target, OAuthTokens tokens, string client)
{
    private readonly RestCall _fetchToken = new(Operation.FetchToken, target.Workspace ?? "");

    /// <summary>For messages.</summary>
    public CredentialFacts Facts { get; } = CredentialFacts.Of(target.Credential, target.CredentialField);

    /// <summary>By what Bitbucket counts requests: the user, the consumer or the token.</summary>
    public string Identity { get; } = IdentityOf(target.Credential);

    /// <summary>What must not be repeated in messages, besides the header.</summary>
    public SecretText[] Secrets { get; } = SecretsOf(target.Credential);

    /// <summary>The header for the next request.</summary>
    /// <exception cref="FaultException">The OAuth consumer gets no token.</exception>
    public async Task<Authorization> AuthorizeAsync(CancellationToken cancellationToken)
    {
        switch (target.Credential)
        {
            case Credential.OAuth2 consumer:
                var token = await tokens.GetAsync(client, consumer, _fetchToken, Facts, cancellationToken);
                return new(new("Bearer", token.Text.Reveal()), token);
            case Credential.AccessToken { Token: var text }:
                return new(new("Bearer", text.Reveal()));
            default:
                return new(new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Secrets[^1].Reveal()))));
        }
    }

    /// <summary>Told that a header was refused; true when another may be had.</summary>
    public bool Renew(Authorization refused)
    {
        if (refused.Token is not { } token || target.Credential is not Credential.OAuth2 consumer) return false;
        tokens.Drop(client, consumer, token);
        return true;
    }

    /// <summary>Told that a header was accepted, and lacks a scope.</summary>
    public void RenewForScopes(Authorization narrow)
    {
        if (narrow.Token is { } token && target.Credential is Credential.OAuth2 consumer) tokens.DropIfOld(client, consumer, token);
    }

    private static SecretText[] SecretsOf(Credential credential) => credential switch
    {
        Credential.OAuth2 { ClientSecret: var secret } => [secret],
        Credential.AccessToken { Token: var token } => [token],
        Credential.ApiToken { Email: var name, Token: var token } => [token, Pair(name, token)],
        Credential.AppPassword { Username: var name, Password: var password } => [password, Pair(name, password)],
        _ => throw new NotSupportedException($"Bitbucket Cloud knows no {credential.GetType().Name}."),
    };

    private static string IdentityOf(Credential credential) => credential switch
    {
        Credential.OAuth2 { ClientId: var id } => $"consumer {id}",
        Credential.ApiToken { Email: var email } => $"user {email.ToUpperInvariant()}",
        Credential.AppPassword { Username: var name } => $"user {name.ToUpperInvariant()}",
        Credential.AccessToken { Token: var token } => $"token {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token.Reveal())))}",
        _ => throw new NotSupportedException($"Bitbucket Cloud knows no {credential.GetType().Name}."),
    };

    private static SecretText Pair(string name, SecretText secret) => new($"{name}:{secret.Reveal()}");
}
