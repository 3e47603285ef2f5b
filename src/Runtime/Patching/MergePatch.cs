using System.Text.Json.Nodes;

namespace BitbucketOperator.Runtime.Patching;

/// <summary>RFC 7386 merge patches between JSON objects that hold no null members (nulls inside arrays are kept).</summary>
public static class MergePatch
{
    /// <summary>The smallest patch that turns <paramref name="from"/> into <paramref name="to"/>; empty when they are equal.</summary>
    public static JsonObject Diff(JsonObject from, JsonObject to)
    {
        var patch = new JsonObject();
        foreach (var (name, _) in from)
        {
            if (to[name] is null)
            {
                patch[name] = null;
            }
        }

        foreach (var (name, wanted) in to)
        {
            if (wanted is null)
            {
                continue;
            }

            var present = from[name];
            if (present is JsonObject a && wanted is JsonObject b)
            {
                AddNested(patch, name, a, b);
            }
            else if (present is null || !JsonNode.DeepEquals(present, wanted))
            {
                patch[name] = wanted.DeepClone();
            }
        }

        return patch;
    }

    /// <summary>Applies a patch as the API server does; neither argument is changed.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        var result = (JsonObject)target.DeepClone();
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = value is JsonObject nested
                    ? Apply(result[name] as JsonObject ?? [], nested)
                    : value.DeepClone();
            }
        }

        return result;
    }

    private static void AddNested(JsonObject patch, string name, JsonObject from, JsonObject to)
    {
        var nested = Diff(from, to);
        if (nested.Count > 0)
        {
            patch[name] = nested;
        }
    }
}
