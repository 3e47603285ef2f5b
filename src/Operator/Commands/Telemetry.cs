using BitbucketOperator.Bitbucket;
using BitbucketOperator.Metrics;
using BitbucketOperator.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace BitbucketOperator.Commands;

/// <summary>Where measurements and traces go. Without a reader of either, nobody listens and they cost nothing.</summary>
internal static class Telemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    // Conditions of about 1,000 connections, each with three states. More than this is summed up in one series that says so.
    private const int MostSeries = 20_000;

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
            .ConfigureResource(resource => resource.AddService("bitbucket-operator", serviceVersion: Versions.Product).AddEnvironmentVariableDetector());
        if (options.MetricsAddress is not null || sendMetrics)
        {
            telemetry.WithMetrics(metrics => AddMetrics(metrics, options, sendMetrics));
        }

        if (sendTraces)
        {
            telemetry.WithTracing(traces => traces.AddSource(RuntimeMetrics.Name, BitbucketMetrics.Name).AddOtlpExporter());
        }
    }

    private static void AddMetrics(MeterProviderBuilder metrics, RunOptions options, bool send)
    {
        metrics.AddMeter(RuntimeMetrics.Name, BitbucketMetrics.Name, ConnectionMetrics.Name, "System.Runtime")
            .AddView(instrument => instrument.Meter.Name == ConnectionMetrics.Name ? new MetricStreamConfiguration { CardinalityLimit = MostSeries } : null);
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
}
