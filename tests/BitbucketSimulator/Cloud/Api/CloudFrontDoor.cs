using System.Text.RegularExpressions;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.Serving;
using Microsoft.AspNetCore.Http.Features;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>What happens to each request before a handler sees it: address, login, brown-outs, rate limit.</summary>
internal sealed class CloudFrontDoor(CloudBackend backend)
{
    private readonly CloudAuthenticator _authenticator = new(backend.World, backend.Clock);
    private readonly CloudRateLimiter _limiter = new(backend.World, backend.Clock);
    private readonly Dictionary<string, (Regex Path, int Seen)> _brownouts = new(StringComparer.Ordinal);

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path == TokenEndpoint.Path || Decide(http) is not { } answer) await next(http);
        else await answer.WriteAsync(http);
    }

    private Answer? Decide(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments("/2.0", StringComparison.Ordinal)) return CloudErrors.Error(403, "Forbidden");
        lock (backend.World.Gate)
        {
            var (caller, refusal) = _authenticator.Authenticate(http.Request);
            http.Features.Set(caller);
            http.Features.GetRequiredFeature<Exchange>().Login = caller.Login;
            if (refusal is not null) return refusal;
            SetScopeHeaders(http.Response, caller);
            return _limiter.Take(http, caller) ?? (InBrownout(http.Request.Path) ? CloudErrors.Removed() : null);
        }
    }

    /// <summary>Only the highest level of each scope is told; what it implies is for the reader to know.</summary>
    private void SetScopeHeaders(HttpResponse response, CloudCaller caller)
    {
        var quirks = backend.World.Quirks;
        if (!quirks.ScopeHeaders || caller.Token is not { } token) return;
        if (NameOf(token.Kind, quirks) is { } kind) response.Headers["x-credential-type"] = kind;
        response.Headers["x-oauth-scopes"] = string.Join(", ", Scopes.Highest(token));
    }

    private static string? NameOf(CredentialKind kind, CloudQuirks quirks) => kind switch
    {
        CredentialKind.ApiToken => "api_token",
        CredentialKind.RepositoryAccessToken => "repo_access_token",
        CredentialKind.ProjectAccessToken => "project_access_token",
        CredentialKind.WorkspaceAccessToken => "workspace_access_token",
        CredentialKind.OAuth => quirks.OAuthCredentialType,
        _ => "apppassword",
    };

    private bool InBrownout(PathString path)
    {
        foreach (var glob in backend.World.Quirks.Brownouts)
        {
            var (pattern, seen) = _brownouts.TryGetValue(glob, out var known) ? known : (Glob.Compile(glob), 0);
            if (!pattern.IsMatch(path.Value!)) continue;
            _brownouts[glob] = (pattern, seen + 1);
            if (seen % Math.Max(1, backend.World.Quirks.BrownoutEvery) == 0) return true;
        }

        return false;
    }
}
