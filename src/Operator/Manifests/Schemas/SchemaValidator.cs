using System.Buffers;
using System.Text.Json;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Manifests.Schemas;

/// <summary>
/// Validates BitbucketConnections by the custom resource definition that the binary carries, and fills in its defaults, as
/// the API server does for a new object under kubectl's strict validation, in the same words.
/// <para>
/// A cluster alone can check: transition rules (those that name oldSelf), which compare with the object that is there;
/// fields that an update may not change; quotas, admission policies and webhooks, and rights; whether the namespace exists
/// and is not being deleted; whether the cluster has this version of the definition. Values of Secrets are checked by the
/// pass that uses them.
/// </para>
/// </summary>
internal sealed class SchemaValidator(Schema schema)
{
    private static readonly Lazy<SchemaValidator> Connections = new(Load);

    /// <summary>The validator of this binary's BitbucketConnection.</summary>
    /// <exception cref="InvalidOperationException">The binary was built without its definition.</exception>
    /// <exception cref="NotSupportedException">The definition holds something that cannot be checked here.</exception>
    public static SchemaValidator OfConnections => Connections.Value;

    /// <summary>What is validated by.</summary>
    public Schema Schema { get; } = schema;

    /// <summary>
    /// The connection with its defaults; null when a cluster would refuse it or when it has no name. Problems are added, each
    /// with its place. The document is changed: nulls that stand for nothing go, defaults come.
    /// </summary>
    public BitbucketConnection? Validate(MapNode document, ObjectName? name, List<Problem> problems)
    {
        var found = new List<Problem>();
        UnknownFields.Check(document, Schema, found);

        // A new object's status is dropped, as the API server drops it: the operator alone writes it.
        document.Fields.Remove("status");
        SchemaDefaults.DropNulls(document, Schema);
        SchemaDefaults.Fill(document, Schema);
        Check(document, found);
        problems.AddRange(found);
        return name is { } own && !found.Exists(p => p.Severity == Severity.Error) ? Convert(document, own, problems) : null;
    }

    private void Check(MapNode document, List<Problem> problems)
    {
        var checks = new SchemaChecks(problems);
        checks.Check(document, Schema, "");
        ListTypes.Check(document, Schema, "", problems);
        if (checks.Blocks)
        {
            problems.Add(Problem.Warning(document.At, "", "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"));
            return;
        }

        new RuleChecks(document, problems).Check(document, Schema, "");
    }

    private static BitbucketConnection? Convert(MapNode document, ObjectName name, List<Problem> problems)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Kept(document).Write(writer);
        }

        try
        {
            var connection = JsonSerializer.Deserialize(buffer.WrittenSpan, ApiJsonContext.Default.BitbucketConnection)!;
            connection.Metadata.Name = name.Name;
            connection.Metadata.NamespaceProperty = name.Namespace;
            return connection;
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            // A time that the schema lets pass and that does not exist, such as 2027-01-31T00:00:00x5Z.
            var path = (error as JsonException)?.Path?.TrimStart('$', '.') ?? "";
            problems.Add(Problem.Error(document.At, path, "Invalid value: the schema allows it, and this version of the operator cannot read it: write it in the usual form"));
            return null;
        }
    }

    // Of the metadata, what a person writes; the rest of an exported object is the cluster's, in forms of its own.
    private static MapNode Kept(MapNode document)
    {
        var metadata = new MapNode(document.At);
        foreach (var (name, field) in ((MapNode)document["metadata"]!).Fields)
        {
            if (name is "labels" or "annotations" or "uid" && field.Value is MapNode or ScalarNode { Value: string })
            {
                metadata.Fields.Add(name, field);
            }
        }

        var kept = new MapNode(document.At);
        kept.Fields.Add("metadata", new MapField(document.At, metadata));
        kept.Fields.Add("spec", document.Fields["spec"]);
        return kept;
    }

    private static SchemaValidator Load()
    {
        using var stream = typeof(SchemaValidator).Assembly.GetManifestResourceStream("crd.yaml")
            ?? throw new InvalidOperationException("The binary was built without its custom resource definition: run make generate first");
        using var text = new StreamReader(stream);
        var problems = new List<Problem>();
        var definition = YamlReader.Read("crd.yaml", text.ReadToEnd(), problems).OfType<MapNode>().FirstOrDefault();
        return definition is null || problems.Count > 0
            ? throw new InvalidOperationException($"The binary's custom resource definition cannot be read: {string.Join("; ", problems)}")
            : new SchemaValidator(SchemaReader.OfDefinition(definition, BitbucketConnection.Version));
    }
}
