using System.Buffers;
using System.Text;
using System.Text.Json;
using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Schemas;

/// <summary>Checks that the entries of sets, and the keys of maps kept as lists, are there once.</summary>
internal static class ListTypes
{
    /// <summary>Reports what is there twice, in a value and all that it holds.</summary>
    public static void Check(Node node, Schema schema, string path, List<Problem> problems)
    {
        switch (node)
        {
            case MapNode map:
                foreach (var (name, field) in map.Fields)
                {
                    if (schema.Field(name) is { } child)
                    {
                        Check(field.Value, child, path.Length == 0 ? name : $"{path}.{name}", problems);
                    }
                }

                break;
            case ListNode list:
                CheckList(list, schema, path, problems);
                break;
            default:
                break;
        }
    }

    private static void CheckList(ListNode list, Schema schema, string path, List<Problem> problems)
    {
        if (schema.ListType == "map" && list.Items.FindIndex(item => item is not (MapNode or ScalarNode { Value: null })) is var odd and >= 0)
        {
            problems.Add(Problem.Error(
                list.Items[odd].At, $"{path}[{odd}]",
                $"Invalid value: {ApiText.Value(list.Items[odd])}: must be an object for an array of list-type map"));
        }
        else if (schema.ListType is "set" or "map")
        {
            CheckTwice(list, schema, path, problems);
        }

        if (schema.Items is { } items)
        {
            for (var i = 0; i < list.Items.Count; i++)
            {
                Check(list.Items[i], items, $"{path}[{i}]", problems);
            }
        }
    }

    private static void CheckTwice(ListNode list, Schema schema, string path, List<Problem> problems)
    {
        var times = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < list.Items.Count; i++)
        {
            var key = schema.ListType == "set" ? list.Items[i] : KeyOf(list.Items[i], schema);
            var identity = Json(key);
            if ((times[identity] = times.GetValueOrDefault(identity) + 1) == 2)
            {
                problems.Add(Problem.Error(list.Items[i].At, $"{path}[{i}]", $"Duplicate value: {ApiText.Value(key)}", "keep one of them"));
            }
        }
    }

    private static MapNode KeyOf(Node item, Schema schema)
    {
        var key = new MapNode(item.At);
        foreach (var name in schema.ListMapKeys.Order(StringComparer.Ordinal))
        {
            if (item is MapNode map && map.Fields.TryGetValue(name, out var field))
            {
                key.Fields.Add(name, field);
            }
        }

        return key;
    }

    // Unmasked, since two logins make two values.
    private static string Json(Node node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            node.Write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
