using BitbucketOperator.Testing.Servers;
using BitbucketOperator.Bitbucket;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Cli.DryRun;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Core.Validation;
using BitbucketOperator.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Convergence.Tests.World;

/// <summary>
/// The operator's own reconciles and syncs over one connection, without a cluster: what the controller and the finalizer do around
/// them is done here. Requests follow each other, so that a history runs alike each time.
/// </summary>
internal sealed class PlayedOperator : IWriteGate, IAsyncDisposable
{
    // What is found on a project decides what is desired below, so that syncs and reconciles take turns.
    private const int MostRounds = 8;

    // A limit that never ends would be a fault.
    private static readonly TimeSpan BetweenStores = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan InDoubt = TimeSpan.FromSeconds(30);
    private const int MostPauses = 300;
    private static readonly byte[] IdKey = new byte[32];

    private readonly ServiceProvider _services;
    private readonly RateLimiters _limiters;
    private readonly ConnectionReconciler _reconciler;
    private readonly WebhookSync _sync;
    private readonly Resource _resource;
    private readonly Action<BitbucketConnectionStatus> _written;
    private ConnectionState _state = new();
    private IReadOnlyList<RateLimitRecord> _stored = [];
    private DateTimeOffset? _storedAt;
    private DateTimeOffset? _leadsSince;

    /// <param name="server">What it talks to.</param>
    /// <param name="resource">What it looks after.</param>
    /// <param name="clock">Its clock, and the server's.</param>
    /// <param name="written">Told of every status that was written.</param>
    public PlayedOperator(PlayedServer server, Resource resource, FakeTimeProvider clock, Action<BitbucketConnectionStatus> written)
    {
        (_resource, Clock, _written) = (resource, clock, written);
        var defaults = new BitbucketOptions();
        var options = defaults with
        {
            AllowedHosts = ["*", "127.0.0.1"],
            MaxRetries = 0,
            MaxRequestsPerHost = 1,
            CloudApiUrl = (server as PlayedCloud)?.ApiUrl ?? defaults.CloudApiUrl,
            CloudTokenUrl = (server as PlayedCloud)?.TokenUrl ?? defaults.CloudTokenUrl,
        };
        _services = new ServiceCollection().AddSingleton<TimeProvider>(Clock).AddBitbucket(options).BuildServiceProvider();
        _limiters = _services.GetRequiredService<RateLimiters>();
        _reconciler = new ConnectionReconciler(
            new ConnectionPreparer(resource, new ConnectionPolicy(AllowHttp: true)),
            new ConnectionObserver(options, Clock),
            _services.GetRequiredService<IBitbucketConnector>(),
            ListedOwners.None,
            Clock);
        _sync = new WebhookSync(new DeliveryObserver(Clock), ListedOwners.None, Clock, NullLogger<WebhookSync>.Instance, this);
    }

    public FakeTimeProvider Clock { get; }

    /// <summary>What the cluster holds beside the resource.</summary>
    public PlayedInventories Inventories { get; } = new();

    /// <summary>Whether it knows that a place had all its webhooks when they were last seen.</summary>
    public bool KnowsOf(string scopeId) => Recall().Known.Verified.Contains(scopeId);

    /// <summary>As long as this process leads since another one did, a write of that one may still arrive.</summary>
    public TimeSpan InDoubtFor => _leadsSince is { } since && since + InDoubt > Clock.GetUtcNow() ? since + InDoubt - Clock.GetUtcNow() : TimeSpan.Zero;

    /// <inheritdoc/>
    public ValueTask<bool> MayWriteAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);

    /// <summary>The process ends; nothing in memory is left, and the next one knows what was stored of the limits.</summary>
    public void Restart()
    {
        _state = new ConnectionState();
        _limiters.Forget();
        _limiters.Import(_stored, IdKey);
    }

    /// <summary>Another replica leads from now on.</summary>
    public void HandOver()
    {
        _stored = _limiters.Export(IdKey, isFinal: true);
        Restart();
        (_stored, _storedAt) = ([.. _stored.Select(r => r with { IsFinal = false })], Clock.GetUtcNow());
        _leadsSince = Clock.GetUtcNow();
    }

    /// <summary>Reconciles and syncs until nothing more is due.</summary>
    /// <param name="isDead">True once the process is dead: nothing is written any more.</param>
    /// <param name="dies">It dies at the latest before it writes what came of the first syncs.</param>
    public async Task PassAsync(Func<bool> isDead, bool dies)
    {
        for (var round = 0; round < MostRounds && !isDead() && !(dies && round > 0); round++)
        {
            var connection = _resource.Connection;
            var outcome = await _reconciler.RunAsync(Recall(), Resource.Owner, _state, CancellationToken.None);
            if (isDead())
            {
                return;
            }

            var summary = ConnectionSummary.Of(outcome, connection.Status);
            _state.Verified = summary.Verified;
            Write(summary.Status);
            Inventories.Write(summary.Inventory);
            ConnectionReconciler.Schedule(outcome, _state);
            if (_state.Sync.IsDone(Clock.GetUtcNow()))
            {
                return;
            }

            await SyncAsync(isDead);
        }
    }

    /// <summary>One clean-up, as the finalizer does it.</summary>
    /// <param name="dies">The process dies before it makes anything of the outcome.</param>
    /// <returns>True when the finalizer is removed.</returns>
    public async Task<bool> CleanUpAsync(bool dies)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var connection = _resource.Connection;
            if ((connection.Status?.Bookkeeping?.ManagedIn ?? []).Count == 0)
            {
                return true;
            }

            var outcome = await _reconciler.CleanUpAsync(Recall(), Resource.Owner, _state, CancellationToken.None);
            var summary = CleanupSummary.Of(outcome, removed: 0, connection.Status);
            if ((dies && round > 0) || summary.Done)
            {
                return !dies;
            }

            Write(summary.Status!);
            ConnectionReconciler.Schedule(outcome, _state);
            if (_state.Sync.IsDone(Clock.GetUtcNow()))
            {
                return false;
            }

            await SyncAsync(() => false);
        }

        return false;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    // The process reads and writes on as a limit allows; a credential that is refused and a server that is down end it.
    private async Task SyncAsync(Func<bool> isDead)
    {
        for (var pause = 0; pause < MostPauses && !isDead(); pause++)
        {
            var fault = await SyncDrain.RunAsync(_state, _sync, Clock, parallel: 1, CancellationToken.None);
            Store();
            if (fault is not { Reason: var reason, RetryAfter: { } wait } || reason != Reasons.RateLimited)
            {
                return;
            }

            Clock.Advance(wait);
        }
    }

    // As often as the operator does.
    private void Store()
    {
        if (_storedAt is null || _storedAt + BetweenStores <= Clock.GetUtcNow())
        {
            (_stored, _storedAt) = (_limiters.Export(IdKey), Clock.GetUtcNow());
        }
    }

    private Connection Recall()
    {
        var connection = _resource.Connection.ToModel();
        _state.Verified ??= Inventories.Read(connection).OrEarlier(connection.Known.Verified);
        return connection with { Known = connection.Known with { Verified = _state.Verified } };
    }

    // What the API server hands back is what went over the wire: whole seconds, nulls left out. A status that differs in
    // nothing but the times of looking is not written.
    private void Write(BitbucketConnectionStatus status)
    {
        var connection = _resource.Connection;
        if (connection.Status is { } before && StatusText.WithoutLooks(before) == StatusText.WithoutLooks(status))
        {
            return;
        }

        connection.Status = StatusText.Read(StatusText.Of(status));
        _written(connection.Status);
    }
}
