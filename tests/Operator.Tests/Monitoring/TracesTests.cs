using System.Text;

namespace BitbucketOperator.Operator.Tests.Monitoring;

/// <summary>What the published binary sends to a collector.</summary>
public sealed class TracesTests(ClusterFixture fixture)
{
    [Fact]
    public async Task Pass_IsASpanWithOneForEachRequestBelowIt()
    {
        await using var collector = await Collector.StartAsync();
        await using var world = await MonitoredWorld.StartAsync(fixture, environment: Sent, "--otlp-endpoint", collector.Address);
        await world.Scenario.UntilAsync(
            "the spans of a pass", () => Task.FromResult(HasPass(collector.Spans)), () => string.Join(", ", collector.Spans.Select(s => s.Name)));
        await world.Scenario.UntilAsync("metrics", () => Task.FromResult(
            collector.Metrics.Any(m => Text(m).Contains("bitbucket_operator.connection.condition", StringComparison.Ordinal))), () => "none");
    }

    // A minute is the default between two exports of metrics.
    private static readonly Dictionary<string, string> Sent = new(StringComparer.Ordinal)
    {
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
    };

    private static bool HasPass(IReadOnlyList<SentSpan> spans) =>
        Has(spans, "reconcile", "ReadServer", "ListRepositories") && Has(spans, "sync", "ListWebhooks", "CreateWebhook");

    private static bool Has(IReadOnlyList<SentSpan> spans, string parent, params string[] requests) =>
        spans.Where(s => s.Name == parent && s.ParentId.Length == 0).Any(span => requests.All(name =>
            spans.Any(s => s.Name == name && s.TraceId == span.TraceId && s.ParentId == span.Id)));

    private static string Text(byte[] body) => Encoding.UTF8.GetString(body);
}
