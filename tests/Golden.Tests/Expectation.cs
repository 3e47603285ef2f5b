using System.Text.Json.Nodes;
using BitbucketOperator.Runtime.Patching;
using BitbucketOperator.Testing;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace BitbucketOperator.Golden.Tests;

/// <summary>
/// The second document of a case's file: what is reported of it, in full, or where it names a baseline as the difference
/// from what is expected of that case (a merge patch: ~ for what is not there). Of several steps each but the first tells what
/// happened in it, and how the state differs from the step before.
/// </summary>
internal sealed class Expectation
{
    private const string BaselineKey = "baseline";
    private const string StepsKey = "steps";

    private static readonly string[] State = ["webhooks", "status", "requeue"];

    private readonly List<JsonObject> _steps;

    private Expectation(string? baseline, List<JsonObject> steps) => (Baseline, _steps) = (baseline, steps);

    /// <summary>Name of the case that this one is compared with; null where all is said.</summary>
    public string? Baseline { get; }

    public static Expectation Read(string text)
    {
        if (text.Length == 0)
        {
            return new Expectation(baseline: null, []);
        }

        var node = (JsonObject)ToJson(Yaml.Documents(text)[0])!;
        var baseline = node[BaselineKey]?.ToString();
        node.Remove(BaselineKey);
        return new Expectation(baseline, node[StepsKey] is JsonArray steps ? [.. steps.Select(s => (JsonObject)s!.DeepClone())] : [node]);
    }

    /// <summary>The reports in full.</summary>
    /// <param name="baseline">That of the baseline.</param>
    public IReadOnlyList<JsonObject> Full(JsonObject? baseline)
    {
        var before = baseline ?? [];
        var reports = new List<JsonObject>();
        foreach (var step in _steps)
        {
            reports.Add(MergePatch.Apply(before, step));
            before = StateOf(reports[^1]);
        }

        return reports;
    }

    /// <summary>The text of a document that expects these reports.</summary>
    public static string Write(IReadOnlyList<JsonObject> reports, string? baselineName, JsonObject? baseline)
    {
        var before = baseline;
        var steps = new List<JsonObject>();
        foreach (var report in reports)
        {
            steps.Add(before is null ? report : MergePatch.Diff(before, report));
            before = StateOf(report);
        }

        var document = new YamlMappingNode();
        if (baselineName is not null)
        {
            document.Add(BaselineKey, baselineName);
        }

        if (steps.Count > 1)
        {
            document.Add(StepsKey, new YamlSequenceNode(steps.Select(ToYaml)));
            return Yaml.Write(document);
        }

        foreach (var (key, value) in ((YamlMappingNode)ToYaml(steps[0])).Children)
        {
            document.Add(key, value);
        }

        return Yaml.Write(document);
    }

    /// <summary>A report as text.</summary>
    public static string Text(JsonNode report) => Yaml.Write(ToYaml(report));

    /// <summary>The same tree with the keys in the order of another one.</summary>
    public static JsonNode Ordered(JsonNode node, JsonNode? like)
    {
        if (node is not JsonObject map || like is not JsonObject order)
        {
            return node.DeepClone();
        }

        var keys = order.Select(o => o.Key).Where(map.ContainsKey).Concat(map.Select(m => m.Key).Where(k => !order.ContainsKey(k)));
        return new JsonObject(keys.Select(k => KeyValuePair.Create(k, (JsonNode?)Ordered(map[k]!, order[k]))));
    }

    /// <summary>The same tree with texts alone.</summary>
    public static JsonNode Plain(JsonNode node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)Plain(m.Value!)))),
        JsonArray list => new JsonArray([.. list.Select(n => Plain(n!))]),
        _ => JsonValue.Create(node.ToString()),
    };

    private static JsonObject StateOf(JsonObject report) =>
        new(report.Where(r => State.Contains(r.Key, StringComparer.Ordinal)).Select(r => KeyValuePair.Create(r.Key, r.Value?.DeepClone())));

    private static YamlNode ToYaml(JsonNode? node) => node switch
    {
        null => new YamlScalarNode("~") { Style = ScalarStyle.Plain },
        JsonObject map => new YamlMappingNode(map.SelectMany(m => new[] { new YamlScalarNode(m.Key), ToYaml(m.Value) })),
        JsonArray list => new YamlSequenceNode(list.Select(ToYaml)),
        _ => new YamlScalarNode(node.ToString()),
    };

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, ToJson(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "~" } => null,
        _ => JsonValue.Create(((YamlScalarNode)node).Value),
    };
}
