using BitbucketOperator.Manifests.Documents;
using BitbucketOperator.Manifests.Objects;
using BitbucketOperator.Manifests.Schemas;
using BitbucketOperator.Manifests.Yaml;

namespace BitbucketOperator.Manifests.Reading;

/// <summary>
/// One version of a custom resource definition: the kind that manifests name, and the schema that they are checked against.
/// </summary>
public sealed class ResourceDefinition
{
    private ResourceDefinition(ResourceKind kind, Schema schema) => (Kind, Schema) = (kind, schema);

    internal ResourceKind Kind { get; }

    internal Schema Schema { get; }

    /// <summary>Reads a definition.</summary>
    /// <param name="text">The definition as YAML.</param>
    /// <param name="version">The name of the version to read, such as v1alpha1.</param>
    /// <exception cref="InvalidOperationException">The text is not a definition with this version.</exception>
    /// <exception cref="NotSupportedException">The schema holds something that cannot be checked here.</exception>
    public static ResourceDefinition Parse(string text, string version)
    {
        var problems = new List<Problem>();
        var definition = YamlReader.Read("crd.yaml", text, problems).OfType<MapNode>().FirstOrDefault();
        if (definition?["spec"] is not MapNode spec || problems.Count > 0)
        {
            throw new InvalidOperationException($"The custom resource definition cannot be read: {string.Join("; ", problems)}");
        }

        var kind = (spec["names"] as MapNode)?.Text("kind")
            ?? throw new InvalidOperationException("The custom resource definition has no kind");
        return new ResourceDefinition(
            new ResourceKind(spec.Text("group") ?? "", version, kind), SchemaReader.OfDefinition(definition, version));
    }
}
