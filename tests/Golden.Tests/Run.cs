using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Cli.Run;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Validation;
using BitbucketOperator.Golden.Tests.Given;
using BitbucketOperator.Golden.Tests.Simulation;
using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Patching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Golden.Tests;

/// <summary>What a step left when nothing more was to be done.</summary>
/// <param name="Ahead">The status that was written before the first change; null where none was.</param>
/// <param name="Last">How the last reconcile ended.</param>
/// <param name="IsGone">The resource was deleted, finalizer and all.</param>
internal sealed record Settled(BitbucketConnectionStatus? Ahead, ReconciliationResult<BitbucketConnection> Last, bool IsGone);

/// <summary>The operator's reconciler, as it is wired in the process, over a simulated server and cluster and a clock that stands.</summary>
internal sealed class Run : IDisposable
{
    private const int MostReconciles = 14;

    // The server is read again, and what failed is tried again.
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(11);
    private static readonly DateTimeOffset End = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock;
    private DateTimeOffset _now;
    private ServiceProvider _process;

    /// <param name="steps">What is going to be run: the last step is at noon of January 31st.</param>
    public Run(IReadOnlyList<Step> steps)
    {
        _now = End - TimeSpan.FromTicks(steps.Skip(1).Sum(s => s.After.Ticks));
        _clock = new FakeTimeProvider(_now);
        Cluster = new SimulatedCluster(_clock);
        Server = new SimulatedServer(Cluster);
        _process = Start(steps[0].World);
        _now -= steps[0].After;
    }

    public SimulatedCluster Cluster { get; }

    public SimulatedServer Server { get; }

    /// <summary>
    /// Reconciles until nothing is written, neither to Bitbucket nor to the status, and nothing is asked for at once; nor a
    /// minute later, for some things are looked at when a little time has passed; before the case, when the interval has passed.
    /// </summary>
    public async Task<Settled> SettleAsync(Step step)
    {
        _now += step.After;
        _now = _now < _clock.GetUtcNow() ? _clock.GetUtcNow() : _now;
        _clock.SetUtcNow(_now);
        Cluster.Become(step);
        Server.Become(step.World);
        if (step.Restart)
        {
            await _process.DisposeAsync();
            _process = Start(step.World);
        }

        Cluster.Tell(_process.GetRequiredService<OwnerIndex>());

        BitbucketConnectionStatus? ahead = null;
        IReadOnlyList<string> managed = Cluster.Connection.Status?.Bookkeeping?.ManagedIn ?? [];
        Server.BeforeWrite = () =>
        {
            var last = Cluster.Written.LastOrDefault();
            ahead = (last?.Bookkeeping?.ManagedIn ?? []).Except(managed, StringComparer.Ordinal).Any() ? last : null;
            Server.BeforeWrite = () => { };
        };
        ReconciliationResult<BitbucketConnection>? quiet = null;
        for (var reconciles = 1; reconciles <= MostReconciles; reconciles++)
        {
            var (written, statuses, known) = (Server.Writes.Count, Cluster.Written.Count, Known());
            var result = await ReconcileAsync();
            await SyncAsync();
            if (result is { IsSuccess: true } && IsDeleted)
            {
                await Controller.DeletedAsync(Cluster.Connection, TestContext.Current.CancellationToken);
                return new Settled(ahead, result, IsGone: true);
            }

            var isQuiet = Server.Writes.Count == written && Cluster.Written.Count == statuses && Known() == known;
            if (isQuiet && quiet is not null)
            {
                return new Settled(ahead, quiet, IsGone: false);
            }

            quiet = isQuiet ? result : null;
            _clock.Advance(!isQuiet ? TimeSpan.Zero : step.IsEarlier ? Interval : TimeSpan.FromMinutes(1));
        }

        throw new InvalidOperationException(
            $"not settled after {MostReconciles} reconciles; written:\n{string.Join('\n', Server.Writes)}\n{Cluster.Written[^1].Conditions[0].Message}");
    }

    /// <summary>One more reconcile, a minute later: what it writes and tells is empty where all had settled.</summary>
    public async Task<IReadOnlyList<string>> OnceMoreAsync()
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        var (written, statuses, events) = (Server.Writes.Count, Cluster.Written.Count, Cluster.Events.Count);
        await ReconcileAsync();
        await SyncAsync();
        return
        [
            .. Server.Writes.Skip(written),
            .. Cluster.Written.Skip(statuses)
                .Select(s => $"status: {string.Join("; ", s.Conditions.Select(c => $"{c.Type} {c.Status} {c.Reason}: {c.Message}"))}"),
            .. Cluster.Events.Skip(events).Select(e => $"event {e.Reason}: {e.Text}"),
        ];
    }

    public void Dispose() => _process.Dispose();

    private bool IsDeleted => Cluster.Connection.Metadata.DeletionTimestamp is not null;

    private BitbucketConnectionController Controller => _process.GetRequiredService<BitbucketConnectionController>();

    private async Task<ReconciliationResult<BitbucketConnection>> ReconcileAsync()
    {
        var copy = Application.Connections.Copy(Cluster.Connection);
        var result = await (IsDeleted
            ? _process.GetRequiredService<BitbucketConnectionFinalizer>().FinalizeAsync(copy, TestContext.Current.CancellationToken)
            : Controller.ReconcileAsync(copy, TestContext.Current.CancellationToken));
        result.Error.ShouldBeNull("nothing unforeseen happens");
        return result;
    }

    private ConnectionState State => _process.GetRequiredService<ConnectionStates>().Of(Cluster.Connection.Metadata.Uid);

    // What syncs found, times aside.
    private string Known() => string.Join('\n', State.Checks.Values
        .Select(c => $"{c.Scope.Id} {c.DesiredFingerprint} {string.Join(' ', c.InPlace)} {string.Join(' ', c.Failures.Select(f => f.Fault.Message))} "
            + $"{string.Join(' ', c.Deliveries.Select(d => $"{d.IsTried} {d.Failure}"))}")
        .Order(StringComparer.Ordinal));

    // As the workers do: what is due is synced; what is not comes with time.
    private async Task SyncAsync()
    {
        await SyncDrain.RunAsync(State, _process.GetRequiredService<WebhookSync>(), _clock, parallel: 1, TestContext.Current.CancellationToken);
    }

    private ServiceProvider Start(World world)
    {
        var services = new ServiceCollection();
        Application.AddReconciler(services);
        services.AddSingleton<BitbucketConnectionController>();
        services.AddSingleton<BitbucketConnectionFinalizer>();
        services.AddSingleton<TimeProvider>(_clock);
        services.AddSingleton<IReferenceSource>(Cluster);
        services.AddSingleton<IConnections>(Cluster);
        services.AddSingleton<IStatusWriter<BitbucketConnection>>(Cluster);
        services.AddSingleton<ISyncs>(Cluster);
        services.AddSingleton<IInventories>(Cluster);
        services.AddSingleton<EventPublisher>(Cluster.PublishAsync);
        services.AddSingleton<IBitbucketConnector>(Server);
        services.AddSingleton(new ClusterIdentity(api: null, SimulatedCluster.Name));
        services.AddSingleton(new WatchScope(All: !world.WatchesSome));
        services.AddSingleton(new ConnectionPolicy(world.AllowHttp));

        // One request after the other, so that what is written has an order.
        services.AddSingleton(new BitbucketOptions { MaxRequestsPerHost = 1, MaxRepositories = world.MaxRepositories });
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        return services.BuildServiceProvider();
    }
}
