using System.Net;
using BitbucketOperator.Bitbucket;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Cli.Settings;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Runtime.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace BitbucketOperator.Cli.DryRun;

/// <summary>What a reconcile found that wrote nothing.</summary>
/// <param name="Resource">The resource as it was given.</param>
/// <param name="Outcome">What was read and planned.</param>
/// <param name="Status">The status that the resource would get.</param>
/// <param name="Generated">The Secrets that the operator would make.</param>
internal sealed record DryResult(
    BitbucketConnection Resource, ReconcileOutcome Outcome, BitbucketConnectionStatus Status, IReadOnlyList<GeneratedSecret> Generated)
{
    /// <summary>How many repositories, projects and workspaces a rate limit kept from being looked at.</summary>
    public int NotLookedAt => Outcome.State.Scopes.Values.Count(
        s => !(Outcome.Observed.Checks.TryGetValue(s.Scope.Id, out var check) && SyncSchedule.IsCurrent(check, s)));

    /// <summary>Nothing is wrong, as far as was looked at.</summary>
    public bool IsHealthy => Ready is { Status: ConditionState.True } || (IsLimited && NotLookedAt > 0 && Ready?.Reason == Reasons.Progressing.Name);

    /// <summary>A rate limit ended the look.</summary>
    public required bool IsLimited { get; init; }

    private Condition? Ready => Status.Conditions.Find(c => c.Type == ConditionTypes.Ready);
}

/// <summary>
/// The operator's own reconciler, in mode Plan whatever the spec says: nothing is written, neither to Bitbucket nor to a cluster.
/// </summary>
internal sealed class DryReconciler : IAsyncDisposable
{
    // What is found on a project decides what is desired below, so that a few rounds are needed.
    private const int MostRounds = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly RunOptions _options;
    private readonly PlannedWebhooks _planned = new();
    private readonly ServiceProvider _services;

    /// <param name="options">How Bitbucket may be talked to.</param>
    /// <param name="progress">Told of each request.</param>
    public DryReconciler(RunOptions options, Progress progress)
    {
        _options = options;
        var services = new ServiceCollection().AddSingleton<IWebProxy>(EnvironmentProxy.Read()).AddBitbucket(options.Bitbucket);
        services.AddSingleton<RequestHandlerFactory>(() => new RequestWatch(progress));
        _services = services.BuildServiceProvider();
    }

    /// <summary>One reconcile. Those that follow find what this one would write.</summary>
    /// <param name="resource">The resource; not changed.</param>
    /// <param name="owner">Whose its webhooks are.</param>
    /// <param name="owners">The other connections.</param>
    /// <param name="references">Where its Secrets and ConfigMaps come from.</param>
    /// <param name="cancellationToken">Stops the reconcile.</param>
    /// <param name="narrow">Narrows what is looked at.</param>
    public async Task<DryResult> RunAsync(
        BitbucketConnection resource,
        WebhookOwner owner,
        IOwners owners,
        IReferenceSource references,
        CancellationToken cancellationToken,
        Func<Connection, Connection>? narrow = null)
    {
        var connection = Planned(resource.ToModel());
        var dry = new DryReferences(references);
        var clock = TimeProvider.System;
        var reconciler = new ConnectionReconciler(
            new ConnectionPreparer(dry, _options.Policy),
            new ConnectionObserver(_options.Bitbucket, clock),
            new PlannedConnector(_services.GetRequiredService<IBitbucketConnector>(), connection.Spec, _planned),
            owners,
            clock);
        var sync = new WebhookSync(new DeliveryObserver(clock), owners, clock, NullLogger<WebhookSync>.Instance);
        var state = new ConnectionState { AssumesWhatIsKnown = false };
        var looked = narrow?.Invoke(connection) ?? connection;
        var began = clock.GetTimestamp();
        var outcome = await reconciler.RunAsync(looked, owner, state, cancellationToken);
        Fault? pause = null;
        for (var rounds = 0; rounds < MostRounds; rounds++)
        {
            while (outcome.Observed.DiscoveryWait == TimeSpan.Zero)
            {
                outcome = await reconciler.RunAsync(looked, owner, state, cancellationToken);
            }

            ConnectionReconciler.Schedule(outcome, state);
            var isDone = state.Sync.IsDone(clock.GetUtcNow());
            pause = await SyncDrain.RunAsync(state, sync, clock, _options.Bitbucket.MaxRequestsPerHost, cancellationToken);
            var isLimited = pause?.Reason == Reasons.RateLimited;
            state.Reading = pause is null || isLimited ? state.Reading : null;
            outcome = await reconciler.RunAsync(looked, owner, state, cancellationToken);
            if (isDone
                || outcome.Observed is { ReachesWebhooks: false, DiscoveryWait: null }
                || (isLimited && !await IsWaitedForAsync(pause!, began, clock, cancellationToken)))
            {
                break;
            }

            rounds -= isLimited ? 1 : 0;
        }

        _planned.Add(outcome);
        return new DryResult(resource, outcome, ConnectionSummary.Of(outcome, resource.Status).Status, dry.Generated)
        {
            IsLimited = pause?.Reason == Reasons.RateLimited,
        };
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    // A limit that lets go soon is waited for, but not for ever: what was not looked at is said.
    private static async Task<bool> IsWaitedForAsync(Fault pause, long began, TimeProvider clock, CancellationToken cancellationToken)
    {
        var wait = pause.RetryAfter ?? TimeSpan.Zero;
        if (clock.GetElapsedTime(began) + wait > Patience)
        {
            return false;
        }

        await Task.Delay(wait, clock, cancellationToken);
        return true;
    }

    // A test is sent to the receiver, which is a write of a kind.
    private static Connection Planned(Connection connection) => connection with
    {
        Spec = connection.Spec with
        {
            Mode = WriteMode.Plan,
            Suspend = false,
            Webhooks = [.. connection.Spec.Webhooks.Select(w => w with { TestPing = false })],
        },
    };
}

/// <summary>Reads what another source has; Secrets that it lacks and the operator would make are made up and go nowhere.</summary>
internal sealed class DryReferences(IReferenceSource source) : IReferenceSource
{
    private readonly Dictionary<(string Namespace, string Name), (GeneratedSecret Desired, ReferencedData Made)> _made = [];

    /// <summary>The Secrets that the operator would make.</summary>
    public IReadOnlyList<GeneratedSecret> Generated => [.. _made.Values.Select(m => m.Desired)];

    public Task<ReferencedData> SecretAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        source.SecretAsync(@namespace, name, cancellationToken);

    public Task<ReferencedData> ConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        source.ConfigMapAsync(@namespace, name, cancellationToken);

    public async Task<ReferencedData> FindOrMakeSecretAsync(GeneratedSecret desired, CancellationToken cancellationToken)
    {
        var found = await source.SecretAsync(desired.Namespace, desired.Name, cancellationToken);
        if (found.Data is not null)
        {
            return found;
        }

        // Made once: another secret at each look would be a change to sync each time.
        var key = (desired.Namespace, desired.Name);
        if (!_made.TryGetValue(key, out var made))
        {
            _made[key] = made = (desired, found with { Data = SecretMaker.Make(desired).Data.AsReadOnly(), Labels = desired.Labels });
        }

        return made.Made;
    }
}
