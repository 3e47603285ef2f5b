using BenchmarkDotNet.Attributes;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Status;

namespace BitbucketOperator.Benchmarks.Micro;

/// <summary>What a reconcile computes, with no network, for a connection whose webhooks are all in place.</summary>
public class ReconcileBenchmarks
{
    private static readonly DateTimeOffset Now = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private ConnectionObserved _observed = new() { Now = Now };
    private Connection _connection = ConnectionAt(LevelChoice.Repository);
    private DesiredState _state = null!;

    [Params(10, 1_000, 10_000, 100_000)]
    public int Repositories { get; set; }

    /// <summary>The level of the one entry.</summary>
    [Params(LevelChoice.Repository, LevelChoice.Auto)]
    public LevelChoice Level { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        var listed = Given.Repositories(Repositories);
        _connection = ConnectionAt(Level);
        _observed = new ConnectionObserved
        {
            Now = Now,
            Owner = Given.Owner,
            Credential = new Credential.HttpAccessToken(new SecretText("bench")),
            Server = new ServerInfo("9.4.2", "Bitbucket"),
            Account = new Account("bot"),
            Desired = [Given.Desired("ci")],
            RepositoryListing = new RepositoryListing(listed, [], [], []),
            Selection = RepositorySelection.Of(new DiscoveryRules(), listed),
        };
        _state = DesiredState.Of(_connection, _observed, Given.Owner);
        _observed = _observed with { Checks = _state.Scopes.Values.ToDictionary(s => s.Scope.Id, Check, StringComparer.Ordinal) };
        _state = DesiredState.Of(_connection, _observed, Given.Owner);
    }

    /// <summary>What is desired where.</summary>
    [Benchmark]
    public object Desired() => DesiredState.Of(_connection, _observed, Given.Owner);

    /// <summary>What is due when.</summary>
    [Benchmark]
    public object Schedule() => SyncSchedule.Items(_state, Now).Max(i => i.DueAt);

    /// <summary>The whole status.</summary>
    [Benchmark]
    public object Summary() => ConnectionSummary.Of(new ReconcileOutcome(_state, []), before: null);

    private static Connection ConnectionAt(LevelChoice level) => new()
    {
        Namespace = "ci",
        Name = "platform",
        Spec = new ConnectionSpec
        {
            Url = "https://bitbucket.example.com",
            Auth = new CredentialSource(CredentialKind.HTTPAccessToken, "token"),
            Webhooks = [new WebhookEntry("ci", "https://ci.example.com/hooks/ci") { Level = level }],
        },
    };

    private static ScopeCheck Check(DesiredScope scope) => new(Now, Now.AddHours(1), scope.Fingerprint, scope.Scope.Repository is null ? [] : ["ci"], [])
    {
        Scope = scope.Scope,
        Selected = scope.WhyNone is null,
        HoldsOurs = true,
    };
}
