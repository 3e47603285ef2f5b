using System.Net;
using BitbucketOperator.Cli.Settings;
using BitbucketOperator.Runtime.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace BitbucketOperator.Cli.Run;

/// <summary>What the process serves: health on one port and metrics on another, so that a network policy can tell them apart.</summary>
internal static class Endpoints
{
    public const string MetricsPath = "/metrics";

    public static void Listen(WebApplicationBuilder builder, RunOptions options)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            if (options.HealthAddress.Length > 0)
            {
                kestrel.Listen(IPEndPoint.Parse(options.HealthAddress));
            }

            if (options.MetricsAddress is { } metrics)
            {
                kestrel.Listen(IPEndPoint.Parse(metrics), Mark);
            }
        });
        if (options.HealthAddress.Length == 0 && options.MetricsAddress is null)
        {
            builder.Services.AddSingleton<Microsoft.AspNetCore.Hosting.Server.IServer, NoServer>();
        }
    }

    public static void Map(WebApplication app, RunOptions options)
    {
        app.Use((context, next) =>
        {
            if (IsForMetrics(context) == (context.Request.Path == MetricsPath))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        app.MapHealthChecks("/livez", new HealthCheckOptions { Predicate = check => check.Tags.Contains(ServiceCollectionExtensions.LiveTag) });
        app.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = check => check.Tags.Contains(ServiceCollectionExtensions.ReadyTag) });
        if (options.MetricsAddress is not null)
        {
            app.MapPrometheusScrapingEndpoint(MetricsPath);
        }
    }

    private static void Mark(ListenOptions listen) => listen.Use(next => connection =>
    {
        connection.Items[MetricsPath] = true;
        return next(connection);
    });

    private static bool IsForMetrics(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(MetricsPath) == true;
}
