using System.Text.RegularExpressions;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests.Monitoring;

/// <summary>A metric of a scrape.</summary>
/// <param name="Name">Without the endings that a histogram's series have.</param>
/// <param name="Type">counter, gauge or histogram.</param>
/// <param name="Help">What it says of itself.</param>
/// <param name="Labels">Of its series, sorted, without le.</param>
internal sealed record ScrapedMetric(string Name, string Type, string Help, IReadOnlyList<string> Labels);

/// <summary>The text that Prometheus scrapes, and the table of docs/metrics.md.</summary>
internal static partial class Exposition
{
    public static IReadOnlyList<ScrapedMetric> Read(string text)
    {
        var types = Comment("TYPE", text);
        var help = Comment("HELP", text);
        return [.. types.Select(t => new ScrapedMetric(t.Key, t.Value, help.GetValueOrDefault(t.Key, ""), LabelsOf(text, t.Key, t.Value)))];
    }

    /// <summary>The rows of the table in docs/metrics.md.</summary>
    public static IReadOnlyList<ScrapedMetric> Documented() =>
    [
        .. File.ReadAllLines(SourceTree.PathOf("docs", "metrics.md"))
            .Where(l => l.StartsWith("| `bitbucket_operator_", StringComparison.Ordinal))
            .Select(l => l.Split('|').Select(c => c.Trim()).ToList())
            .Select(c => new ScrapedMetric(c[1]
                .Trim('`'), c[2], c[5], [.. c[4].Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim('`')).Order(StringComparer.Ordinal)])),
    ];

    private static Dictionary<string, string> Comment(string kind, string text) => text.Split('\n')
        .Where(l => l.StartsWith($"# {kind} ", StringComparison.Ordinal))
        .Select(l => l.Split(' ', 4))
        .ToDictionary(w => w[2], w => w[3], StringComparer.Ordinal);

    private static List<string> LabelsOf(string text, string name, string type)
    {
        var ending = type == "histogram" ? "_bucket" : "";
        return [.. text.Split('\n').Where(l => l.StartsWith($"{name}{ending}{{", StringComparison.Ordinal))
            .SelectMany(l => Label().Matches(l).Select(m => m.Groups["name"].Value))
            .Where(l => l != "le").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    [GeneratedRegex("""(?<name>[a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"[,}]""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();
}
