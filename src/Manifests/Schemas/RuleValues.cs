using System.Globalization;
using BitbucketOperator.Manifests.Cel;
using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Schemas;

/// <summary>Turns what a document holds into values of expressions, with the types that its schema gives them.</summary>
internal static class RuleValues
{
    /// <summary>The value of a node.</summary>
    /// <exception cref="CelException">It is not what its schema says.</exception>
    public static object? Of(Node node, Schema? schema) => node switch
    {
        MapNode map => map.Fields.ToDictionary(f => f.Key, f => Of(f.Value.Value, schema?.Field(f.Key)), StringComparer.Ordinal),
        ListNode list => OfList(list, schema),
        ScalarNode { Value: string text } => OfText(text, schema?.Format ?? ""),
        ScalarNode { Value: long whole } when schema?.Type == "number" => (double)whole,
        _ => ((ScalarNode)node).Value,
    };

    private static IReadOnlyList<object?> OfList(ListNode list, Schema? schema)
    {
        var items = list.Items.ConvertAll(item => Of(item, schema?.Items));
        return schema is { ListType: "set" or "map" } ? new CelUnorderedList(items) : items;
    }

    private static object OfText(string text, string format) => format switch
    {
        "date" or "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new CelException("Invalid timestamp"),
        "duration" => CelDuration.Parse(text),
        _ => text,
    };
}
