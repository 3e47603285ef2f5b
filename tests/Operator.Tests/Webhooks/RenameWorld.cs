using System.Collections.Concurrent;
using System.Text.Json;
using BitbucketOperator.Bitbucket;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Cli.Run;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Core.Validation;
using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Patching;
using BitbucketOperator.Testing;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>
/// The operator's controller, finalizer and workers over several connections and a played Bitbucket Data Center. The cluster is in
/// memory, and time passes while a test waits.
/// </summary>
internal sealed class RenameWorld : IConnections, IInventories, IStatusWriter<BitbucketConnection>, IAsyncDisposable
{
    public const string Url = "https://ci.example.com/hooks/bitbucket";

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    private readonly MemoryReferences _references = new();
    private readonly ConcurrentDictionary<EntityKey, BitbucketConnection> _connections = new();
    private readonly ConcurrentDictionary<EntityKey, DateTimeOffset> _due = new();
    private readonly ConcurrentDictionary<string, PlayedInventories> _inventories = new(StringComparer.Ordinal);
    private readonly Simulator _bitbucket;
    private ServiceProvider _process;
    private CancellationTokenSource _stop = new();
    private Task _workers;
    private int _uids;

    private RenameWorld(Simulator bitbucket)
    {
        _bitbucket = bitbucket;
        _references.Secrets["bitbucket"] = new(StringComparer.Ordinal) { ["token"] = "token-that-is-right" };
        _references.Secrets["old"] = new(StringComparer.Ordinal) { ["secret"] = "secret-of-the-old-one" };
        _references.Secrets["new"] = new(StringComparer.Ordinal) { ["secret"] = "secret-of-the-new-one" };
        _references.ConfigMaps["corp-ca"] = new(StringComparer.Ordinal) { ["ca.crt"] = bitbucket.CaPem };
        (_process, _workers) = Start();
    }

    /// <summary>Where webhooks are, each with the name of its owner's resource, its owner's id and its secret; sorted.</summary>
    public string[] Webhooks => _bitbucket.Read(w => w.Webhooks.Select(Tell).Order(StringComparer.Ordinal).ToArray());

    public Simulator Bitbucket => _bitbucket;

    public static async Task<RenameWorld> StartAsync() => new(await Simulator.StartAsync(new SimulatorOptions
    {
        Tls = true,
        SeedFile = SourceTree.PathOf("tests", "Operator.Tests", "Credentials", "Seeds", "data-center.yaml"),
    }));

    public static string IdOf(string key) => Core.Ownership.WebhookOwner.Of("cluster", key.Split('/')[0], key.Split('/')[1]).Id;

    public BitbucketConnection? Find(string key) => _connections.GetValueOrDefault(Key(key));

    /// <summary>Makes or changes a connection.</summary>
    /// <param name="key">namespace/name.</param>
    /// <param name="secret">The Secret of its webhooks.</param>
    /// <param name="ownerId">The annotation; null for none.</param>
    /// <param name="change">What else differs.</param>
    public void Apply(string key, string secret, string? ownerId = null, Action<BitbucketConnectionSpec>? change = null)
    {
        var spec = new BitbucketConnectionSpec
        {
            Url = _bitbucket.BaseUrl.ToString(),
            Auth = new() { Type = AuthType.HTTPAccessToken, SecretRef = new() { Name = "bitbucket" } },
            Tls = new() { CaBundleRef = new() { Name = "corp-ca" } },
            Webhooks = [new WebhookSpec { Name = "ci", Url = Url, Level = WebhookLevel.Repository, SecretRef = new() { Name = secret, Key = "secret" } }],
        };
        change?.Invoke(spec);
        Store(Key(key), c =>
        {
            c.Spec = spec;
            c.Metadata.Generation = (c.Metadata.Generation ?? 0) + 1;
            c.Metadata.Annotations = ownerId is null ? null : new Dictionary<string, string>(StringComparer.Ordinal) { [Annotations.OwnerId] = ownerId };
        });
    }

    public void Delete(string key) => Store(Key(key), c =>
    {
        c.Metadata.DeletionTimestamp ??= _clock.GetUtcNow().UtcDateTime;
        c.Metadata.Generation++;
    });

