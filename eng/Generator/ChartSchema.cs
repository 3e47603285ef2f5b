using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BitbucketOperator.Generator;

/// <summary>The descriptions in values.schema.json, which editors show, from the comments in values.yaml.</summary>
internal static class ChartSchema
{
    private const string Description = "description";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task<string> OfAsync(string root)
    {
        var chart = Path.Combine(root, "charts", "bitbucket-operator");
        var schema = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(chart, "values.schema.json")))!.AsObject();
        foreach (var (path, comment) in ChartReadme.Comments(await File.ReadAllTextAsync(Path.Combine(chart, "values.yaml"))))
        {
            Describe(path, Find(schema, path), comment);
        }

        return schema.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Find(JsonObject schema, string path) => path.Split('.')
        .Aggregate(schema, (node, key) => node["properties"]?[key] as JsonObject
            ?? throw new InvalidOperationException($"values.schema.json: {path} of values.yaml is missing"));

    // First, as a reader expects it.
    private static void Describe(string path, JsonObject value, string comment)
    {
        if (value.ContainsKey("$ref"))
        {
            throw new InvalidOperationException($"values.schema.json: {path} is a reference, beside which a description is not read");
        }

        value.Remove(Description);
        value.Insert(0, Description, comment);
    }
}
