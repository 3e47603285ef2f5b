using System.Text.Json.Nodes;
using BitbucketOperator.Benchmarks.Results;

namespace BitbucketOperator.Benchmarks.Tests;

public sealed class ResultTests
{
    private static readonly RowResult Row = new(
        "limits-cloud",
        "never over a limit",
        "Cloud",
        Verdict.Met,
        Reason: null,
        Seconds: 180,
        "1.00 1.00 1.00",
        "2.00 1.50 1.00",
        [Measurement.Within(1.2, "time", 110, 100, "s"), new Measurement("webhooks", 7) { AtLeast = 1 }],
        new RequestCounts(10, 1, 2, 3, 3, 0, 0, 0, 4));

    [Fact]
    public void Json_HasTheShapeThatDocsShow()
    {
        var result = new BenchResult(BenchResult.CurrentVersion, DateTimeOffset.UnixEpoch, 2, 1000, Full: false, [Row]);
        var json = JsonNode.Parse(result.ToJson())!;
        Fields(json).ShouldBe(["version", "started", "processors", "binaryBytes", "full", "rows"]);
        var row = json["rows"]![0]!;
        Fields(row).ShouldBe(
            ["name", "target", "setup", "verdict", "reason", "seconds", "loadBefore", "loadAfter", "measurements", "requests"]);
        var measurement = row["measurements"]![0]!;
        Fields(measurement).ShouldBe(
            ["what", "value", "unit", "bound", "atMost", "atLeast", "unfinished", "ratio", "verdict"], ignoreOrder: true);
        ((string?)measurement["verdict"], (double?)measurement["ratio"]).ShouldBe(("Met", 1.1));
        var page = File.ReadAllText(SourceTree.PathOf("docs", "scaling.md"));
        foreach (var field in Fields(json).Concat(Fields(row)).Concat(Fields(measurement)))
        {
            page.ShouldContain($"`{field}`");
        }
    }

    [Fact]
    public void Table_HasALineForEachMeasurementAndTheLoad()
    {
        var notRun = Row with { Name = "rest", Verdict = Verdict.NotRun, Reason = "no cluster", Measurements = [], Requests = null };
        var lines = Table.Lines([Row, notRun]).ToList();
        lines.Count(l => l.StartsWith("limits-cloud ", StringComparison.Ordinal)).ShouldBe(2);
        lines.ShouldContain(l => l.Contains("110 s") && l.Contains("<= 120 s") && l.Contains("1.10x") && l.EndsWith("  met"));
        lines.ShouldContain(l => l.StartsWith("rest ") && l.Contains("no cluster") && l.EndsWith("not run"));
        lines[^1].ShouldBe("rest: 180 s, load 1.00 1.00 1.00 -> 2.00 1.50 1.00; no cluster");
    }

    private static IEnumerable<string> Fields(JsonNode node) => node.AsObject().Select(p => p.Key);
}
