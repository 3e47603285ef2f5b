using BitbucketOperator.Bitbucket.Http;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>What goes into the Authorization header of one request.</summary>
/// <param name="Header">The header.</param>
/// <param name="Token">The token in it, where that is one of an OAuth consumer.</param>
internal sealed record Authorization(AuthenticationHeaderValue Header, OAuthToken? Token = null);

/// <summary>Logs one credential in: as it is, or as a token of its OAuth consumer.</summary>
/// <param name="target">Holds the credential.</param>
/// <param name="tokens">Keeps OAuth tokens.</param>
/// <param name="client">The name of the HTTP client that tokens are asked for with.</param>
internal sealed class Login(ConnectionTarget target, OAuthTokens tokens, SharedClient client)
{
    private readonly RestCall _fetchToken = new(Operation.FetchToken, target.Workspace ?? "");
    private readonly Means _means = MeansOf(target.Credential);

    /// <summary>For messages.</summary>
    public CredentialFacts Facts { get; } = CredentialFacts.Of(target.Credential, target.CredentialField) with
    {
        Place = target.CredentialPlace,
        WorkspaceField = target.WorkspaceField,
    };

    /// <summary>By what Bitbucket counts requests: the user, the consumer or the token.</summary>
    public string Identity => _means.Identity;

    /// <summary>The header for the next request.</summary>
    /// <exception cref="FaultException">The OAuth consumer gets no token.</exception>
    public async Task<Authorization> AuthorizeAsync(CancellationToken cancellationToken)
    {
        if (_means.Header is { } header) return new(header);
        var token = await tokens.GetAsync(client, _means.Consumer!, _fetchToken, Facts, cancellationToken);
        return new(new("Bearer", token.Text.Reveal()), token);
    }

    /// <summary>Told that a header was refused; true when another may be had.</summary>
    public bool Renew(Authorization refused)
    {
        if (refused.Token is not { } token || _means.Consumer is not { } consumer) return false;
        tokens.Drop(client, consumer, token);
        return true;
    }

    /// <summary>Told that a header was accepted, and lacks a scope.</summary>
    public void RenewForScopes(Authorization narrow)
    {
        if (narrow.Token is { } token && _means.Consumer is { } consumer) tokens.DropIfOld(client, consumer, token);
    }

    /// <summary>By what Bitbucket counts the requests of a consumer.</summary>
    public static string IdentityOf(Credential.OAuth2 consumer) => $"consumer {consumer.ClientId}";

    private static Means MeansOf(Credential credential) => credential.Type switch
    {
        CredentialKind.OAuth2 => OfConsumer((Credential.OAuth2)credential),
        CredentialKind.AccessToken => Bearer(((Credential.AccessToken)credential).Token),
        CredentialKind.APIToken => OfApiToken((Credential.ApiToken)credential),
        CredentialKind.AppPassword => OfAppPassword((Credential.AppPassword)credential),
        CredentialKind.HTTPAccessToken or CredentialKind.Basic =>
            throw new NotSupportedException($"Bitbucket Cloud knows no {credential.Type}."),
    };

    private static Means OfConsumer(Credential.OAuth2 consumer) =>
        new(IdentityOf(consumer), Header: null) { Consumer = consumer };

    private static Means OfApiToken(Credential.ApiToken credential) => Basic(credential.Email, credential.Token);

    private static Means OfAppPassword(Credential.AppPassword credential) => Basic(credential.Username, credential.Password);

    private static Means Bearer(SecretText token)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(token.Reveal()));
        return new($"token {Convert.ToHexStringLower(hash)}", new("Bearer", token.Reveal()));
    }

    private static Means Basic(string name, SecretText secret)
    {
        var header = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{secret.Reveal()}")));
        return new($"user {name.ToUpperInvariant()}", header);
    }

    /// <summary>What a credential logs in with.</summary>
    /// <param name="Identity">By what Bitbucket counts its requests.</param>
    /// <param name="Header">The header of every request; null where it is one of a token that the consumer fetches.</param>
    private sealed record Means(string Identity, AuthenticationHeaderValue? Header)
    {
        public Credential.OAuth2? Consumer { get; init; }
    }
}
