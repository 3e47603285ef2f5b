using System.Text.Json;
using BitbucketOperator.BitbucketSimulator.Cloud.Api;
using BitbucketOperator.BitbucketSimulator.Control;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Control;

/// <summary>The control side of Cloud: state, faults, log and pushes over plain HTTP, for other processes and for curl.</summary>
internal static class CloudControl
{
    public static void Map(WebApplication app, CloudBackend backend)
    {
        ControlBasics.Map(app, backend);
        MapState(app, backend);
        CloudControlOfAccess.Map(app, backend);
        CloudControlOfRepositories.Map(app, backend);
        CloudControlOfWebhooks.Map(app, backend);
        app.MapPost("/push", async (CloudPushInput input, CancellationToken cancel) =>
            await backend.Deliveries.PushAsync($"{input.Workspace}/{input.Repository}", input.Branch, input.User, cancel));
    }

    private static void MapState(WebApplication app, CloudBackend backend)
    {
        app.MapGet("/state", () => backend.Locked(CloudStateView.Of));
        app.MapMethods("/state", ["PATCH"], (CloudSeed seed) => backend.Locked(w => Apply(w, seed)));
        app.MapPut("/state", (CloudSeed seed) => backend.Locked(w =>
        {
            w.Clear();
            return Apply(w, seed);
        }));
        app.MapGet("/server", () => backend.Locked(CloudStateView.Server));
        app.MapMethods("/server", ["PATCH"], (JsonElement patch) => backend.Locked(w => Change(w, patch)));
    }

    private static object Apply(CloudWorld world, CloudSeed seed)
    {
        CloudSeedApplier.Apply(world, seed);
        return CloudStateView.Summary(world);
    }

    private static object Change(CloudWorld world, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object) throw new StateException("a JSON object is expected");
        foreach (var field in patch.EnumerateObject())
        {
            if (field.Name == "quirks") world.Quirks = Settings.Merge(world.Quirks, field.Value);
            else if (field.Name == "rateLimit") world.RateLimit = Settings.Merge(world.RateLimit, field.Value);
            else throw new StateException($"there is no setting \"{field.Name}\": use quirks or rateLimit");
        }

        return CloudStateView.Server(world);
    }
}

internal sealed record CloudPushInput(string Workspace, string Repository, string Branch = "main", string? User = null);
