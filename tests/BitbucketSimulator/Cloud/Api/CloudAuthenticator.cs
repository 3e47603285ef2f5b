using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;
using Microsoft.Net.Http.Headers;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>Finds out who makes a request, or why nobody does. Call it under the state's lock.</summary>
internal sealed class CloudAuthenticator(CloudWorld world, TimeProvider clock)
{
    /// <summary>Either the caller, or the answer that refuses the credential.</summary>
    public (CloudCaller Caller, Answer? Refusal) Authenticate(HttpRequest request)
    {
        var header = request.Headers[HeaderNames.Authorization].ToString();
        if (header.Length == 0) return (CloudCaller.Anonymous, null);
        var token = AuthorizationHeader.Bearer(header) is { } bearer ? OfBearer(bearer)
            : AuthorizationHeader.Basic(header) is { } pair ? OfBasic(pair.Name, pair.Password)
            : null;
        if (token is null || token.Revoked || token.User is { Active: false }) return Refuse(CloudErrors.Unauthorized(world.Quirks.UnauthorizedBody));
        if (token.ExpiresAt <= clock.GetUtcNow())
        {
            return Refuse(token.Kind == CredentialKind.OAuth
                ? CloudErrors.Expired(world.Quirks.UnauthorizedBody)
                : CloudErrors.Unauthorized(world.Quirks.UnauthorizedBody));
        }

        return (new CloudCaller(token), null);
    }

    private CloudToken? OfBearer(string secret)
    {
        var token = world.FindToken(secret);
        if (token is null || token.IsAccessToken || token.Kind == CredentialKind.OAuth) return token;
        return token.Kind == CredentialKind.ApiToken && world.Quirks.BearerForApiTokens && token.Scopes.Count > 0 ? token : null;
    }

    /// <summary>API tokens go with the e-mail address, app passwords went with the user name.</summary>
    private CloudToken? OfBasic(string name, string password)
    {
        var token = world.FindToken(password);
        return token switch
        {
            { Kind: CredentialKind.ApiToken, Scopes.Count: > 0 } when Same(token.User!.Email, name) => token,
            { Kind: CredentialKind.AppPassword } when world.Quirks.AppPasswordsUntil > clock.GetUtcNow() && Same(token.User!.Name, name) => token,
            _ => null,
        };
    }

    private static (CloudCaller Caller, Answer? Refusal) Refuse(Answer answer) => (CloudCaller.Anonymous, answer);

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
