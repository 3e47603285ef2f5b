using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BitbucketOperator.Manifests.Documents;
using BitbucketOperator.Manifests.Objects;

namespace BitbucketOperator.Manifests.Reading;

/// <summary>Makes an object of a document that its schema accepts.</summary>
internal static class ResourceJson
{
    /// <summary>The object; null when its type cannot read what the schema allows, which becomes a problem.</summary>
    public static T? Read<T>(MapNode document, ObjectName name, JsonTypeInfo<T> type, List<Problem> problems)
        where T : class
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Kept(document, name).Write(writer);
        }

        try
        {
            return JsonSerializer.Deserialize(buffer.WrittenSpan, type);
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            // A time that the schema lets pass and that does not exist, such as 2027-01-31T00:00:00x5Z.
            var path = (error as JsonException)?.Path?.TrimStart('$', '.') ?? "";
            problems.Add(Problem.Error(
                document.At, path,
                "Invalid value: the schema allows it, and this version of the operator cannot read it: write it in the usual form"));
            return null;
        }
    }

    // Only the metadata that users write: the rest of an exported object is set by the cluster.
    private static MapNode Kept(MapNode document, ObjectName name)
    {
        var metadata = new MapNode(document.At);
        metadata.Fields.Add("name", new MapField(document.At, new ScalarNode(document.At, name.Name)));
        metadata.Fields.Add("namespace", new MapField(document.At, new ScalarNode(document.At, name.Namespace)));
        foreach (var (field, value) in ((MapNode)document["metadata"]!).Fields)
        {
            if (field is "labels" or "annotations" or "uid" && value.Value is MapNode or ScalarNode { Value: string })
            {
                metadata.Fields.Add(field, value);
            }
        }

        var kept = new MapNode(document.At);
        kept.Fields.Add("metadata", new MapField(document.At, metadata));
        if (document.Fields.TryGetValue("spec", out var spec))
        {
            kept.Fields.Add("spec", spec);
        }

        return kept;
    }
}
