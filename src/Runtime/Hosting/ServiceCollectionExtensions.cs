using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Leadership;
using BitbucketOperator.Runtime.Metrics;
using BitbucketOperator.Runtime.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace BitbucketOperator.Runtime.Hosting;

/// <summary>Entry point.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>Tag of the liveness check.</summary>
    public const string LiveTag = "live";

    /// <summary>Tag of the readiness check.</summary>
    public const string ReadyTag = "ready";

    /// <summary>
    /// Adds the runtime as a hosted service, <see cref="KubernetesApi"/>, <see cref="EventPublisher"/> and two health
    /// checks (tags <see cref="LiveTag"/> and <see cref="ReadyTag"/>). An <see cref="ApiServerClient"/> and a
    /// <see cref="TimeProvider"/> registered before are used; else what <see cref="ApiServerClient.Open"/> finds and the system clock.
    /// </summary>
    public static OperatorBuilder AddKubernetesOperator(this IServiceCollection services, Action<OperatorOptions>? configure = null)
    {
        var options = new OperatorOptions();
        configure?.Invoke(options);
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => ApiServerClient.Open(userAgent: options.Name));
        services.TryAddSingleton<KubernetesApi>();
        services.AddSingleton<RuntimeMetrics>();
        services.AddSingleton<ReferenceWatch>();
        services.AddSingleton<DependentWatches>();
        services.AddSingleton(p => new WriteFence(options, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IWriteFence>(p => p.GetRequiredService<WriteFence>());
        services.AddSingleton(p => ActivatorUtilities.CreateInstance<LeaderElector>(p, Unfenced(p)));
        services.AddSingleton(p => ActivatorUtilities.CreateInstance<EventRecorder>(p, Unfenced(p)));
        services.TryAddSingleton<EventPublisher>(p => p.GetRequiredService<EventRecorder>().PublishAsync);
        services.AddSingleton<OperatorService>();
        services.AddSingleton<IHostedService>(p => p.GetRequiredService<OperatorService>());
        services.AddHealthChecks()
            .AddCheck<LivenessCheck>("watches", tags: [LiveTag])
            .AddCheck<ReadinessCheck>("caches", tags: [ReadyTag]);
        return new(services);
    }

    // The Lease is written to find out whether others may be; events ask themselves, before they are queued.
    private static KubernetesApi Unfenced(IServiceProvider provider) =>
        new(provider.GetRequiredService<ApiServerClient>(), provider.GetRequiredService<TimeProvider>());
}
