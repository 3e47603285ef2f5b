using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Operator.Tests;

/// <summary>What a process knows of rate limits after another one ended. Time is played, the API server is real.</summary>
public sealed class RateLimitKeeperTests(ClusterFixture fixture) : IAsyncLifetime
{
    private const string Lease = "one";
    private static readonly LimiterKey Account =
        LimiterKey.Of("direct", new Uri("https://api.bitbucket.org/2.0"), "user bot@example.com", RatePolicy.Cloud(1000, 0.8));

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly List<DateTimeOffset> _sent = [];
    private string _ns = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _ns = await fixture.NewNamespaceAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(20)]
    [InlineData(130)]
    public async Task CrashLoop_NeverExceedsTheLimitInAnyHour(int secondsOfLife)
    {
        for (var life = 0; _time.GetUtcNow() < new DateTimeOffset(2026, 1, 1, 2, 0, 0, TimeSpan.Zero); life++)
        {
            await using var process = await StartAsync();
            await process.SendAsync(secondsOfLife);
        }

        MostInAnHour().ShouldBeLessThanOrEqualTo(800);
        _sent.Count.ShouldBeGreaterThan(400, "it goes on");
    }

    [Fact]
    public async Task HandOver_TheNextLeaderGoesOnWithinTheLimit()
    {
        for (var turn = 0; turn < 8; turn++)
        {
            await using var leader = await StartAsync();
            await leader.SendAsync(15 * 60);
            await leader.Keeper.HandOverAsync(Stop);
            leader.Keeper.Forget();
        }

        MostInAnHour().ShouldBeLessThanOrEqualTo(800);
        _sent.Count.ShouldBeGreaterThan(900);
    }

    [Fact]
    public async Task HandOver_LeavesTheNextLeaderWhatIsLeft()
    {
        await using var first = await StartAsync();
        await first.SendAsync(1);
        var left = first.Limiters.States[0].Tokens!.Value;
        first.Limiters.Rent(Account).Start(RequestGroup.Repositories, null).Accepted();
        await first.Keeper.HandOverAsync(Stop);

        await using var second = await StartAsync();
        var account = second.Limiters.Rent(Account);

        second.Limiters.States.Select(s => s.Tokens!.Value).ShouldBe([left, 195], 2);
        account.Start(RequestGroup.Repositories, null).Accepted();
        (await StoredAsync())!.ShouldNotContain("\"isFinal\":true");
    }

    [Fact]
    public async Task CrashAfterAHandOver_ChargesWhatMayHaveBeenSent()
    {
        await using (var first = await StartAsync())
        {
            await first.SendAsync(1);
            await first.Keeper.HandOverAsync(Stop);
        }

        // It dies before it stores anything.
        await using var second = new Process(this, fixture.Cluster.KubeconfigPath);
        await second.Keeper.TakeOverAsync(Stop);
        await using var third = await StartAsync();
        third.Limiters.Rent(Account);

        third.Limiters.States[0].Tokens!.Value.ShouldBeLessThan(5);
    }

    [Fact]
    public async Task MarkThatCannotBeTakenAway_IsNotTrusted()
    {
        await using (var first = await StartAsync())
        {
            await first.SendAsync(1);
            await first.Keeper.HandOverAsync(Stop);
        }

        await fixture.KubectlAsync("create", "serviceaccount", "reader", "--namespace", _ns);
        await fixture.KubectlAsync("create", "role", "reader", "--namespace", _ns, "--verb=get", "--resource=configmaps");
        await fixture.KubectlAsync("create", "rolebinding", "reader", "--namespace", _ns, "--role=reader", $"--serviceaccount={_ns}:reader");
        await using var second = await StartAsync(await fixture.Cluster.WriteKubeconfigForServiceAccountAsync(_ns, "reader", Stop));
        second.Limiters.Rent(Account);

        second.Limiters.States[0].Tokens!.Value.ShouldBeLessThan(5);
        second.Log.ShouldHaveSingleItem().ShouldContain("Allow get, create and update");
    }

    [Fact]
    public async Task Pause_SurvivesACrash()
    {
        var end = _time.GetUtcNow() + TimeSpan.FromMinutes(10);
        await using (var first = await StartAsync())
        {
            first.Limiters.Rent(Account).Start(RequestGroup.Webhooks, null).Refused(TimeSpan.FromMinutes(10));
            await PassesUntilAsync(
                "the pause is stored", async () => (await StoredAsync())?.Contains("pausedUntil", StringComparison.Ordinal) == true);
        }

        await using var second = await StartAsync();
        second.Limiters.Rent(Account);

        second.Limiters.States[0].Paused.ShouldBe(end - _time.GetUtcNow(), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task PauseAfterTheLastRequestWasStored_IsStoredToo()
    {
        // Its work has ended, as at a hand-over.
        await using var process = new Process(this, fixture.Cluster.KubeconfigPath);
        await process.Keeper.TakeOverAsync(Stop);
        var sent = process.Limiters.Rent(Account).Start(RequestGroup.Webhooks, null);
        await process.Keeper.HandOverAsync(Stop);
        (await StoredAsync())!.ShouldNotContain("pausedUntil");

        sent.Refused(TimeSpan.FromMinutes(10));
        await process.Keeper.HandOverAsync(Stop);

        (await StoredAsync())!.ShouldContain("pausedUntil");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"version":2,"records":[]}""")]
    [InlineData("""{"version":1,"records":[null,{"id":null,"at":"2026-01-01T00:00:00Z","sent":[]}]}""")]
    public async Task WhatCannotBeRead_IsAColdStart_SaidOnceAndReplaced(string document)
    {
        await fixture.ApplyAsync(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = $"{Lease}-rate-limits", ["namespace"] = _ns },
            ["data"] = new JsonObject { ["state.json"] = document },
        }.ToJsonString());
        await using var process = await StartAsync();

        await process.SendAsync(1);
        await process.Keeper.HandOverAsync(Stop);

        process.Log.Count(l => l.StartsWith("Warning", StringComparison.Ordinal)).ShouldBe(1);
        RateLimitDocument.Read((await StoredAsync())!)!.Count.ShouldBe(2);
    }

    [Fact]
    public async Task NotAllowed_IsSaidOnceWithTheCure_AndRequestsGo()
    {
        await fixture.KubectlAsync("create", "serviceaccount", "nobody", "--namespace", _ns);
        await using var process = await StartAsync(await fixture.Cluster.WriteKubeconfigForServiceAccountAsync(_ns, "nobody", Stop));

        await process.SendAsync(1);
        await process.Keeper.HandOverAsync(Stop);

        _sent.Count.ShouldBeGreaterThan(10);
        process.Log.ShouldHaveSingleItem().ShouldContain("Allow get, create and update");
    }

    [Fact]
    public async Task DeletedByHand_IsWrittenAgain()
    {
        await using var process = await StartAsync();
        await process.SendAsync(1);
        await process.Keeper.HandOverAsync(Stop);
        await fixture.KubectlAsync("delete", "configmap", $"{Lease}-rate-limits", "--namespace", _ns);

        await process.SendAsync(10);
        await process.Keeper.HandOverAsync(Stop);

        (await StoredAsync()).ShouldNotBeNull();
        process.Log.ShouldBeEmpty();
    }

    [Fact]
    public async Task NothingIsLimited_NothingIsStored()
    {
        await using var process = await StartAsync();
        process.Limiters.Rent(LimiterKey.Of("direct", new Uri("https://git.example.com"), "user bot", RatePolicy.DataCenter(0.8)))
            .Start(RequestGroup.Webhooks, null).Accepted();

        await process.Keeper.HandOverAsync(Stop);

        (await StoredAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task NoRequest_NoWrite()
    {
        await using var process = await StartAsync();
        await process.SendAsync(1);
        await process.Keeper.HandOverAsync(Stop);
        var version = await VersionAsync();

        await process.Keeper.HandOverAsync(Stop);

        (await VersionAsync()).ShouldBe(version);
    }

    [Fact]
    public async Task Operator_KeepsItInItsNamespace_WithoutNames()
    {
        await using var scenario = await CloudScenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitAsync("a webhook", c => c.Status?.Webhooks?.Ready > 0);
        await scenario.Operator.StopAsync();

        var stored = await fixture.ReadAsync($"api/v1/namespaces/bitbucket-operator-system/configmaps/{scenario.Operator.LeaseName}-rate-limits");

        stored.ShouldNotBeNull(scenario.Operator.Output).ShouldContain("perSecond");
        stored.ShouldNotContain("example.com");
        stored.ShouldNotContain(CloudScenario.ApiToken);
        scenario.StartOperator();
        await scenario.UntilAsync("the next one to read it", () => Task.FromResult(scenario.Operator.Events("RateLimitsRead").Count > 0), () => "");
    }

    private int MostInAnHour() => _sent.Max(to => _sent.Count(at => at <= to && at > to.AddHours(-1)));

    private async Task<string?> StoredAsync() =>
        await fixture.ReadAsync(PathOfMap) is { } map ? JsonNode.Parse(map)!["data"]?["state.json"]?.GetValue<string>() : null;

    private async Task<string> VersionAsync() => JsonNode.Parse((await fixture.ReadAsync(PathOfMap))!)!["metadata"]!["resourceVersion"]!.GetValue<string>();

    private string PathOfMap => $"api/v1/namespaces/{_ns}/configmaps/{Lease}-rate-limits";

    // Time passes meanwhile: what was stored last is some seconds older than what is stored next.
    private Task PassesUntilAsync(string transition, Func<Task<bool>> reached) => Eventually.IsTrueAsync(transition, async () =>
    {
        var isReached = await reached();
        _time.Advance(isReached ? TimeSpan.Zero : TimeSpan.FromSeconds(1));
        return isReached;
    });

    private async Task<Process> StartAsync(string? kubeconfig = null)
    {
        var process = new Process(this, kubeconfig ?? fixture.Cluster.KubeconfigPath);
        await process.Keeper.TakeOverAsync(Stop);
        process.Begin();
        return process;
    }

    /// <summary>What of a process matters here. Disposing it is a crash.</summary>
    private sealed class Process : IAsyncDisposable
    {
        private readonly RateLimitKeeperTests _test;
        private readonly ApiServerClient _client;
        private readonly CancellationTokenSource _crash = new();
        private Task _running = Task.CompletedTask;
        private bool _isKnown;

        public Process(RateLimitKeeperTests test, string kubeconfig)
        {
            _test = test;
            _client = ApiServerClient.Open(kubeconfig);
            var options = new OperatorOptions { OperatorNamespace = test._ns };
            options.LeaderElection.LeaseName = Lease;
            Limiters = new(8, test._time);
            var store = new RateLimitStore(new KubernetesApi(_client, TimeProvider.System), options);
            Keeper = new(Limiters, store, new ClusterIdentity(api: null, "a-cluster"), test._time, new Lines(Log));
        }

        public RateLimiters Limiters { get; }

        public RateLimitKeeper Keeper { get; }

        public ConcurrentQueue<string> Log { get; } = [];

        public void Begin() => _running = Task.Run(() => Keeper.RunAsync(_crash.Token), CancellationToken.None);

        /// <summary>Sends as much as it may for some seconds; what it stores on its way it has stored when this returns.</summary>
        public async Task SendAsync(int seconds)
        {
            var account = Limiters.Rent(Account);
            var before = await _test.StoredAsync();
            for (var second = 0; second < seconds; second++)
            {
                if (SendNow(account) && !_isKnown)
                {
                    _isKnown = true;
                    await _test.PassesUntilAsync("the first requests are stored", async () => await _test.StoredAsync() != before || !Log.IsEmpty);
                }

                _test._time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _crash.CancelAsync();
            await _running;
            _crash.Dispose();
            _client.Dispose();
        }

        private bool SendNow(AccountLimiter account)
        {
            var before = _test._sent.Count;
            while (account.TryReserve(new(1, 0), WorkClass.Missing, out _) is { } reservation)
            {
                using (reservation)
                {
                    account.Start(RequestGroup.Webhooks, reservation).Accepted();
                    _test._sent.Add(_test._time.GetUtcNow());
                }
            }

            return _test._sent.Count > before;
        }
    }

    private sealed class Lines(ConcurrentQueue<string> lines) : ILogger<RateLimitKeeper>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {formatter(state, exception)}");
    }
}
