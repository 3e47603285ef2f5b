using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace BitbucketOperator.Generator;

/// <summary>
/// The tables of values in the chart's README, from the comments in values.yaml. A comment above a key describes its whole
/// value; a key without one must be a mapping, whose keys are described. A line that begins with ## opens a section.
/// </summary>
internal sealed class ChartReadme
{
    private readonly string[] _source;
    private readonly List<string> _lines = [];
    private readonly List<(string Path, string Comment)> _comments = [];

    private ChartReadme(string source) => _source = source.Split('\n');

    public static async Task<string> OfAsync(string root)
    {
        var chart = Path.Combine(root, "charts", "bitbucket-operator");
        var source = await File.ReadAllTextAsync(Path.Combine(chart, "values.yaml"));
        return await Region.ReplaceAsync(Path.Combine(chart, "README.md"), "values", Tables(source));
    }

    /// <summary>The lines of the tables.</summary>
    /// <exception cref="InvalidOperationException">A value has no comment.</exception>
    public static IReadOnlyList<string> Tables(string source) => Read(source)._lines;

    /// <summary>The comment of each value, by its path.</summary>
    /// <exception cref="InvalidOperationException">A value has no comment.</exception>
    public static IReadOnlyList<(string Path, string Comment)> Comments(string source) => Read(source)._comments;

    private static ChartReadme Read(string source)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(source));
        var readme = new ChartReadme(source);
        readme.Describe("", (YamlMappingNode)stream.Documents[0].RootNode);
        return readme;
    }

    private void Describe(string prefix, YamlMappingNode map)
    {
        foreach (var (key, value) in map.Children)
        {
            var path = prefix + ((YamlScalarNode)key).Value;
            var line = (int)key.Start.Line - 1;
            if (CommentAbove(line) is { } comment)
            {
                OpenSection(line);
                _comments.Add((path, comment));
                _lines.Add($"| `{path}` | {comment.Replace("|", "\\|", StringComparison.Ordinal)} | `{Json(value)?.ToJsonString(Plain) ?? "null"}` |");
            }
            else if (value is YamlMappingNode { Children.Count: > 0 } inner)
            {
                OpenSection(line);
                Describe(path + ".", inner);
            }
            else
            {
                throw new InvalidOperationException($"values.yaml: {path} needs a comment above it: README.md shows it");
            }
        }
    }

    private string? CommentAbove(int line)
    {
        var comment = Enumerable.Range(1, line).Select(back => _source[line - back].Trim())
            .TakeWhile(l => l.StartsWith('#') && !l.StartsWith("##", StringComparison.Ordinal))
            .Select(l => l[1..].Trim()).Reverse().ToList();
        return comment.Count == 0 ? null : string.Join(' ', comment);
    }

    // The section's title is the nearest ## above, where nothing but comments and blank lines lies between.
    private void OpenSection(int line)
    {
        var title = Enumerable.Range(1, line).Select(back => _source[line - back])
            .TakeWhile(l => l.Length == 0 || l.StartsWith('#')).FirstOrDefault(l => l.StartsWith("## ", StringComparison.Ordinal));
        if (title is not null)
        {
            _lines.AddRange(["", $"### {title[3..]}", "", "| Value | What it does | Default |", "| --- | --- | --- |"]);
        }
    }

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, Json(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(Json)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } flag => JsonValue.Create(flag.Value == "true"),
        YamlScalarNode { Style: ScalarStyle.Plain } number when long.TryParse(number.Value, out var value) => JsonValue.Create(value),
        _ => JsonValue.Create(((YamlScalarNode)node).Value),
    };
}
