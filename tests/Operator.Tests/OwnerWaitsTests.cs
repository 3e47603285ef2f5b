using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Runtime.Model;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Operator.Tests;

/// <summary>Who is known by an owner id, and who is reconciled when an owner changes.</summary>
public sealed class OwnerWaitsTests
{
    private const string Url = "https://ci.example.com/hooks";
    private static readonly WebhookScope Api = WebhookScope.Of(new Repository("1", new RepositoryName("PLAT", "api")));
    private static readonly WebhookScope Web = WebhookScope.Of(new Repository("2", new RepositoryName("PLAT", "web")));

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly ConnectionStates _states = new();
    private readonly Woken _woken = new();
    private readonly OwnerIndex _index = new(new WatchScope(All: true), new ClusterIdentity(api: null, "cluster"));
    private readonly OwnerWaits _waits;

    public OwnerWaitsTests() => _waits = new OwnerWaits(_index, _states, _woken, _clock);

    [Fact]
    public async Task Owner_IsKnownBeforeAndAfterTheClusterIs()
    {
        Observe(Connection("a"));
        _waits.Find(IdOf("a")).ShouldBeEmpty("the cluster is not known yet");
        await _index.OwnerOfAsync(Connection("a").ToModel(), TestContext.Current.CancellationToken);
        _waits.Find(IdOf("a")).ShouldHaveSingleItem().Desires(WebhookUrl.KeyOf("HTTPS://ci.example.com:443/hooks")).ShouldBeTrue();
        Observe(Connection("b"));
        _waits.Find(IdOf("b")).ShouldHaveSingleItem().Name.ShouldBe("ci/b");
        _index.Observe(new EntityKey("ci", "b"), entity: null);
        _waits.Find(IdOf("b")).ShouldBeEmpty();
    }

    [Fact]
    public async Task ChangedSpec_WakesOnlyThoseThatWait_AndOnlyIfItMatters()
    {
        await GivenAsync("a", "b", "c");
        WaitFor("b", "a", Api);
        Observe(Connection("a", c => (c.Metadata.Generation, c.Spec.Interval) = (2, "20m")));
        _woken.Keys.ShouldBeEmpty("nothing that others see changed");
        Observe(Connection("a", c => (c.Metadata.Generation, c.Spec.Webhooks) = (3, [])));
        _woken.Keys.ShouldBe(["b"]);
        _states.Of("b").TakeWoken(_clock.GetUtcNow());
        _states.Of("b").Checks[Api.Id].DueAt.ShouldBe(_clock.GetUtcNow());
    }

    [Fact]
    public async Task RepeatedChanges_WakeSeldom_AndOneAfterTheOther()
    {
        await GivenAsync("a", "b", "c");
        WaitFor("b", "a", Api);
        WaitFor("c", "a", Api);
        Observe(Connection("a", c => (c.Metadata.Generation, c.Spec.Webhooks) = (2, [])));
        Observe(Connection("a", c => c.Metadata.Generation = 3));
        _woken.Delays.ShouldBe([TimeSpan.Zero, TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(10_020)]);
    }

    [Fact]
    public async Task RemovedWebhook_WakesThoseThatWaitThere()
    {
        await GivenAsync("a", "b", "c");
        WaitFor("b", "a", Api);
        WaitFor("c", "a", Web);
        _waits.Released(IdOf("a"), [Web]);
        _woken.Keys.ShouldBe(["c"]);
    }

    [Fact]
    public async Task ConnectionThatIsGone_WaitsForNobody_AlsoWhenASyncOfItEndsLater()
    {
        await GivenAsync("a", "b", "c");
        WaitFor("b", "a", Api);
        WaitFor("b", "of another cluster", Api);
        WaitFor("c", "a", Api);
        _waits.Count.ShouldBe(3);
        _states.Forget("b");
        _waits.Forget("b");
        _waits.Record(Connection("b").ToModel(), [IdOf("a")]);
        _waits.Count.ShouldBe(1, "c waits");
    }

