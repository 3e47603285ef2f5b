using System.Reflection;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Runtime;

namespace BitbucketOperator.Generator;

/// <summary>Every file that is written from the code, and its text.</summary>
internal static class GeneratedFiles
{
    private const string Name = "bitbucket-operator";
    private const string SystemNamespace = "bitbucket-operator-system";

    public static IEnumerable<(string Path, string Text)> All(string root)
    {
        var docs = new XmlDocs(typeof(BitbucketConnection).Assembly);
        var schema = new CrdSchema(docs);
        yield return ("config/crd/bitbucketconnections.yaml", Yaml.Documents(Crd(docs, schema)));
        yield return ("docs/api/bitbucketconnection.md", new ApiReference(docs, schema, Path.Combine(root, "config", "samples")).Write());
        var rules = typeof(OperatorOptions).Assembly.GetTypes().Concat(typeof(BitbucketConnectionController).Assembly.GetTypes())
            .SelectMany(t => t.GetCustomAttributes<EntityRbacAttribute>()).ToList();
        yield return ("config/rbac/namespace.yaml", Yaml.Documents(Head("v1", "Namespace", SystemNamespace, inNamespace: false)));
        yield return ("config/rbac/service_account.yaml", Yaml.Documents(Head("v1", "ServiceAccount", Name, inNamespace: true)));
        yield return ("config/rbac/role.yaml", Yaml.Documents(
            Role("ClusterRole", Name, Merge(rules.Where(r => r.Scope == RbacScope.WatchedNamespaces))),
            Binding("ClusterRoleBinding", Name, "ClusterRole")));
        yield return ("config/rbac/leader_election.yaml", Yaml.Documents(
            Role("Role", $"{Name}-leader-election", Merge(rules.Where(r => r.Scope == RbacScope.OwnNamespace))),
            Binding("RoleBinding", $"{Name}-leader-election", "Role")));
        yield return ("config/rbac/user_roles.yaml", Yaml.Documents(
            UserRole("viewer", "view", ["get", "list", "watch"]),
            UserRole("editor", "edit", ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"])));
    }

    private static YamlMap Crd(XmlDocs docs, CrdSchema schema)
    {
        var type = typeof(BitbucketConnection);
        var names = type.GetCustomAttribute<ResourceNamesAttribute>()!;
        var version = new YamlMap
        {
            { "name", BitbucketConnection.Version },
            { "served", true },
            { "storage", true },
            { "additionalPrinterColumns", Columns(type) },
            { "subresources", new YamlMap { { "status", new YamlMap() } } },
            { "schema", new YamlMap { { "openAPIV3Schema", Root(type, docs, schema) } } },
        };
        var crd = Head("apiextensions.k8s.io/v1", "CustomResourceDefinition", $"{names.Plural}.{BitbucketConnection.Group}", inNamespace: false);
        crd.Add("spec", new YamlMap
        {
            { "group", BitbucketConnection.Group },
            { "scope", "Namespaced" },
            {
                "names", new YamlMap
                {
                    { "kind", BitbucketConnection.KindName },
                    { "listKind", BitbucketConnection.KindName + "List" },
                    { "plural", names.Plural },
                    { "singular", BitbucketConnection.KindName.ToLowerInvariant() },
                    { "shortNames", new List<object> { names.ShortName } },
                    { "categories", new List<object> { names.Category } },
                }
            },
            { "versions", new List<object> { version } },
        });
        return crd;
    }

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
                { "spec", schema.OfObject(typeof(BitbucketConnectionSpec), docs.Of(type.GetProperty("Spec")!)) },
                { "status", schema.OfObject(typeof(BitbucketConnectionStatus), docs.Of(type.GetProperty("Status")!)) },
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

    // One rule for each set of resources with the same verbs, in a fixed order.
    private static List<object> Merge(IEnumerable<EntityRbacAttribute> attributes) =>
        [.. attributes
            .SelectMany(a => a.Resources.Select(r => (a.Group, Resource: r, Names: string.Join(',', a.ResourceNames), a.Verbs)))
            .GroupBy(r => (r.Group, r.Resource, r.Names))
            .Select(g => (g.Key.Group, g.Key.Names, g.Key.Resource, Verbs: string.Join(',', g.SelectMany(r => r.Verbs).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))))
            .GroupBy(r => (r.Group, r.Names, r.Verbs))
            .OrderBy(g => g.Key.Group, StringComparer.Ordinal).ThenBy(g => g.Select(r => r.Resource).Min(StringComparer.Ordinal), StringComparer.Ordinal)
            .Select(g => Rule(g.Key.Group, g.Select(r => r.Resource), g.Key.Names, g.Key.Verbs))];

    private static YamlMap Rule(string group, IEnumerable<string> resources, string names, string verbs) => new()
    {
        { "apiGroups", new List<object> { group } },
        { "resources", resources.Order(StringComparer.Ordinal).Cast<object>().ToList() },
        { "resourceNames", names.Length == 0 ? null : names.Split(',').Cast<object>().ToList() },
        { "verbs", verbs.Split(',').Cast<object>().ToList() },
    };

    private static YamlMap Role(string kind, string name, List<object> rules)
    {
        var role = Head("rbac.authorization.k8s.io/v1", kind, name, inNamespace: kind == "Role");
        role.Add("rules", rules);
        return role;
    }

    private static YamlMap Binding(string kind, string name, string roleKind)
    {
        var binding = Head("rbac.authorization.k8s.io/v1", kind, name, inNamespace: kind == "RoleBinding");
        binding.Add("roleRef", new YamlMap { { "apiGroup", "rbac.authorization.k8s.io" }, { "kind", roleKind }, { "name", name } });
        binding.Add("subjects", new List<object> { new YamlMap { { "kind", "ServiceAccount" }, { "name", Name }, { "namespace", SystemNamespace } } });
        return binding;
    }

    private static YamlMap UserRole(string suffix, string aggregate, string[] verbs)
    {
        var role = Head("rbac.authorization.k8s.io/v1", "ClusterRole", $"{Name}-{suffix}", inNamespace: false);
        var metadata = (YamlMap)role.Get("metadata")!;
        var labels = (YamlMap)metadata.Get("labels")!;
        labels.Add($"rbac.authorization.k8s.io/aggregate-to-{aggregate}", "true");
        role.Add("rules", new List<object> { Rule(BitbucketConnection.Group, [BitbucketConnection.Plural], "", string.Join(',', verbs)) });
        return role;
    }

    private static YamlMap Head(string apiVersion, string kind, string name, bool inNamespace) => new()
    {
        { "apiVersion", apiVersion },
        { "kind", kind },
        {
            "metadata", new YamlMap
            {
                { "name", name },
                { "namespace", inNamespace ? SystemNamespace : null },
                { "labels", new YamlMap { { "app.kubernetes.io/name", Name } } },
            }
        },
    };
}
