using BitbucketOperator.Manifests.Schemas;

namespace BitbucketOperator.Manifests;

/// <summary>
/// Reads the BitbucketConnections, Secrets and ConfigMaps of files, folders and standard input, and says what a cluster
/// would not take. Nothing but cancellation is thrown: whatever is wrong becomes a <see cref="Problem"/>.
/// </summary>
internal sealed class ManifestReader
{
    private readonly SchemaValidator _validator = SchemaValidator.OfConnections;
    private readonly List<ConnectionManifest> _connections = [];
    private readonly Dictionary<ObjectName, DataManifest> _secrets = [];
    private readonly Dictionary<ObjectName, DataManifest> _configMaps = [];
    private readonly Dictionary<string, Position> _seen = new(StringComparer.Ordinal);
    private readonly List<SkippedDocument> _skipped = [];
    private readonly List<Problem> _problems = [];

    private ManifestReader()
    {
    }

    /// <summary>Reads files, folders and standard input (-), in this order.</summary>
    public static async Task<ManifestSet> ReadAsync(IEnumerable<string> paths, Stream standardInput, CancellationToken cancellationToken)
    {
        var reader = new ManifestReader();
        foreach (var file in await ManifestFiles.ReadAsync(paths, standardInput, reader._problems, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            reader.Add(file);
        }

        return reader.Result();
    }

    /// <summary>Reads the content of one file.</summary>
    public static ManifestSet Read(string name, byte[] content)
    {
        var reader = new ManifestReader();
        reader.Add(new ManifestFile(name, content, IsNamed: true));
        return reader.Result();
    }

    private ManifestSet Result() => new(
        _connections, _secrets, _configMaps, _skipped,
        [.. _problems.OrderBy(p => p.At.File, StringComparer.Ordinal).ThenBy(p => p.At.Line).ThenBy(p => p.At.Column).ThenBy(p => p.Path, StringComparer.Ordinal).ThenBy(p => p.Message, StringComparer.Ordinal)]);

    private void Add(ManifestFile file)
    {
        foreach (var node in ManifestText.Read(file.Name, file.Content, _problems))
        {
            if (!file.IsNamed && !DocumentIdentity.IsManifest(node))
            {
                _skipped.Add(new SkippedDocument(node.At, "", ""));
                continue;
            }

            Add(node);
        }
    }

    private void Add(Node node)
    {
        if (node is not MapNode document)
        {
            _problems.Add(Problem.Error(node.At, "", "not a manifest: an object with apiVersion, kind and metadata is needed"));
            return;
        }

        switch (DocumentIdentity.Of(document, _problems))
        {
            case DocumentKind.Connection:
                AddConnection(document, Name(document, "BitbucketConnection"));
                break;
            case DocumentKind.Secret:
                Keep(_secrets, Name(document, "Secret"), DataDocument.ReadSecret(document, _problems));
                break;
            case DocumentKind.ConfigMap:
                Keep(_configMaps, Name(document, "ConfigMap"), DataDocument.ReadConfigMap(document, _problems));
                break;
            case DocumentKind.List:
                AddItems(document);
                break;
            case DocumentKind.Other:
                _skipped.Add(new SkippedDocument(document.At, document.Text("apiVersion")!, document.Text("kind")!));
                break;
            default:
                break;
        }
    }

    private void AddConnection(MapNode document, ObjectName? name)
    {
        if (_validator.Validate(document, name, _problems) is { } connection)
        {
            _connections.Add(new ConnectionManifest(document.At, connection, document));
        }
    }

    private static void Keep(Dictionary<ObjectName, DataManifest> objects, ObjectName? name, DataManifest manifest)
    {
        if (name is { } key)
        {
            objects.Add(key, manifest);
        }
    }

    // Items of a typed list need not say what they are.
    private void AddItems(MapNode list)
    {
        var (version, kind) = (list.Text("apiVersion")!, list.Text("kind")![..^"List".Length]);
        foreach (var item in ((ListNode)list["items"]!).Items)
        {
            if (item is MapNode map && kind.Length > 0)
            {
                map.Fields.TryAdd("apiVersion", new MapField(item.At, new ScalarNode(item.At, version)));
                map.Fields.TryAdd("kind", new MapField(item.At, new ScalarNode(item.At, kind)));
            }

            Add(item);
        }
    }

    // Null when the document has no name that a cluster would take, or another document has the same.
    private ObjectName? Name(MapNode document, string kind)
    {
        if (ObjectMetadata.Read(document, _problems) is not { } name)
        {
            return null;
        }

        var key = $"{kind} {name}";
        if (_seen.TryAdd(key, document.At))
        {
            return name;
        }

        _problems.Add(Problem.Error(document.At, "metadata.name", $"{key} stands twice, first in {_seen[key]}: keep one of them"));
        return null;
    }
}
