using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.Serving;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>The Data Center flavour as a chain: log, context path, faults, front door, handlers.</summary>
internal static class DataCenterApplication
{
    public static void Map(WebApplication app, Backend backend)
    {
        var recorder = new Recorder(backend);
        var faults = new FaultMiddleware(backend);
        var door = new FrontDoor(backend);
        app.Use(next => http => recorder.InvokeAsync(http, next));
        app.Use(next => http => faults.InvokeAsync(http, next));
        app.Use(next => http => door.InvokeAsync(http, next));
        app.UseRouting();

        var router = new Router(app, backend);
        ServerEndpoints.Map(router);
        RepositoryEndpoints.Map(router);
        WebhookEndpoints.Map(router);
        app.MapFallback(http => NotFound(http, backend).WriteAsync(http));
    }

    private static Answer NotFound(HttpContext http, Backend backend)
    {
        if (http.Request.Path == "/login") return Answer.Html(200, "Log in - Bitbucket");
        if (!http.Request.Path.StartsWithSegments("/rest", StringComparison.Ordinal)) return Answer.Html(404, "Page not found");
        lock (backend.World.Gate) return Errors.NoSuchResource(backend.World, http.Request.Path);
    }
}
