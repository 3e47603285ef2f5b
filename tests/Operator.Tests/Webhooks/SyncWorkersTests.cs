using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>What the workers do while a limit, a slow server or the end of a connection is in their way.</summary>
public sealed class SyncWorkersTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scopes_GetTheirWebhooks()
    {
        await using var world = new SyncWorld(repositories: 20);
        world.Reconcile();
        await Eventually.IsTrueAsync("20 syncs", () => world.Checks.Count == 20 && world.State.Sync.IsIdle);
        world.Checks.Values.ShouldAllBe(c => c.Ready == 1);
    }

    [Fact]
    public async Task ConnectionThatALimitPauses_AsksForNothingUntilItIsOver()
    {
        await using var world = new SyncWorld(repositories: 20);
        world.Bitbucket.Wait = TimeSpan.FromMinutes(1);
        world.Reconcile();
        await Eventually.IsTrueAsync("a pause", () => world.State.Sync.PausedUntil > world.Clock.GetUtcNow());
        for (var i = 0; i < 50; i++)
        {
            world.Reconcile();
            await Task.Run(() => { }, Stop);
        }

        world.Bitbucket.Reservations.ShouldBeLessThanOrEqualTo(16, "those that were under way, and none again");
        world.Bitbucket.Wait = TimeSpan.Zero;
        await world.UntilAsync("20 syncs", () => world.Checks.Count == 20 && world.State.Sync.IsIdle);
    }

    [Fact]
    public async Task ScopeThatNeverEnds_IsReportedAndDoesNotHoldUpTheOthers()
    {
        await using var world = new SyncWorld(repositories: 20);
        world.Bitbucket.List = async (scope, stop) =>
        {
            await (scope.Id == "7" ? NeverAsync(stop) : Task.CompletedTask);
            return [];
        };
        world.Reconcile();
        await Eventually.IsTrueAsync("19 syncs", () => world.Checks.Count == 19);
        await world.UntilAsync("the end of the last", () => world.Checks.ContainsKey("7"));
        var failure = world.Checks["7"].Failures.ShouldHaveSingleItem().Fault;
        failure.Class.ShouldBe(FaultClass.Transient);
        world.Checks["7"].DueAt.ShouldBeGreaterThan(world.Checks["7"].CheckedAt);
    }

    [Fact]
    public async Task ProjectThatNeverEnds_DoesNotHoldUpTheRepositoriesBelow()
    {
        await using var world = new SyncWorld(repositories: 5, WebhookLevel.Auto);
        world.Bitbucket.List = async (scope, stop) =>
        {
            await (scope.Repository is null ? NeverAsync(stop) : Task.CompletedTask);
            return [];
        };
        var desired = world.Reconcile();
        desired.Scopes.Values.ShouldContain(s => SyncSchedule.IsBlocked(s, desired));
        await world.UntilAsync("the end of the project's", () => world.Checks.Count == 1);
        desired = world.Reconcile();
        desired.Scopes.Values.ShouldNotContain(s => SyncSchedule.IsBlocked(s, desired));
    }

    [Fact]
    public async Task SyncThatFailsUnforeseen_IsReported()
    {
        await using var world = new SyncWorld(repositories: 3);
        world.Bitbucket.List = (scope, _) => scope.Id == "2" ? throw new InvalidOperationException("a bug") : Task.FromResult<IReadOnlyList<Webhook>>([]);
        world.Reconcile();
        await Eventually.IsTrueAsync("3 syncs", () => world.Checks.Count == 3);
        world.Checks["2"].Failures.ShouldHaveSingleItem().Fault.Class.ShouldBe(FaultClass.Transient);
        world.Running.IsCompleted.ShouldBeFalse("no worker ends");
    }

    [Fact]
    public async Task AnswersToAFormerCredential_SayNothingOfTheNextOne()
    {
        await using var world = new SyncWorld(repositories: 5);
        var answer = await AskWithFormerCredentialAsync(world, scopes: 5);
        world.Bitbucket.List = (scope, stop) => NeverListedAsync(stop);
        world.Reconcile("next");
        answer.SetResult([]);
        await Eventually.IsTrueAsync("5 questions with the next one", () =>
        {
            world.Clock.Advance(TimeSpan.FromMilliseconds(250));
            return world.Bitbucket.Reservations == 10;
        });
        world.Checks.ShouldBeEmpty("what the former one saw, or wrote, was read with another credential");
    }

    [Fact]
    public async Task PauseOfAFormerCredential_DoesNotHoldUpTheNextOne()
    {
        await using var world = new SyncWorld(repositories: 5);
        var answer = await AskWithFormerCredentialAsync(world, scopes: 5);
        world.Bitbucket.List = (_, _) => Task.FromResult<IReadOnlyList<Webhook>>([]);
        world.Reconcile("next");
        answer.SetException(new FaultException(Fault.Waiting(Reasons.RateLimited, "429", TimeSpan.FromMinutes(10))));
        await Eventually.IsTrueAsync("5 syncs", () =>
        {
            // Scopes that the former sync leaves only now are tried again soon.
            world.Clock.Advance(TimeSpan.FromMilliseconds(250));
            return world.Checks.Count == 5;
        });
    }

    [Fact]
    public async Task LimitBetweenReadAndWrite_IsNoFailureAndTheScopeStaysDue()
    {
        await using var world = new SyncWorld(repositories: 1);
        var limited = true;
        world.Bitbucket.Create = () => limited ? throw new FaultException(Fault.Waiting(Reasons.RateLimited, "429", TimeSpan.FromMinutes(1))) : true;
        world.Reconcile();
        await Eventually.IsTrueAsync("a pause", () => world.State.Sync is { PausedUntil: var until } && until > world.Clock.GetUtcNow());
        world.Checks.ShouldBeEmpty();
        limited = false;
        await world.UntilAsync("the webhook", () => world.Checks.Values.Any(c => c.Ready == 1));
    }

    [Fact]
    public async Task ConnectionDeletedWhileSyncsRun_LeavesNothing()
    {
        await using var world = new SyncWorld(repositories: 20);
        world.Bitbucket.List = (_, stop) => NeverListedAsync(stop);
        world.Reconcile();
        await Eventually.IsTrueAsync("syncs", () => world.Bitbucket.Reservations == 8);
        world.Delete();
        await Eventually.IsTrueAsync("their end", () => world.Oldest == TimeSpan.Zero && world.Running.Status != TaskStatus.Faulted);
        world.IsKnown.ShouldBeFalse();
    }

    [Fact]
    public async Task ProxyOfAnotherConnection_HoldsUpNobody()
    {
        await using var world = new SyncWorld(repositories: 5);
        world.BehindAProxy.List = (_, stop) => NeverListedAsync(stop);
        world.ReconcileNeighbour(new Uri("http://slow.example.com:3128"));
        await Eventually.IsTrueAsync("the neighbour's syncs", () => world.BehindAProxy.Reservations == 5);
        world.Reconcile();
        await Eventually.IsTrueAsync("5 syncs, while the neighbour's go on", () => world.Checks.Count == 5);
    }

    [Fact]
    public async Task TwoConnectionsByTheSameRoute_AreNeverInOneScopeTogether()
    {
        await using var world = new SyncWorld(repositories: 1);
        var (inside, answer) = (0, new TaskCompletionSource<IReadOnlyList<Webhook>>());
        world.Bitbucket.List = (_, _) =>
        {
            Interlocked.Increment(ref inside);
            return answer.Task;
        };
        world.ReconcileNeighbour(proxy: null);
        await Eventually.IsTrueAsync("the neighbour's sync", () => Volatile.Read(ref inside) == 1);
        world.Reconcile();
        await Eventually.IsTrueAsync("a wait", () => world.State.Sync.NextDueAt is not null);
        Volatile.Read(ref inside).ShouldBe(1);
        answer.SetResult([]);
        await Eventually.IsTrueAsync("the other's sync", () =>
        {
            world.Clock.Advance(TimeSpan.FromMilliseconds(250));
            return world.Checks.Count == 1;
        });
    }

    private static async Task<IReadOnlyList<Webhook>> NeverListedAsync(CancellationToken stop)
    {
        await NeverAsync(stop);
        return [];
    }

    private static Task NeverAsync(CancellationToken stop)
    {
        var never = new TaskCompletionSource();
        stop.Register(() => never.TrySetCanceled(stop));
        return never.Task;
    }

    // Every scope is being read with a credential that is about to be replaced; the reads end when the answer is set.
    private static async Task<TaskCompletionSource<IReadOnlyList<Webhook>>> AskWithFormerCredentialAsync(SyncWorld world, int scopes)
    {
        var answer = new TaskCompletionSource<IReadOnlyList<Webhook>>();
        var asked = 0;
        world.Bitbucket.List = (_, _) =>
        {
            Interlocked.Increment(ref asked);
            return answer.Task;
        };
        world.Reconcile("former");
        await Eventually.IsTrueAsync($"{scopes} questions", () => Volatile.Read(ref asked) == scopes);
        return answer;
    }
}