    /// <summary>The process ends.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _workers;
        await _process.DisposeAsync();
    }

    /// <summary>Another one begins after a time.</summary>
    public void StartAgain(TimeSpan after)
    {
        _clock.Advance(after);
        _stop = new CancellationTokenSource();
        (_process, _workers) = Start();
        foreach (var (key, connection) in _connections)
        {
            Index.Observe(key, connection);
            _due[key] = _clock.GetUtcNow();
        }
    }

    /// <summary>No sync is due or runs.</summary>
    public bool IsQuiet => _connections.Values.All(c => _process.GetRequiredService<ConnectionStates>().Of(c.Metadata.Uid).Sync.IsDone(_clock.GetUtcNow()));

    /// <summary>Goes on for a time.</summary>
    public Task PassAsync(TimeSpan time)
    {
        var end = _clock.GetUtcNow() + time;
        return UntilAsync($"{time}", () => _clock.GetUtcNow() >= end, TimeSpan.FromSeconds(1));
    }

    /// <summary>Waits for a transition while time passes.</summary>
    public Task UntilAsync(string transition, Func<bool> reached, TimeSpan? step = null) => Eventually.IsTrueAsync(
        transition,
        async () =>
        {
            await ReconcileDueAsync();
            _clock.Advance(step ?? TimeSpan.FromMilliseconds(250));
            return reached();
        },
        () => string.Join("; ", _connections.Select(c => $"{c.Key}: {c.Value.Status?.Conditions.FirstOrDefault()?.Message}")));

    public Task UntilReadyAsync(string key) => UntilAsync(
        $"{key} to be ready",
        () => Find(key) is { Status: { } status } c
            && status.ObservedGeneration == c.Metadata.Generation
            && status.Conditions.Exists(s => s is { Type: ConditionTypes.Ready, Status: ConditionState.True })
            && status.Webhooks is { Ready: > 0, Waiting: null or 0, Failed: 0 });

    public Task UntilGoneAsync(string key) => UntilAsync($"{key} to be gone", () => Find(key) is null);

    /// <summary>
    /// The repositories that once had a webhook and then, at some time, had none: by the order of the requests that made and removed them.
    /// </summary>
    public IReadOnlyList<string> Gaps()
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var gaps = new List<string>();
        foreach (var request in _bitbucket.Requests.Entries.Where(r => r.Status is >= 200 and < 300 && r.Path.Contains("/webhooks", StringComparison.Ordinal)))
        {
            var scope = request.Path[..request.Path.IndexOf("/webhooks", StringComparison.Ordinal)];
            counts[scope] = counts.GetValueOrDefault(scope) + request.Method switch { "POST" => 1, "DELETE" => -1, _ => 0 };
            if (request.Method == "DELETE" && counts[scope] == 0)
            {
                gaps.Add($"{scope} after request {request.Number}");
            }
        }

        return gaps;
    }

    void IConnections.Enqueue(EntityKey key) => EnqueueAfter(key, TimeSpan.Zero);

    public void EnqueueAfter(EntityKey key, TimeSpan delay)
    {
        var at = _clock.GetUtcNow() + delay;
        _due.AddOrUpdate(key, at, (_, before) => before < at ? before : at);
    }

    public Task<bool> PatchAsync(BitbucketConnection observed, Action<BitbucketConnection> change, CancellationToken cancellationToken)
    {
        if (StatusPatch.Of(Application.Connections, observed, change) is null)
        {
            return Task.FromResult(false);
        }

        change(observed);
        var key = EntityKey.Of(observed);
        if (_connections.TryGetValue(key, out var stored) && stored.Metadata.Uid == observed.Metadata.Uid)
        {
            var changed = Copy(stored);
            changed.Status = Copy(observed).Status;
            _connections[key] = changed;
            Index.Observe(key, changed);
        }

        return Task.FromResult(true);
    }

    public Task<VerifiedScopes> LoadAsync(BitbucketConnection connection, CancellationToken cancellationToken) =>
        Task.FromResult(InventoriesOf(connection).Read(connection.ToModel()));

    public Task FlushAsync(BitbucketConnection connection, InventoryContent content, CancellationToken cancellationToken)
    {
        InventoriesOf(connection).Write(content);
        return Task.CompletedTask;
    }

    void IInventories.Forget(string uid)
    {
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        await _bitbucket.DisposeAsync();
    }

    private PlayedInventories InventoriesOf(BitbucketConnection connection) => _inventories.GetOrAdd(connection.Metadata.Uid, _ => new PlayedInventories());

    private OwnerIndex Index => _process.GetRequiredService<OwnerIndex>();

    private static BitbucketConnection Copy(BitbucketConnection connection) => JsonSerializer.Deserialize(
        JsonSerializer.SerializeToUtf8Bytes(connection, ApiJsonContext.Default.BitbucketConnection), ApiJsonContext.Default.BitbucketConnection)!;

    private static EntityKey Key(string text) => new(text.Split('/')[0], text.Split('/')[1]);

    private static string Tell(Webhook webhook)
    {
        var marker = WebhookMarker.Parse(webhook.Configuration.GetValueOrDefault("createdBy"));
        var place = webhook.Owner is Project project ? $"project:{project.Key}" : ((Repository)webhook.Owner).Path;
        return $"{place} {marker?.Owner} {webhook.Secret}";
    }

    private void Store(EntityKey key, Action<BitbucketConnection> change)
    {
        var connection = _connections.TryGetValue(key, out var stored)
            ? Copy(stored)
            : new BitbucketConnection
            {
                Metadata = new V1ObjectMeta
                {
                    NamespaceProperty = key.Namespace,
                    Name = key.Name,
                    Uid = $"uid-{++_uids}",
                    CreationTimestamp = _clock.GetUtcNow().UtcDateTime,
                    Finalizers = [BitbucketConnection.Finalizer],
                },
            };
        change(connection);
        _connections[key] = connection;
        if (!_stop.IsCancellationRequested)
        {
            Index.Observe(key, connection);
            EnqueueAfter(key, TimeSpan.Zero);
        }
    }

    private async Task ReconcileDueAsync()
    {
        foreach (var key in _due.Where(d => d.Value <= _clock.GetUtcNow()).Select(d => d.Key).ToList())
        {
            if (_due.TryRemove(key, out _) && _connections.TryGetValue(key, out var stored))
            {
                await ReconcileAsync(key, Copy(stored));
            }
        }
    }

    private async Task ReconcileAsync(EntityKey key, BitbucketConnection connection)
    {
        var controller = _process.GetRequiredService<BitbucketConnectionController>();
        if (connection.Metadata.DeletionTimestamp is null)
        {
            var result = await controller.ReconcileAsync(connection, TestContext.Current.CancellationToken);
            result.Error.ShouldBeNull("nothing unforeseen happens");
            EnqueueAfter(key, result.RequeueAfter ?? TimeSpan.FromSeconds(5));
            return;
        }

        var cleanup = await _process.GetRequiredService<BitbucketConnectionFinalizer>().FinalizeAsync(connection, TestContext.Current.CancellationToken);
        cleanup.Error.ShouldBeNull("nothing unforeseen happens");
        if (!cleanup.IsSuccess)
        {
            EnqueueAfter(key, cleanup.RequeueAfter ?? TimeSpan.FromSeconds(5));
            return;
        }

        _connections.TryRemove(key, out _);
        Index.Observe(key, entity: null);
        await controller.DeletedAsync(connection, TestContext.Current.CancellationToken);
    }

    private (ServiceProvider Process, Task Workers) Start()
    {
        var services = new ServiceCollection();
        Application.AddReconciler(services);
        services.AddSingleton<TimeProvider>(_clock);
        services.AddBitbucket(new BitbucketOptions { AllowedHosts = ["*", "127.0.0.1"], MaxRetries = 0 });
        services.AddSingleton<BitbucketConnectionController>();
        services.AddSingleton<BitbucketConnectionFinalizer>();
        services.AddSingleton<SyncWorkers>();
        services.AddSingleton<ISyncs>(provider => provider.GetRequiredService<SyncWorkers>());
        services.AddSingleton<IReferenceSource>(_references);
        services.AddSingleton<IConnections>(this);
        services.AddSingleton<IInventories>(this);
        services.AddSingleton<IStatusWriter<BitbucketConnection>>(this);
        services.AddSingleton<EventPublisher>((_, _, _, _, _) => Task.CompletedTask);
        services.AddSingleton(new ClusterIdentity(api: null, "cluster"));
        services.AddSingleton(new WatchScope(All: true));
        services.AddSingleton(new ConnectionPolicy(AllowHttp: false));
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        var process = services.BuildServiceProvider();
        return (process, process.GetRequiredService<SyncWorkers>().RunAsync(_stop.Token));
    }
}
