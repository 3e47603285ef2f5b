using System.Text.Json;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Control;

/// <summary>Changes only the settings that are named, quirk by quirk.</summary>
internal static class ServerPatch
{
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
                world.Status = Settings.Read<ServerStatus>(value);
                break;
            case "publicAccess":
                world.PublicAccess = Settings.Read<bool>(value);
                break;
            case "quirks":
                world.Quirks = Settings.Merge(world.Quirks, value);
                break;
            case "rateLimit":
                world.RateLimit = Settings.Merge(world.RateLimit, value);
                break;
            default:
                throw new StateException($"there is no setting \"{field}\": use version, status, publicAccess, quirks or rateLimit");
        }
    }
}
