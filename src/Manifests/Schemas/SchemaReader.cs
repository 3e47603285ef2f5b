using System.Globalization;
using BitbucketOperator.Manifests.Cel;
using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Schemas;

/// <summary>Reads a schema out of a custom resource definition. A keyword that is not known is an error: it would not be checked.</summary>
internal static class SchemaReader
{
    private static readonly string[] Known =
    [
        "description", "type", "format", "nullable", "properties", "additionalProperties", "items", "required", "enum", "default",
        "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems",
        "minProperties", "maxProperties", "title", "example", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type",
        "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
    ];

    private static readonly string[] KnownOfRules = ["rule", "message", "fieldPath"];

    /// <summary>The schema of the version that a definition serves under a name.</summary>
    /// <exception cref="NotSupportedException">It holds something that is not known here.</exception>
    public static Schema OfDefinition(MapNode definition, string version)
    {
        var versions = ((ListNode)((MapNode)definition["spec"]!)["versions"]!).Items.Cast<MapNode>();
        var served = versions.Single(v => v.Text("name") == version);
        return Read((MapNode)((MapNode)served["schema"]!)["openAPIV3Schema"]!);
    }

    /// <summary>The schema that a node describes.</summary>
    /// <exception cref="NotSupportedException">It holds something that is not known here.</exception>
    public static Schema Read(MapNode node)
    {
        RefuseUnknown(node, Known);
        var pattern = node.Text("pattern");
        var schema = new Schema
        {
            Type = node.Text("type") ?? "",
            Format = node.Text("format") ?? "",
            Nullable = Flag(node, "nullable"),
            PreservesUnknown = Flag(node, "x-kubernetes-preserve-unknown-fields"),
            AdditionalProperties = node["additionalProperties"] is MapNode additional ? Read(additional) : null,
            Items = node["items"] is MapNode items ? Read(items) : null,
            Required = Texts(node, "required"),
            Enum = (node["enum"] as ListNode)?.Items ?? [],
            Default = node["default"],
            Pattern = pattern,
            Regex = pattern is null ? null : Re2.ToRegex(pattern),
            MinLength = Whole(node, "minLength"),
            MaxLength = Whole(node, "maxLength"),
            Minimum = Number(node, "minimum"),
            Maximum = Number(node, "maximum"),
            ExclusiveMinimum = Flag(node, "exclusiveMinimum"),
            ExclusiveMaximum = Flag(node, "exclusiveMaximum"),
            MinItems = Whole(node, "minItems"),
            MaxItems = Whole(node, "maxItems"),
            MinProperties = Whole(node, "minProperties"),
            MaxProperties = Whole(node, "maxProperties"),
            ListType = node.Text("x-kubernetes-list-type") ?? "atomic",
            ListMapKeys = Texts(node, "x-kubernetes-list-map-keys"),
            Rules = Rules(node),
        };
        foreach (var (name, field) in (node["properties"] as MapNode)?.Fields ?? [])
        {
            schema.Properties.Add(name, Read((MapNode)field.Value));
        }

        return schema;
    }

    private static List<ValidationRule> Rules(MapNode node) =>
        [.. ((node["x-kubernetes-validations"] as ListNode)?.Items ?? []).Cast<MapNode>().Select(ReadRule)];

    private static ValidationRule ReadRule(MapNode node)
    {
        RefuseUnknown(node, KnownOfRules);
        var rule = node.Text("rule")!;
        var program = CelProgram.Compile(rule);
        var isTransition = program.Variables.Contains("oldSelf");
        var message = node.Text("message")?.Trim() ?? $"failed rule: {rule}";
        return new ValidationRule(rule, message, (node.Text("fieldPath") ?? "").TrimStart('.'), isTransition ? null : program);
    }

    private static void RefuseUnknown(MapNode node, string[] known)
    {
        if (node.Fields.Keys.FirstOrDefault(k => !known.Contains(k)) is { } unknown)
        {
            throw new NotSupportedException($"{unknown} in line {node.PositionOf(unknown).Line} of the definition is not supported");
        }
    }

    private static bool Flag(MapNode node, string name) => node[name] is ScalarNode { Value: true };

    private static long? Whole(MapNode node, string name) => (node[name] as ScalarNode)?.Value as long?;

    private static double? Number(MapNode node, string name) =>
        node[name] is ScalarNode { Value: IConvertible value } ? value.ToDouble(CultureInfo.InvariantCulture) : null;

    private static List<string> Texts(MapNode node, string name) =>
        [.. ((node[name] as ListNode)?.Items ?? []).Select(item => (string)((ScalarNode)item).Value!)];
}
