using System.Diagnostics.Metrics;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Cli.Settings;
using BitbucketOperator.Controllers;
using BitbucketOperator.Runtime.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace BitbucketOperator.Cli.Run;

/// <summary>Where measurements and traces go. Without a reader of either, nobody listens and they cost nothing.</summary>
internal static class Telemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string ProcessMeter = "System.Runtime";

    // The most series of an instrument; more are summed up in one that says so. Room for all of them is taken at the start.
    private const int MostOfConditions = 20_000;
    private const int MostOfConnections = 6_000;
    private const int MostOfOthers = 200;

    public static void Add(WebApplicationBuilder builder, RunOptions options)
    {
        var configuration = builder.Configuration;
        if (options.OtlpEndpoint is { } endpoint)
        {
            configuration[Endpoint] = endpoint;
        }

        var all = configuration[Endpoint] is { Length: > 0 };
        var sendMetrics = all || configuration["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] is { Length: > 0 };
        var sendTraces = all || configuration["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] is { Length: > 0 };
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService("bitbucket-operator", serviceVersion: Versions.Product).AddEnvironmentVariableDetector());
        if (options.MetricsAddress is not null || sendMetrics)
        {
            telemetry.WithMetrics(metrics => AddMetrics(metrics, options, sendMetrics));
        }

        if (sendTraces)
        {
            telemetry.WithTracing(traces => traces.AddSource(RuntimeMetrics.Name, BitbucketMetrics.Name, SyncWorkers.ActivitySourceName).AddOtlpExporter());
        }
    }

    private static void AddMetrics(MeterProviderBuilder metrics, RunOptions options, bool send)
    {
        metrics.AddMeter(RuntimeMetrics.Name, BitbucketMetrics.Name, ConnectionMetrics.Name, ProcessMeter).AddView(View);
        if (options.MetricsAddress is not null)
        {
            metrics.AddPrometheusExporter(exporter =>
            {
                // Every scrape sees this moment; the names of meters in each series and a series about the program help nobody.
                exporter.ScrapeResponseCacheDurationMilliseconds = 0;
                exporter.ScopeInfoEnabled = false;
                exporter.TargetInfoEnabled = false;
            });
        }

        if (send)
        {
            metrics.AddOtlpExporter();
        }
    }

    // Null: as it is, which is 2,000 series. The runtime's own instruments about contention and the like help nobody here.
    private static MetricStreamConfiguration? View(Instrument instrument) => instrument.Meter.Name switch
    {
        BitbucketMetrics.Name => null,
        ConnectionMetrics.Name when instrument.Name == ConnectionMetrics.ConditionInstrument => new() { CardinalityLimit = MostOfConditions },
        ConnectionMetrics.Name => new() { CardinalityLimit = MostOfConnections },
        ProcessMeter when !Processes.Any(p => instrument.Name.StartsWith(p, StringComparison.Ordinal)) => MetricStreamConfiguration.Drop,
        _ => new() { CardinalityLimit = MostOfOthers },
    };

    private static readonly string[] Processes = ["dotnet.process.", "dotnet.gc.", "dotnet.thread_pool."];
}
