using System.Text.Json.Nodes;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>
/// The <c>fields</c> parameter. Plain names keep only themselves, <c>next</c> included; <c>-name</c> removes;
/// <c>+name</c> adds, which does nothing here, for answers are complete already.
/// </summary>
internal static class PartialAnswer
{
    public static JsonNode Apply(JsonNode body, string? fields)
    {
        var names = (fields ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var kept = names.Where(n => n[0] is not ('+' or '-')).ToArray();
        if (kept.Length > 0)
        {
            var tree = new Branch();
            foreach (var name in kept) tree.Add(name.Split('.'));
            body = Keep(body, tree);
        }

        foreach (var name in names.Where(n => n[0] == '-')) Remove(body, name[1..].Split('.'));
        return body;
    }

    private static JsonNode Keep(JsonNode node, Branch branch)
    {
        if (branch.Count == 0) return node.DeepClone();
        return node switch
        {
            JsonArray list => new JsonArray([.. list.Select(item => item is null ? null : Keep(item, branch))]),
            JsonObject json => KeepMembers(json, branch),
            _ => node.DeepClone(),
        };
    }

    private static JsonObject KeepMembers(JsonObject json, Branch branch)
    {
        var result = new JsonObject();
        foreach (var (name, value) in json)
        {
            if (branch.GetValueOrDefault(name) is { } inner || branch.TryGetValue("*", out inner))
                result[name] = value is null ? null : Keep(value, inner);
        }

        return result;
    }

    private static void Remove(JsonNode? node, ReadOnlySpan<string> path)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list) Remove(item, path);
        }
        else if (node is JsonObject json && path.Length > 0)
        {
            if (path.Length == 1) json.Remove(path[0]);
            else Remove(json[path[0]], path[1..]);
        }
    }

    private sealed class Branch : Dictionary<string, Branch>
    {
        public void Add(ReadOnlySpan<string> path)
        {
            if (path.Length == 0) return;
            if (!TryGetValue(path[0], out var next)) this[path[0]] = next = [];
            next.Add(path[1..]);
        }
    }
}
