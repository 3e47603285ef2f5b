using System.Text.Json;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Control;

/// <summary>The control side: state, faults, log and pushes over plain HTTP, for other processes and for curl.</summary>
internal static class ControlApplication
{
    public static void Map(WebApplication app, Backend backend)
    {
        ControlBasics.Map(app, backend);
        MapState(app, backend);
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

    internal static T Locked<T>(Backend backend, Func<World, T> act)
    {
        lock (backend.World.Gate) return act(backend.World);
    }
}

internal sealed record PushInput(string Project, string Repository, string Branch = "main", string? User = null);
