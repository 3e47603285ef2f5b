using System.Text.RegularExpressions;
using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Objects;

/// <summary>Checks an object's metadata as the API server does.</summary>
internal static partial class ObjectMetadata
{
    private static readonly string[] Known =
    [
        "annotations", "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generateName", "generation",
        "labels", "managedFields", "name", "namespace", "ownerReferences", "resourceVersion", "selfLink", "uid",
    ];

    /// <summary>The object's name; null when it has none that a cluster would take, which is reported.</summary>
    public static ObjectName? Read(MapNode document, List<Problem> problems)
    {
        if (document["metadata"] is not MapNode metadata)
        {
            problems.Add(Problem.Error(document.PositionOf("metadata"), "metadata", "Required value: write metadata with a name"));
            return null;
        }

        foreach (var (field, place) in metadata.Fields.Where(f => !Known.Contains(f.Key)))
        {
            var path = $"metadata.{field}";
            problems.Add(Problem.Error(place.At, path, $"unknown field {ApiText.Quote(path)}", Suggestion.For(field, Known)));
        }

        CheckTexts(metadata, "labels", problems);
        CheckTexts(metadata, "annotations", problems);
        var name = Part(metadata, "name", 253, Subdomain(), problems);
        var space = metadata["namespace"] is null or ScalarNode { Value: null or "" }
            ? ObjectName.DefaultNamespace
            : Part(metadata, "namespace", 63, Label(), problems);
        return name is null || space is null ? null : new ObjectName(space, name);
    }

    /// <summary>The object's labels, as far as they are texts.</summary>
    public static IReadOnlyDictionary<string, string> Labels(MapNode document) =>
        (document["metadata"] as MapNode)?["labels"] is not MapNode labels ? new Dictionary<string, string>(StringComparer.Ordinal) : labels.Fields
            .Where(f => f.Value.Value is ScalarNode { Value: string })
            .ToDictionary(f => f.Key, f => (string)((ScalarNode)f.Value.Value).Value!, StringComparer.Ordinal);

    private static string? Part(MapNode metadata, string field, int maxLength, Regex form, List<Problem> problems)
    {
        var path = $"metadata.{field}";
        switch (metadata[field])
        {
            case null or ScalarNode { Value: null or "" }:
                problems.Add(Problem.Error(metadata.PositionOf(field), path, $"Required value: write the object's {field}"));
                return null;
            case ScalarNode { Value: string text } when text.Length <= maxLength && form.IsMatch(text):
                return text;
            case ScalarNode { Value: string } node:
                var dots = maxLength > 63 ? "and . " : "";
                var cure = $"must consist of lower case letters, digits and - {dots}in between, {maxLength} at most";
                problems.Add(Problem.Error(node.At, path, $"Invalid value: {ApiText.Value(node)}: {cure}"));
                return null;
            case var other:
                problems.Add(Problem.Error(other.At, path, "Invalid value: must be text: put it in quotes"));
                return null;
        }
    }

    private static void CheckTexts(MapNode metadata, string field, List<Problem> problems)
    {
        var path = $"metadata.{field}";
        switch (metadata[field])
        {
            case null or ScalarNode { Value: null }:
                return;
            case MapNode map:
                foreach (var (key, entry) in map.Fields.Where(f => f.Value.Value is not ScalarNode { Value: string or null }))
                {
                    problems.Add(Problem.Error(entry.Value.At, $"{path}.{key}", "Invalid value: must be text: put it in quotes"));
                }

                return;
            case var other:
                problems.Add(Problem.Error(other.At, path, "Invalid value: must be an object of texts by name"));
                return;
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Label();
}
