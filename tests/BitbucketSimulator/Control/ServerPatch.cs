using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Control;

/// <summary>Changes only the settings that are named, quirk by quirk.</summary>
internal static class ServerPatch
{
    private static readonly JsonSerializerOptions Json = Options();

    public static object Apply(World world, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object) throw new StateException("a JSON object is expected");
        foreach (var field in patch.EnumerateObject()) Set(world, field.Name, field.Value);
        return StateView.Server(world);
    }

    private static void Set(World world, string field, JsonElement value)
    {
        switch (field)
        {
            case "version":
                world.Version = ServerVersion.Parse(value.GetString() ?? "");
                break;
            case "status":
                world.Status = value.Deserialize<ServerStatus>(Json);
                break;
            case "publicAccess":
                world.PublicAccess = value.Deserialize<bool>(Json);
                break;
            case "quirks":
                world.Quirks = Merge(world.Quirks, value);
                break;
            case "rateLimit":
                world.RateLimit = Merge(world.RateLimit, value);
                break;
            default:
                throw new StateException($"there is no setting \"{field}\": use version, status, publicAccess, quirks or rateLimit");
        }
    }

    private static T Merge<T>(T current, JsonElement patch)
    {
        var merged = JsonSerializer.SerializeToNode(current, Json)!.AsObject();
        foreach (var field in patch.EnumerateObject())
        {
            if (!merged.ContainsKey(field.Name)) throw new StateException($"there is no setting \"{field.Name}\": use {string.Join(", ", merged.Select(f => f.Key))}");
            merged[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        }

        return merged.Deserialize<T>(Json)!;
    }

    private static JsonSerializerOptions Options()
    {
        var options = new JsonSerializerOptions();
        Host.Configure(options);
        return options;
    }
}
