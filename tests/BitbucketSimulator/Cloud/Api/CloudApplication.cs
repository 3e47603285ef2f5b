using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.Serving;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>The Cloud flavour as a chain: log, faults, front door, handlers.</summary>
internal static class CloudApplication
{
    private static readonly string[] Removed =
    [
        "repositories", "workspaces", "snippets", "user/permissions/repositories", "user/permissions/workspaces", "user/permissions/{**rest}",
    ];

    public static void Map(WebApplication app, CloudBackend backend)
    {
        var recorder = new Recorder(backend);
        var faults = new FaultMiddleware(backend);
        var door = new CloudFrontDoor(backend);
        app.Use(next => http => recorder.InvokeAsync(http, next));
        app.Use(next => http => faults.InvokeAsync(http, next));
        app.Use(next => http => door.InvokeAsync(http, next));
        app.UseRouting();

        TokenEndpoint.Map(app, backend);
        var router = new CloudRouter(app, backend);
        foreach (var path in Removed) router.Add("GET", path, Audience.Everyone, Need.Nothing, _ => CloudErrors.Removed());
        UserEndpoints.Map(router);
        WorkspaceEndpoints.Map(router);
        WebhookEndpoints.Map(router);
        EventEndpoints.Map(router);
        app.MapFallback(http => CloudErrors.NoSuchResource().WriteAsync(http));
    }
}
