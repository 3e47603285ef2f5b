using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>The real workers over one connection and a server whose answers a test gives. Time stands still unless the test moves it.</summary>
internal sealed class SyncWorld : IConnections, IAsyncDisposable
{
    private readonly WebhookOwner _owner = WebhookOwner.Of("cluster", "ci", "platform");
    private readonly CancellationTokenSource _stop = new();
    private readonly ConnectionStates _states = new();
    private readonly SyncWorkers _workers;
    private readonly Task _running;
    private readonly BitbucketConnection _resource;
    private readonly Repository[] _repositories;

    public SyncWorld(int repositories, WebhookLevel level = WebhookLevel.Repository)
    {
        _repositories = [.. Enumerable.Range(1, repositories).Select(i => new Repository($"{i}", new RepositoryName("PLAT", $"repository-{i}")))];
        _resource = new BitbucketConnection
        {
            Metadata = new() { Name = "platform", NamespaceProperty = "ci", Uid = "platform", Generation = 1 },
            Spec = new() { Url = "https://bb.example.com", Webhooks = [new WebhookSpec { Name = "ci", Url = "https://ci.example.com/hook", Level = level }] },
        };
        var index = new OwnerIndex(new WatchScope(All: true), new ClusterIdentity(api: null, "cluster"));
        Waits = new OwnerWaits(index, _states, this, Clock);
        var sync = new WebhookSync(new DeliveryObserver(Clock), Waits, Clock, NullLogger<WebhookSync>.Instance);
        _workers = new SyncWorkers(_states, sync, Waits, this, new BitbucketOptions(), Clock, NullLogger<SyncWorkers>.Instance);
        _running = _workers.RunAsync(_stop.Token);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public PlayedBitbucket Bitbucket { get; } = new();

    /// <summary>What a proxy of its own shows to the connection "neighbour".</summary>
    public PlayedBitbucket BehindAProxy { get; } = new();

    public OwnerWaits Waits { get; }

    public ConnectionState State => _states.Of("platform");

    public IReadOnlyDictionary<string, ScopeCheck> Checks => State.Checks;

    public Task Running => _running;

    public TimeSpan Oldest => _workers.OldestSync;

    public bool IsKnown => _states.Find("platform") is not null;

    /// <summary>What a reconcile does: computes what is desired and has the syncs go on.</summary>
    public DesiredState Reconcile(string token = "token") => Reconcile(_resource.ToModel(), Bitbucket, token, proxy: null);

    /// <summary>The same for a connection in another namespace, to the same server.</summary>
    public DesiredState ReconcileNeighbour(Uri? proxy) => Reconcile(
        _resource.ToModel() with { Namespace = "others", Name = "neighbour", Uid = "neighbour" },
        proxy is null ? Bitbucket : BehindAProxy,
        "token of others",
        proxy is null ? null : new ProxyTarget(proxy));

    private DesiredState Reconcile(Connection connection, PlayedBitbucket bitbucket, string token, ProxyTarget? proxy)
    {
        var target = new ConnectionTarget(new Uri("https://bb.example.com"), Flavour.DataCenter, new Credential.HttpAccessToken(new SecretText(token)))
        {
            Proxy = proxy,
        };
        var targets = new Targets(target, Webhooks: null);
        var state = _states.Of(connection.Uid);
        state.UseFor(targets);
        var observed = new ConnectionObserved
        {
            Now = Clock.GetUtcNow(),
            Owner = _owner,
            Server = new ServerInfo("9.4.2", "Bitbucket"),
            RepositoryListing = new RepositoryListing(_repositories, [], [], []),
            Selection = RepositorySelection.Of(connection.Spec.Discovery, _repositories),
            Desired = [.. connection.Spec.Webhooks.Select(w => DesiredWebhook.Of(w, (SecretText?)null, _owner, allowHttp: false, Flavour.DataCenter))],
            Checks = state.Checks,
        };
        var desired = DesiredState.Of(connection, observed, _owner);
        state.Sync.Continue(desired, OpenBitbucket.Open(new PlayedConnector(bitbucket), targets), [], Clock.GetUtcNow());
        _workers.Continue(connection);
        return desired;
    }

    public void Delete()
    {
        _states.Forget("platform");
        _workers.Forget(_resource.ToModel());
    }

    /// <summary>Waits for a transition while time passes: a sync may begin only now.</summary>
    public Task UntilAsync(string transition, Func<bool> reached) => Eventually.IsTrueAsync(transition, () =>
    {
        Clock.Advance(TimeSpan.FromSeconds(10));
        return reached();
    });

    void IConnections.Enqueue(EntityKey key)
    {
    }

    void IConnections.EnqueueAfter(EntityKey key, TimeSpan delay)
    {
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _workers.Dispose();
        _stop.Dispose();
    }

    private sealed class PlayedConnector(IBitbucket bitbucket) : IBitbucketConnector
    {
        public IBitbucket Connect(ConnectionTarget target) => bitbucket;
    }
}

/// <summary>A server without webhooks, which takes what is made; a test may answer in its place.</summary>
internal sealed class PlayedBitbucket : IBitbucket
{
    private int _ids;
    private int _reservations;

