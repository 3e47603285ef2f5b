using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;
using Microsoft.AspNetCore.Http.Features;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>What happens to each request before a handler sees it: server state, login, rate limit, XSRF check.</summary>
internal sealed class FrontDoor(Backend backend)
{
    private readonly Authenticator _authenticator = new(backend.World, backend.Clock);
    private readonly RateLimiter _limiter = new(backend.World, backend.Clock);

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (Decide(http) is { } answer)
        {
            await answer.WriteAsync(http);
            return;
        }

        await next(http);
    }

    /// <summary>What /rest says while the server is starting, migrating or broken.</summary>
    public static Answer Unavailable(World world, PathString pathBase) => world.Quirks.Unavailable switch
    {
        UnavailableAnswer.Json => Errors.Error(503, "Bitbucket is currently unavailable."),
        UnavailableAnswer.Redirect => Answer.Redirect(302, $"{pathBase}/mvc/maintenance"),
        _ => Answer.Html(503, "Bitbucket is currently unavailable"),
    };

    private Answer? Decide(HttpContext http)
    {
        var world = backend.World;
        lock (world.Gate)
        {
            var (caller, refusal) = _authenticator.Authenticate(http.Request);
            var isStatus = http.Request.Path == "/status";
            if (isStatus && refusal is null) return ServerEndpoints.Status(world);
            if (world.Status != ServerStatus.Running) return Unavailable(world, http.Request.PathBase);

            http.Features.Set(caller);
            http.Features.GetRequiredFeature<Exchange>().Login = caller.Login;
            SetUserHeaders(http.Response, caller);
            return refusal ?? _limiter.Take(caller) ?? CheckXsrf(http.Request);
        }
    }

    private void SetUserHeaders(HttpResponse response, Caller caller)
    {
        var quirks = backend.World.Quirks;
        if (quirks.StripUserHeader) return;
        if (caller.Login is { } login)
        {
            response.Headers["X-AUSERNAME"] = quirks.EncodeUserHeader ? Uri.EscapeDataString(login) : login;
            response.Headers["X-AUSERID"] = caller.Id?.ToString();
        }
        else if (quirks.AnonymousHeader == AnonymousHeader.Word)
        {
            response.Headers["X-AUSERNAME"] = "anonymous";
        }
    }

    /// <summary>Only bodies that a browser form can send are suspicious; JSON passes.</summary>
    private static Answer? CheckXsrf(HttpRequest request)
    {
        if (request.Method is "GET" or "HEAD" or "OPTIONS" || request.ContentType is not { } type) return null;
        var form = new[] { "application/x-www-form-urlencoded", "multipart/form-data", "text/plain" }
            .Any(t => type.StartsWith(t, StringComparison.OrdinalIgnoreCase));
        if (!form) return null;
        var token = request.Headers["X-Atlassian-Token"].ToString();
        return token is "no-check" or "nocheck" ? null : new Answer(403) { Text = "XSRF check failed", ContentType = "text/plain;charset=UTF-8" };
    }
}
