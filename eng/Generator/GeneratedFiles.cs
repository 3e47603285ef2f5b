using System.Reflection;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using k8s.Models;

namespace BitbucketOperator.Generator;

/// <summary>Every file that is written from the code, and its text.</summary>
internal static class GeneratedFiles
{
    /// <summary>
    /// In the order in which they are to be written: config/ is what helm makes of the chart's files, so an entry may read
    /// those before it.
    /// </summary>
    public static async IAsyncEnumerable<(string Path, string Text)> AllAsync(string root)
    {
        var docs = new XmlDocs(typeof(BitbucketConnection).Assembly);
        var schema = new CrdSchema(docs);
        var connections = Yaml.Documents(Crd(typeof(BitbucketConnection), docs, schema));
        var inventories = Yaml.Documents(Crd(typeof(BitbucketInventory), docs, schema));
        yield return ("config/crd/bitbucketconnections.yaml", connections);
        yield return ("config/crd/bitbucketinventories.yaml", inventories);
        yield return ("docs/api/bitbucketconnection.md", new ApiReference(docs, schema, Path.Combine(root, "config", "samples")).Write());
        yield return ("docs/api/bitbucketinventory.md", InventoryReference.Write(docs, schema));
        yield return ("charts/bitbucket-operator/templates/crd.yaml", ChartTemplates.Crd(connections, inventories));
        yield return ("charts/bitbucket-operator/templates/_rules.tpl", ChartTemplates.Rules());
        yield return ("charts/bitbucket-operator/values.schema.json", await ChartSchema.OfAsync(root));
        yield return ("charts/bitbucket-operator/README.md", await ChartReadme.OfAsync(root));
        yield return ("docs/rbac.md", await RbacTable.OfAsync(root));
        yield return ("docs/metrics.md", await MetricsTable.OfAsync(root));
        yield return ("config/argocd/argocd-cm.yaml", await ArgoCdHealth.OfAsync(root));
        await foreach (var file in KustomizeBase.FilesAsync(root))
        {
            yield return file;
        }
    }

    private static YamlMap Crd(Type type, XmlDocs docs, CrdSchema schema)
    {
        var names = type.GetCustomAttribute<ResourceNamesAttribute>()!;
        var version = new YamlMap
        {
            { "name", BitbucketConnection.Version },
            { "served", true },
            { "storage", true },
            { "additionalPrinterColumns", Columns(type) },
        };
        if (HasStatusSubresource(type))
        {
            version.Add("subresources", new YamlMap { { "status", new YamlMap() } });
        }

        version.Add("schema", new YamlMap { { "openAPIV3Schema", Root(type, docs, schema) } });
        var crd = Head("apiextensions.k8s.io/v1", "CustomResourceDefinition", $"{names.Plural}.{ApiGroup.Name}");
        crd.Add("spec", new YamlMap
        {
            { "group", ApiGroup.Name },
            { "scope", "Namespaced" },
            {
                "names", new YamlMap
                {
                    { "kind", type.Name },
                    { "listKind", type.Name + "List" },
                    { "plural", names.Plural },
                    { "singular", type.Name.ToLowerInvariant() },
                    { "shortNames", new List<object> { names.ShortName } },
                    { "categories", new List<object> { names.Category } },
                }
            },
            { "versions", new List<object> { version } },
        });
        return crd;
    }

    // Where the operator alone writes an object, one write makes it whole.
    private static bool HasStatusSubresource(Type type) =>
        Array.Exists(type.GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition().Equals(typeof(IStatus<>)));

    private static YamlMap Root(Type type, XmlDocs docs, CrdSchema schema) => new()
    {
        { "description", docs.Of(type) },
        { "type", "object" },
        { "required", new List<object> { "spec" } },
        {
            "properties", new YamlMap
            {
                { "apiVersion", new YamlMap { { "description", "The version of this schema." }, { "type", "string" } } },
                { "kind", new YamlMap { { "description", "The kind of this object." }, { "type", "string" } } },
                { "metadata", new YamlMap { { "type", "object" } } },
                { "spec", schema.OfObject(type.GetProperty("Spec")!.PropertyType, docs.Of(type.GetProperty("Spec")!)) },
                { "status", schema.OfObject(type.GetProperty("Status")!.PropertyType, docs.Of(type.GetProperty("Status")!)) },
            }
        },
    };

    private static List<object> Columns(Type type) =>
        [.. type.GetCustomAttributes<AdditionalPrinterColumnAttribute>().Select(c => new YamlMap
        {
            { "name", c.Name },
            { "type", c.Type },
            { "jsonPath", c.JsonPath },
            { "priority", c.Priority == 0 ? null : c.Priority },
        })];

    private static YamlMap Head(string apiVersion, string kind, string name) => new()
    {
        { "apiVersion", apiVersion },
        { "kind", kind },
        { "metadata", new YamlMap { { "name", name }, { "labels", new YamlMap { { "app.kubernetes.io/name", "bitbucket-operator" } } } } },
    };
}
