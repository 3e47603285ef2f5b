using System.Net;
using BitbucketOperator.Bitbucket;
using BitbucketOperator.Cli.Settings;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Hosting;
using BitbucketOperator.Runtime.Kubeconfig;
using BitbucketOperator.Runtime.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;

namespace BitbucketOperator.Cli.Run;

/// <summary>The wiring of the controller process.</summary>
internal static class Application
{
    /// <summary>Runs until the process is to stop; 0 then, 1 when it cannot start or a part of it ended.</summary>
    public static async Task<int> RunAsync(RunOptions options, CancellationToken cancellationToken)
    {
        await using var logger = Logging.Create(options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSerilog(logger);
        Endpoints.Listen(builder, options);
        AddOperator(builder.Services, options);
        Telemetry.Add(builder, options);
        await using var app = builder.Build();
        Endpoints.Map(app, options);
        try
        {
            app.Services.GetRequiredService<ConnectionMetrics>().Observe(app.Services.GetRequiredService<SyncWorkers>());
            if (options.Warning is { } warning)
            {
                logger.Warning("{Warning:l}", warning);
            }

            await app.StartAsync(cancellationToken);
            await app.WaitForShutdownAsync(cancellationToken);
            return app.Services.GetServices<IHostedService>().Any(s => s is BackgroundService { ExecuteTask.IsFaulted: true }) ? 1 : 0;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or KubeconfigException)
        {
            logger.Fatal("The operator cannot start: {Reason}", e.Message);
            return 1;
        }
    }

    /// <summary>The kind that the operator reconciles.</summary>
    internal static EntityDefinition<BitbucketConnection> Connections { get; } = new(
        BitbucketConnection.Group, BitbucketConnection.Version, BitbucketConnection.Plural, BitbucketConnection.KindName,
        ApiJsonContext.Default.BitbucketConnection)
    {
        InsignificantStatusPaths = ["/webhooks/lastFullCheck", "/webhooks/deliveries/checked"],
    };

    /// <summary>
    /// What the controller and the finalizer are made of, as far as it knows neither a cluster nor a server. Those come as
    /// <see cref="IReferenceSource"/>, <see cref="IConnections"/>, <see cref="BitbucketOperator.Runtime.Patching.IStatusWriter{TEntity}"/>,
    /// <see cref="BitbucketOperator.Runtime.Events.EventPublisher"/>, <see cref="ClusterIdentity"/>, <see cref="WatchScope"/> and
    /// <see cref="IBitbucketConnector"/>.
    /// </summary>
    internal static void AddReconciler(IServiceCollection services)
    {
        services.AddSingleton<ConnectionPreparer>();
        services.AddSingleton<ConnectionObserver>();
        services.AddSingleton<WebhookSync>();
        services.AddSingleton<DeliveryObserver>();
        services.AddSingleton<ConnectionReconciler>();
        services.AddSingleton<ConnectionStates>();
        services.AddSingleton<OwnerIndex>();
        services.AddSingleton<OwnerWaits>();
        services.AddSingleton<IOwners>(provider => provider.GetRequiredService<OwnerWaits>());
        services.AddSingleton<Estates>();
        services.AddSingleton<FailureReporter>();
    }

    // Beside a Lease alone: without one, as in development, several processes may use one name, or the namespace may not exist.
    private static void AddRateLimitKeeper(IServiceCollection services, RunOptions options)
    {
        if (options.LeaderElection)
        {
            services.AddSingleton<RateLimitStore>();
            services.AddSingleton<RateLimitKeeper>();
            services.AddSingleton<ILeaderHandover>(provider => provider.GetRequiredService<RateLimitKeeper>());
            services.AddSingleton<ILeaderWork>(provider => provider.GetRequiredService<RateLimitKeeper>());
            services.AddSingleton<ILeaderMemory>(provider => provider.GetRequiredService<RateLimitKeeper>());
        }
    }

    /// <summary>All but what the process serves.</summary>
    internal static void AddOperator(IServiceCollection services, RunOptions options)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(_ =>
            ApiServerClient.Open(options.Kubeconfig, options.Context, $"bitbucket-operator/{Versions.Product}"));
        services.AddSingleton(options.Policy);
        services.AddSingleton<IWebProxy>(_ => EnvironmentProxy.Read());
        services.AddBitbucket(options.Bitbucket);
        services.AddSingleton<IReferenceSource, ClusterReferences>();
        AddReconciler(services);
        services.AddSingleton<SyncWorkers>();
        services.AddSingleton<ISyncs>(provider => provider.GetRequiredService<SyncWorkers>());
        services.AddSingleton<ILeaderWork>(provider => provider.GetRequiredService<SyncWorkers>());
        services.AddSingleton<IWriteGate, LeaderWriteGate>();
        services.AddSingleton<ILeaderMemory>(provider => provider.GetRequiredService<ConnectionStates>());
        AddRateLimitKeeper(services, options);
        services.AddSingleton<InventoryObjects>();
        services.AddSingleton<InventoryStore>();
        services.AddSingleton(provider => new DependentWatch(
            BitbucketInventory.Group, BitbucketInventory.Version, BitbucketInventory.Plural, BitbucketInventory.ConnectionLabel,
            provider.GetRequiredService<InventoryStore>().Changed));
        services.AddSingleton<IInventories>(provider => provider.GetRequiredService<InventoryStore>());
        services.AddSingleton<ILeaderMemory>(provider => provider.GetRequiredService<InventoryStore>());
        services.AddSingleton<ConnectionMetrics>();
        services.AddSingleton<ILeaderMemory>(provider => provider.GetRequiredService<OwnerWaits>());
        services.AddSingleton<ILeaderMemory>(provider => provider.GetRequiredService<Estates>());
        services.AddSingleton<IEntityObserver<BitbucketConnection>>(provider => provider.GetRequiredService<OwnerIndex>());
        services.AddSingleton(new WatchScope(All: options.WatchNamespaces.Length == 0 && string.IsNullOrEmpty(options.WatchSelector)));
        services.AddSingleton<IConnections, WatchedConnections>();
        services.AddSingleton(provider => new ClusterIdentity(provider.GetRequiredService<KubernetesApi>(), options.ClusterName));
        services.AddKubernetesOperator(runtime =>
            {
                runtime.Name = "bitbucket-operator";
                runtime.OperatorNamespace = options.OperatorNamespace;
                runtime.Namespaces = options.WatchNamespaces;
                runtime.WatchSelector = options.WatchSelector;
                runtime.Workers = options.Workers;
                runtime.LeaderElection.Enabled = options.LeaderElection;
                runtime.LeaderElection.LeaseName = options.LeaseName;
            })
            .AddEntity(Connections)
            .AddController<BitbucketConnectionController, BitbucketConnection>()
            .AddFinalizer<BitbucketConnectionFinalizer, BitbucketConnection>(BitbucketConnection.Finalizer)
            .WithReferences<BitbucketConnection>(connection => ConnectionPreparer.References(connection.ToModel()));
    }
}
