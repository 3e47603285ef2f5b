using System.Diagnostics.Metrics;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Cli.Run;
using BitbucketOperator.Cli.Settings;
using BitbucketOperator.Runtime.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace BitbucketOperator.Generator;

/// <summary>The table in docs/metrics.md: each instrument as Prometheus sees it.</summary>
internal static class MetricsTable
{
    private const string LabelsMark = " Labels: ";

    public static Task<string> OfAsync(string root) => Region.ReplaceAsync(Path.Combine(root, "docs", "metrics.md"), "metrics", Lines());

    private static IEnumerable<string> Lines() =>
    [
        "| Metric | Type | Unit | Labels | Meaning |",
        "| --- | --- | --- | --- | --- |",
        .. Instruments().OrderBy(i => i.Name, StringComparer.Ordinal).Select(Row),
    ];

    private static List<Instrument> Instruments()
    {
        string[] meters = [RuntimeMetrics.Name, BitbucketMetrics.Name, ConnectionMetrics.Name];
        var found = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (meters.Contains(instrument.Meter.Name, StringComparer.Ordinal))
            {
                found.Add(instrument);
            }
        };
        listener.Start();
        var services = new ServiceCollection();
        Application.AddOperator(services, new RunOptions());
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<RuntimeMetrics>();
        provider.GetRequiredService<BitbucketMetrics>();
        provider.GetRequiredService<ConnectionMetrics>();
        return found;
    }

    private static string Row(Instrument instrument)
    {
        var description = instrument.Description ?? throw new InvalidOperationException($"{instrument.Name} needs a description");
        var parts = description.Split(LabelsMark);
        var labels = parts.Length == 1 ? "" : string.Join(", ", parts[1].Split(", ").Select(l => $"`{l}`"));
        return $"| `{PrometheusName(instrument)}` | {TypeOf(instrument)} | {(instrument.Unit == "s" ? "seconds" : "")} | {labels} | {parts[0]} |";
    }

    private static string PrometheusName(Instrument instrument) => instrument.Name.Replace('.', '_')
        + (instrument.Unit == "s" ? "_seconds" : "")
        + (TypeOf(instrument) == "counter" ? "_total" : "");

    private static string TypeOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" or "ObservableCounter" => "counter",
        "Histogram" => "histogram",
        "ObservableGauge" or "UpDownCounter" => "gauge",
        var other => throw new InvalidOperationException($"Say what {other} is to Prometheus"),
    };
}
