using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Control;

/// <summary>Settings as JSON: strict about names, and changed one by one.</summary>
internal static class Settings
{
    private static readonly JsonSerializerOptions Json = Options();

    public static T Read<T>(JsonElement value) => value.Deserialize<T>(Json)!;

    /// <summary>The current settings with only the named fields changed.</summary>
    public static T Merge<T>(T current, JsonElement patch)
    {
        var merged = JsonSerializer.SerializeToNode(current, Json)!.AsObject();
        foreach (var field in patch.EnumerateObject())
        {
            if (!merged.ContainsKey(field.Name))
                throw new StateException($"there is no setting \"{field.Name}\": use {string.Join(", ", merged.Select(f => f.Key))}");
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