    [Fact]
    public async Task DeletedOwner_WaitsForItsHeirs_AMinuteAtMost()
    {
        await GivenAsync("a", "b", "c");
        WaitFor("b", "a", Api);
        Observe(Connection("a", c => (c.Metadata.Generation, c.Metadata.DeletionTimestamp) = (2, _clock.GetUtcNow().UtcDateTime)));
        IsAwaited(Api).ShouldBeTrue();
        IsAwaited(Web).ShouldBeFalse("nobody waits there");
        _waits.IsAwaited(IdOf("a"), Api, "https://other.example.com/").ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(60));
        IsAwaited(Api).ShouldBeFalse();
    }

    [Fact]
    public async Task DeletedOwner_WaitsForANewcomer_UntilItWentThroughItsSpec()
    {
        await GivenAsync("a", "b");
        Observe(Connection("a", c => (c.Metadata.Generation, c.Metadata.DeletionTimestamp) = (2, _clock.GetUtcNow().UtcDateTime)));
        IsAwaited(Web).ShouldBeFalse();
        Observe(Connection("suspended", c => c.Spec.Suspend = true));
        Observe(Connection("elsewhere", c => c.Spec.Url = "https://elsewhere.example.com"));
        IsAwaited(Web).ShouldBeFalse();
        Observe(Connection("new"));
        IsAwaited(Web).ShouldBeTrue();
        _index.Settle(Connection("new").ToModel());
        IsAwaited(Web).ShouldBeFalse();
    }

    [Fact]
    public async Task DeletedWhileNoProcessRan_HeirsHaveTheirMinuteNonetheless()
    {
        await GivenAsync("a");
        Delete(_clock.GetUtcNow().AddMinutes(-10));
        Observe(Connection("new"));
        IsAwaited(Web).ShouldBeTrue();
        _clock.Advance(TimeSpan.FromSeconds(60));
        IsAwaited(Web).ShouldBeFalse();
    }

    [Fact]
    public async Task OneThatLivesOnWithTheId_HasTheWebhooks_HoweverLongItTakes()
    {
        await GivenAsync("a", "b");
        Observe(WithIdOfA("heir"));
        _woken.Keys.ShouldBe(["a", "heir"], ignoreOrder: true);
        Delete(_clock.GetUtcNow());
        _clock.Advance(TimeSpan.FromHours(2));
        IsAwaited(Web).ShouldBeTrue();
        Observe(WithIdOfA("heir", c => c.Spec.Url = "https://elsewhere.example.com"));
        IsAwaited(Web).ShouldBeFalse("it has others");
    }

    private static BitbucketConnection WithIdOfA(string name, Action<BitbucketConnection>? change = null) => Connection(name, c =>
    {
        c.Metadata.Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [Core.Api.Annotations.OwnerId] = IdOf("a") };
        c.Metadata.Generation = change is null ? 1 : 2;
        change?.Invoke(c);
    });

    private void Delete(DateTimeOffset at) => Observe(Connection("a", c => (c.Metadata.Generation, c.Metadata.DeletionTimestamp) = (9, at.UtcDateTime)));

    private bool IsAwaited(WebhookScope scope) => _waits.IsAwaited(IdOf("a"), scope, Url);

    private static string IdOf(string name) => WebhookOwner.Of("cluster", "ci", name).Id;

    private async Task GivenAsync(params string[] names)
    {
        await _index.OwnerOfAsync(Connection("a").ToModel(), TestContext.Current.CancellationToken);
        foreach (var connection in names.Select(n => Connection(n)))
        {
            Observe(connection);
            _index.Settle(connection.ToModel());
        }
    }

    private void WaitFor(string name, string owner, WebhookScope scope)
    {
        var later = _clock.GetUtcNow().AddHours(1);
        _states.Of(name).Checks[scope.Id] = new ScopeCheck(_clock.GetUtcNow(), later, "desired", [], []) { Scope = scope, WaitsFor = [IdOf(owner)] };
        _waits.Record(Connection(name).ToModel(), [IdOf(owner)]);
    }

    private void Observe(BitbucketConnection connection) => _index.Observe(EntityKey.Of(connection), connection);

    private static BitbucketConnection Connection(string name, Action<BitbucketConnection>? change = null)
    {
        var connection = new BitbucketConnection
        {
            Metadata = new V1ObjectMeta { NamespaceProperty = "ci", Name = name, Uid = name, Generation = 1 },
            Spec = new BitbucketConnectionSpec { Url = "https://bb.example.com", Webhooks = [new WebhookSpec { Name = "ci", Url = Url }] },
        };
        change?.Invoke(connection);
        return connection;
    }

    private sealed class Woken : IConnections
    {
        public List<string> Keys { get; } = [];

        public List<TimeSpan> Delays { get; } = [];

        public void Enqueue(EntityKey key) => EnqueueAfter(key, TimeSpan.Zero);

        public void EnqueueAfter(EntityKey key, TimeSpan delay)
        {
            Keys.Add(key.Name);
            Delays.Add(delay);
        }
    }
}