    public Func<WebhookScope, CancellationToken, Task<IReadOnlyList<Webhook>>> List { get; set; } = (_, _) => Task.FromResult<IReadOnlyList<Webhook>>([]);

    public Func<bool> Create { get; set; } = () => true;

    /// <summary>How long until a request is left; zero when one is.</summary>
    public TimeSpan Wait { get; set; }

    /// <summary>How many times requests were asked for.</summary>
    public int Reservations => Volatile.Read(ref _reservations);

    public IBitbucket? TryReserve(RequestCost cost, WorkClass workClass, out TimeSpan wait)
    {
        Interlocked.Increment(ref _reservations);
        wait = Wait;
        return wait > TimeSpan.Zero ? null : this;
    }

    public Task<IReadOnlyList<Webhook>> ListWebhooksAsync(WebhookScope scope, CancellationToken cancellationToken) => List(scope, cancellationToken);

    public Task<IReadOnlyList<Webhook>?> ListInheritedWebhooksAsync(Repository repository, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Webhook>?>([]);

    public Task<Webhook> CreateWebhookAsync(WebhookScope scope, WebhookDefinition definition, CancellationToken cancellationToken) =>
        Create() ? Task.FromResult(Stored($"{Interlocked.Increment(ref _ids)}", definition)) : throw new NotSupportedException();

    public Task<Webhook> UpdateWebhookAsync(WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken) =>
        Task.FromResult(Stored(id, definition));

    /// <summary>How many webhooks were removed.</summary>
    public int Deleted { get; private set; }

    public Task DeleteWebhookAsync(WebhookScope scope, string id, CancellationToken cancellationToken)
    {
        Deleted++;
        return Task.CompletedTask;
    }

    public Outlook Foresee(string connection, Workload work) => Outlook.Unlimited;

    public Task<ServerInfo> GetServerAsync(CancellationToken cancellationToken) => Task.FromResult(new ServerInfo("9.4.2", "Bitbucket"));

    public Task<Account> GetAccountAsync(CancellationToken cancellationToken) => Task.FromResult(new Account("bot"));

    public Task<CredentialReport> ExamineAsync(Repository? sample, CancellationToken cancellationToken) =>
        Task.FromResult(new CredentialReport(PrincipalKind.User, new Dictionary<Capability, Finding>()));

    /// <summary>The repositories of a page, by its number from 0; null after the last.</summary>
    public Func<int, IReadOnlyList<Repository>?> Page { get; set; } = _ => null;

    /// <summary>How many pages were asked for.</summary>
    public int Pages { get; private set; }

    /// <summary>Resets the counts.</summary>
    public void Forget() => (Pages, Deleted) = (0, 0);

    public IRepositoryPages ListRepositories(string? project) => new PlayedPages(this);

    public Task<Repository> GetRepositoryAsync(RepositoryName name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<DeliveryHealth?> GetDeliveryHealthAsync(WebhookScope scope, string id, CancellationToken cancellationToken) =>
        Task.FromResult<DeliveryHealth?>(null);

    public Task<string?> TestWebhookAsync(WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(null);

    public void Dispose()
    {
    }

    private sealed class PlayedPages(PlayedBitbucket bitbucket) : IRepositoryPages
    {
        private int _next;

        public Task<IReadOnlyList<Repository>?> NextAsync(CancellationToken cancellationToken)
        {
            bitbucket.Pages++;
            return Task.FromResult(bitbucket.Page(_next++));
        }
    }

    private static Webhook Stored(string id, WebhookDefinition d) =>
        new(id, d.Title, d.Marker, d.Url, d.Events, d.Active, d.SslVerification, new WebhookSecret(d.Secret is not null, d.Secret));
}
