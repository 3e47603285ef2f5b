using System.Text.Json.Serialization.Metadata;
using BitbucketOperator.Manifests.Documents;
using BitbucketOperator.Manifests.Objects;
using BitbucketOperator.Manifests.Schemas;

namespace BitbucketOperator.Manifests.Reading;

/// <summary>
/// Reads the custom resources, Secrets and ConfigMaps of files, folders and standard input, and reports what a cluster
/// would refuse. It throws nothing but cancellation: each fault of a manifest becomes a <see cref="Problem"/>.
/// </summary>
/// <typeparam name="T">The type of the custom resource.</typeparam>
/// <param name="definition">The definition of the custom resource. Objects of other kinds are skipped.</param>
/// <param name="type">How the custom resource is read from JSON.</param>
public sealed class ManifestReader<T>(ResourceDefinition definition, JsonTypeInfo<T> type)
    where T : class
{
    /// <summary>Reads files, folders and standard input.</summary>
    /// <param name="paths">Paths, and - for standard input; they are read in this order.</param>
    /// <param name="standardInput">What - stands for.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<ManifestSet<T>> ReadAsync(IEnumerable<string> paths, Stream standardInput, CancellationToken cancellationToken)
    {
        var problems = new List<Problem>();
        var documents = new ManifestDocuments<T>(definition, type, problems);
        foreach (var file in await ManifestFiles.ReadAsync(paths, standardInput, problems, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            documents.Add(file);
        }

        return documents.ToSet();
    }

    /// <summary>Reads the content of one file.</summary>
    /// <param name="name">The file's name, for the problems.</param>
    /// <param name="content">Its bytes: YAML or JSON.</param>
    public ManifestSet<T> Read(string name, byte[] content)
    {
        var documents = new ManifestDocuments<T>(definition, type, []);
        documents.Add(new ManifestFile(name, content, IsNamed: true));
        return documents.ToSet();
    }
}

/// <summary>Collects what the documents of one reading hold.</summary>
internal sealed class ManifestDocuments<T>(ResourceDefinition definition, JsonTypeInfo<T> type, List<Problem> problems)
    where T : class
{
    private readonly SchemaValidator _validator = new(definition.Schema);
    private readonly List<ResourceManifest<T>> _resources = [];
    private readonly Dictionary<ObjectName, DataManifest> _secrets = [];
    private readonly Dictionary<ObjectName, DataManifest> _configMaps = [];
    private readonly Dictionary<string, Position> _seen = new(StringComparer.Ordinal);
    private readonly List<SkippedDocument> _skipped = [];

    public void Add(ManifestFile file)
    {
        foreach (var node in ManifestText.Read(file.Name, file.Content, problems))
        {
            if (!file.IsNamed && !DocumentIdentity.IsManifest(node))
            {
                _skipped.Add(new SkippedDocument(node.At, "", ""));
                continue;
            }

            Add(node);
        }
    }

    public ManifestSet<T> ToSet() => new(
        _resources, _secrets, _configMaps, _skipped,
        [
            .. problems
                .OrderBy(p => p.At.File, StringComparer.Ordinal).ThenBy(p => p.At.Line).ThenBy(p => p.At.Column)
                .ThenBy(p => p.Path, StringComparer.Ordinal).ThenBy(p => p.Message, StringComparer.Ordinal),
        ]);

    private void Add(Node node)
    {
        if (node is not MapNode document)
        {
            problems.Add(Problem.Error(node.At, "", "not a manifest: an object with apiVersion, kind and metadata is needed"));
            return;
        }

        switch (DocumentIdentity.Of(document, definition.Kind, problems))
        {
            case DocumentKind.Resource:
                AddResource(document, Name(document, definition.Kind.Kind));
                break;
            case DocumentKind.Secret:
                Keep(_secrets, Name(document, "Secret"), DataDocument.ReadSecret(document, problems));
                break;
            case DocumentKind.ConfigMap:
                Keep(_configMaps, Name(document, "ConfigMap"), DataDocument.ReadConfigMap(document, problems));
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

    private void AddResource(MapNode document, ObjectName? name)
    {
        if (_validator.Validate(document, problems) && name is { } own
            && ResourceJson.Read(document, own, type, problems) is { } resource)
        {
            _resources.Add(new ResourceManifest<T>(resource, document));
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
        if (ObjectMetadata.Read(document, problems) is not { } name)
        {
            return null;
        }

        var key = $"{kind} {name}";
        if (_seen.TryAdd(key, document.At))
        {
            return name;
        }

        problems.Add(Problem.Error(document.At, "metadata.name", $"{key} is a duplicate, first in {_seen[key]}: keep one of them"));
        return null;
    }
}
