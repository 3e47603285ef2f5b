using BitbucketOperator.Bitbucket;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Cli.DryRun;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Core.Validation;
using BitbucketOperator.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace BitbucketOperator.Operator.Tests;

/// <summary>
/// The operator's own reconciles and syncs without a cluster: what they need of one comes from <paramref name="references"/>. A
/// pass is what the operator does from one reading of the server until nothing is due.
/// </summary>
internal sealed class OfflinePasses(IReferenceSource references, BitbucketOptions options, TimeProvider clock) : IAsyncDisposable
{
    // What is found on a project decides what is desired below, so that syncs and reconciles take turns.
    private const int MostRounds = 8;

    private static readonly WebhookOwner Owner = WebhookOwner.Of("cluster", "ci", "platform");
    private readonly ServiceProvider _services = new ServiceCollection().AddSingleton(clock).AddBitbucket(options).BuildServiceProvider();
    private ConnectionState _state = new();

    /// <summary>Told when a round of syncs ended, before the reconcile that follows.</summary>
    public Func<Task> Synced { get; set; } = () => Task.CompletedTask;

    /// <summary>Whether writes may be sent, and what a former leader may still have under way.</summary>
    public IWriteGate? Gate { get; set; }

    /// <summary>What the cluster holds beside the resource.</summary>
    public PlayedInventories Inventories { get; } = new();

    /// <summary>Forgets what a process that ended would have forgotten.</summary>
    public void Restart() => _state = new ConnectionState();

    /// <summary>One pass, and the connection's status brought up to date with what came of it, as the controller does.</summary>
    public async Task<PassResult> RunAsync(BitbucketConnection connection, CancellationToken cancellationToken = default)
    {
        var reconciler = new ConnectionReconciler(
            new ConnectionPreparer(references, new ConnectionPolicy(AllowHttp: false)),
            new ConnectionObserver(options, clock),
            _services.GetRequiredService<IBitbucketConnector>(),
            ListedOwners.None,
            clock);
        var sync = new WebhookSync(new DeliveryObserver(clock), ListedOwners.None, clock, NullLogger<WebhookSync>.Instance, Gate);
        var events = new List<ConnectionEvent>();
        var applied = new List<AppliedChange>();
        var isPaused = false;
        for (var round = 1; ; round++)
        {
            var outcome = await reconciler.RunAsync(Recall(connection), Owner, _state, cancellationToken);
            var summary = ConnectionSummary.Of(outcome, connection.Status);
            events.AddRange(ConnectionEvents.Of(connection.Status, summary.Status, outcome.Applied));
            applied.AddRange(outcome.Applied);
            connection.Status = summary.Status;
            _state.Verified = summary.Verified;
            Inventories.Write(summary.Inventory);
            ConnectionReconciler.Schedule(outcome, _state);
            if (_state.Sync.IsDone(clock.GetUtcNow()) || isPaused || round == MostRounds)
            {
                return new PassResult(summary.Status, summary.Next, events) { Applied = applied };
            }

            var pause = await SyncDrain.RunAsync(_state, sync, clock, options.MaxRequestsPerHost, cancellationToken);
            await Synced();
            isPaused = pause is not null;
        }
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private Connection Recall(BitbucketConnection resource)
    {
        var connection = resource.ToModel();
        _state.Verified ??= Inventories.Read(connection).OrEarlier(connection.Known.Verified);
        return connection with { Known = connection.Known with { Verified = _state.Verified } };
    }
}

/// <summary>What a pass came to.</summary>
/// <param name="Status">The status when nothing was due any more.</param>
/// <param name="Next">When the last reconcile asks for the next.</param>
/// <param name="Events">Those of all its reconciles.</param>
internal sealed record PassResult(BitbucketConnectionStatus Status, NextReconcile Next, IReadOnlyList<ConnectionEvent> Events)
{
    /// <summary>What its syncs changed, or tried.</summary>
    public required IReadOnlyList<AppliedChange> Applied { get; init; }
}
