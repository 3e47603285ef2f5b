using BitbucketOperator.Manifests.Documents;
using BitbucketOperator.Manifests.Objects;

namespace BitbucketOperator.Manifests.Reading;

/// <summary>What manifests hold. When <see cref="HasErrors"/>, what could be read in spite of them.</summary>
/// <typeparam name="T">The type of the custom resource.</typeparam>
/// <param name="Resources">The custom resources in the order of the files; only those that a cluster would accept.</param>
/// <param name="Secrets">By namespace and name.</param>
/// <param name="ConfigMaps">By namespace and name.</param>
/// <param name="Skipped">Documents of other kinds.</param>
/// <param name="Problems">Sorted by place.</param>
public sealed record ManifestSet<T>(
    IReadOnlyList<ResourceManifest<T>> Resources,
    IReadOnlyDictionary<ObjectName, DataManifest> Secrets,
    IReadOnlyDictionary<ObjectName, DataManifest> ConfigMaps,
    IReadOnlyList<SkippedDocument> Skipped,
    IReadOnlyList<Problem> Problems)
    where T : class
{
    /// <summary>Whether a problem is an error.</summary>
    public bool HasErrors => Problems.Any(p => p.Severity == Severity.Error);
}

/// <summary>A custom resource that a cluster would accept.</summary>
/// <typeparam name="T">Its type.</typeparam>
public sealed class ResourceManifest<T>
    where T : class
{
    private readonly MapNode _document;

    internal ResourceManifest(T resource, MapNode document) => (Resource, _document) = (resource, document);

    /// <summary>Where it begins.</summary>
    public Position At => _document.At;

    /// <summary>The resource, with the defaults of its schema filled in.</summary>
    public T Resource { get; }

    /// <summary>Where a field stands; for one that is not written, where the nearest field above it stands.</summary>
    /// <param name="field">Its path, with the entries of lists by name, such as <c>spec.webhooks[ci].secretRef</c>.</param>
    public Position PositionOf(string field)
    {
        var at = At;
        Node? node = _document;
        foreach (var part in field.Replace("[", ".[", StringComparison.Ordinal).Split('.'))
        {
            if (part is ['[', .. var name, ']'] && node is ListNode list)
            {
                node = list.Items.Find(item => (item as MapNode)?.Text("name") == name);
                at = node?.At ?? at;
            }
            else if (node is MapNode map && map.Fields.TryGetValue(part, out var found))
            {
                at = found.At;
                node = found.Value;
            }
            else
            {
                return at;
            }
        }

        return at;
    }
}

/// <summary>A document of a kind that is not read.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="ApiVersion">Its apiVersion; empty for a document that is not a manifest.</param>
/// <param name="Kind">Its kind; empty for a document that is not a manifest.</param>
public sealed record SkippedDocument(Position At, string ApiVersion, string Kind)
{
    /// <summary>One line: its kind and place.</summary>
    public override string ToString() => $"skipped: {(Kind.Length > 0 ? $"kind {Kind}" : "not a manifest")}, {At.File}:{At.Line}";
}
