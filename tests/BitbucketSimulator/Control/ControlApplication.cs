using System.Text.Json;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Control;

/// <summary>The control side: state, faults, log and pushes over plain HTTP, for other processes and for curl.</summary>
internal static class ControlApplication
{
    public static void Map(WebApplication app, Backend backend)
    {
        app.Use(next => http => ExplainErrorsAsync(http, next));
        app.UseRouting();
        MapState(app, backend);
        MapFaults(app, backend);
        MapLog(app, backend);
        ControlOfRepositories.Map(app, backend);
        ControlOfAccess.Map(app, backend);
        ControlOfWebhooks.Map(app, backend);
        app.MapPost("/push", async (PushInput input, CancellationToken cancel) =>
            await backend.Deliveries.PushAsync($"{input.Project}/{input.Repository}", input.Branch, input.User, cancel));
    }

    private static void MapState(WebApplication app, Backend backend)
    {
        app.MapGet("/state", () => Locked(backend, StateView.Of));
        app.MapMethods("/state", ["PATCH"], (Seed seed) => Locked(backend, w =>
        {
            SeedApplier.Apply(w, seed);
            return StateView.Summary(w);
        }));
        app.MapPut("/state", (Seed seed) => Locked(backend, w =>
        {
            w.Clear();
            SeedApplier.Apply(w, seed);
            return StateView.Summary(w);
        }));
        app.MapGet("/server", () => Locked(backend, StateView.Server));
        app.MapMethods("/server", ["PATCH"], (JsonElement patch) => Locked(backend, w => ServerPatch.Apply(w, patch)));
    }

    private static void MapFaults(WebApplication app, Backend backend)
    {
        app.MapGet("/faults", () => backend.Faults.Active);
        app.MapPost("/faults", (Fault fault) => Results.Json(new { id = backend.Faults.Add(fault) }, statusCode: 201));
        app.MapDelete("/faults", () => backend.Faults.Clear());
        app.MapDelete("/faults/{id}", (string id) => backend.Faults.Remove(id) ? Results.NoContent() : Results.NotFound());
    }

    private static void MapLog(WebApplication app, Backend backend)
    {
        app.MapGet("/requests", (int? last) => backend.Requests.Entries.TakeLast(last ?? int.MaxValue));
        app.MapDelete("/requests", () => backend.Requests.Reset());
        app.MapGet("/counters", () => backend.Requests.Counters);
        app.MapPost("/counters/reset", () => backend.Requests.Reset());
    }

    internal static T Locked<T>(Backend backend, Func<World, T> act)
    {
        lock (backend.World.Gate) return act(backend.World);
    }

    private static async Task ExplainErrorsAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (Exception e) when (e is StateException or FormatException or JsonException or BadHttpRequestException)
        {
            http.Response.StatusCode = 400;
            await http.Response.WriteAsJsonAsync(new { error = e.InnerException is JsonException inner ? inner.Message : e.Message }, http.RequestAborted);
        }
    }
}

internal sealed record PushInput(string Project, string Repository, string Branch = "main", string? User = null);
