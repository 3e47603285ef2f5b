using BitbucketOperator.BitbucketSimulator.Serving;
using Microsoft.AspNetCore.Http.Features;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>Who may call at all.</summary>
internal enum Audience
{
    Everyone,

    /// <summary>Whoever has a credential.</summary>
    LoggedIn,

    /// <summary>Users and app users: access tokens are refused, before their scopes are looked at.</summary>
    NoAccessTokens,
}

/// <summary>Registers handlers, which run under the state's lock. Scopes are checked before anything is looked up.</summary>
internal sealed class CloudRouter(IEndpointRouteBuilder app, CloudBackend backend)
{
    /// <summary>Registers a handler below <c>/2.0</c>.</summary>
    public void Add(string method, string path, Audience audience, Need need, Func<CloudCall, Answer> handler)
    {
        RequestDelegate run = RunAsync;
        app.MapMethods($"/2.0/{path}", [method], run);

        Task RunAsync(HttpContext http) => RequestCall.RunAsync(http, body =>
        {
            lock (backend.World.Gate)
            {
                var caller = http.Features.GetRequiredFeature<CloudCaller>();
                var call = new CloudCall(http, backend, caller, body);
                Admit(http, call, audience, need);
                return Task.FromResult(Filtered(handler(call), call));
            }
        });
    }

    private void Admit(HttpContext http, CloudCall call, Audience audience, Need need)
    {
        var quirks = backend.World.Quirks;
        if (call.Caller.Token is not { } token)
        {
            if (audience != Audience.Everyone) throw new ApiException(CloudErrors.Unauthorized(quirks.UnauthorizedBody));
            return;
        }

        var required = need.For(token.Kind);
        if (quirks.ScopeHeaders && required.Count > 0) http.Response.Headers["x-accepted-oauth-scopes"] = string.Join(", ", required);
        if (audience == Audience.NoAccessTokens && token.IsAccessToken) throw CloudErrors.WrongMechanism(quirks.UserForAccessTokensStatus);
        call.RequireScopes(required);
    }

    private static Answer Filtered(Answer answer, CloudCall call) =>
        answer is { Body: not null, Status: >= 200 and < 300 } ? answer with { Body = PartialAnswer.Apply(answer.Body, call.Query("fields")) } : answer;
}
