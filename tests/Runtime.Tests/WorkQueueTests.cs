using BitbucketOperator.Runtime.Queue;
using BitbucketOperator.Testing;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Runtime.Tests;

public sealed class WorkQueueTests : IDisposable
{
    private const int Workers = 8;
    private readonly FakeTimeProvider _clock = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueueTests() => _queue = new(Workers, TenantOf, _clock);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KeyAddedTwice_IsTakenOnce()
    {
        _queue.Add("a");
        _queue.Add("a");
        _queue.Add("b");

        (await _queue.TakeAsync(Stop)).ShouldBe("a");
        (await _queue.TakeAsync(Stop)).ShouldBe("b");
        NothingIsReady();
    }

    [Fact]
    public async Task WaitForAWorker_IsCountedFromWhenTheKeyWasDue()
    {
        var waits = new List<TimeSpan>();
        _queue.Taken = waits.Add;
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(5));
        _queue.Waiting.ShouldBe(0, "it is not due");
        _clock.Advance(TimeSpan.FromSeconds(5));
        _queue.Waiting.ShouldBe(1);
        _clock.Advance(TimeSpan.FromSeconds(3));

        await _queue.TakeAsync(Stop);

        _queue.Waiting.ShouldBe(0);
        waits.ShouldBe([TimeSpan.FromSeconds(3)]);
    }

    [Fact]
    public async Task KeyAddedWhileInWork_ComesAgainAfterwardsAndNotBefore()
    {
        _queue.Add("a");
        await _queue.TakeAsync(Stop);
        _queue.Add("a");
        _queue.Add("a");
        NothingIsReady();

        _queue.Done("a", requeueAfter: null);

        (await _queue.TakeAsync(Stop)).ShouldBe("a");
        _queue.Done("a", requeueAfter: null);
        NothingIsReady();
        _queue.Count.ShouldBe(0);
    }

    [Fact]
    public async Task BusyKey_DoesNotHoldUpOthers()
    {
        _queue.Add("busy");
        await _queue.TakeAsync(Stop);
        for (var i = 0; i < 10; i++)
        {
            _queue.Add("busy");
        }

        _queue.Add("other");

        (await _queue.TakeAsync(Stop)).ShouldBe("other");
    }

    [Fact]
    public async Task DelayedKey_ComesWhenDue()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(9.9));
        NothingIsReady();

        _clock.Advance(TimeSpan.FromSeconds(0.1));

        (await _queue.TakeAsync(Stop)).ShouldBe("a");
    }

    [Fact]
    public async Task DelayedBeyondTheLongestTimer_ComesWhenDueAndNotBefore()
    {
        _queue.AddAfter("a", TimeSpan.FromDays(60));
        for (var day = 0; day < 59; day++)
        {
            _clock.Advance(TimeSpan.FromDays(1));
        }

        NothingIsReady();
        _clock.Advance(TimeSpan.FromDays(1));

        (await _queue.TakeAsync(Stop)).ShouldBe("a");
    }

    [Fact]
    public async Task TwoDelays_TheEarlierWins()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(5));
        _queue.AddAfter("a", TimeSpan.FromSeconds(50));
        _clock.Advance(TimeSpan.FromSeconds(5));
        await Taken("a");

        _queue.AddAfter("b", TimeSpan.FromSeconds(50));
        _queue.AddAfter("b", TimeSpan.FromSeconds(5));
        _clock.Advance(TimeSpan.FromSeconds(5));
        await Taken("b");

        _clock.Advance(TimeSpan.FromMinutes(5));
        NothingIsReady();
    }

    [Fact]
    public async Task ChangeOfADelayedKey_RunsNowAndTheOldDelayIsForgotten()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.Add("a");
        await Taken("a", requeueAfter: TimeSpan.FromSeconds(60));

        _clock.Advance(TimeSpan.FromSeconds(10));
        NothingIsReady();
        _clock.Advance(TimeSpan.FromSeconds(50));

        await Taken("a");
    }

    [Fact]
    public async Task DirtyKeyGivenBackWithADelay_RunsAtOnce()
    {
        _queue.Add("a");
        await _queue.TakeAsync(Stop);
        _queue.Add("a");
        _queue.Done("a", TimeSpan.FromHours(1));

        await Taken("a");
        _clock.Advance(TimeSpan.FromHours(2));
        NothingIsReady();
    }

    [Fact]
    public async Task DelayForAKeyInWork_IsKeptWhenItIsGivenBackWithoutOne()
    {
        _queue.Add("a");
        await _queue.TakeAsync(Stop);
        _queue.AddAfter("a", TimeSpan.FromSeconds(3));
        _queue.Done("a", requeueAfter: null);

        _clock.Advance(TimeSpan.FromSeconds(3));

        await Taken("a");
    }

    [Fact]
    public async Task DelayFallsDueWhileInWork_ComesAgainAfterwards()
    {
        _queue.Add("a");
        await _queue.TakeAsync(Stop);
        _queue.AddAfter("a", TimeSpan.FromSeconds(3));
        _clock.Advance(TimeSpan.FromSeconds(3));
        NothingIsReady();

        _queue.Done("a", requeueAfter: null);

        await Taken("a");
    }

    [Fact]
    public void Failures_AreCountedUntilASuccess()
    {
        _queue.CountFailure("a", failed: true).ShouldBe(1);
        _queue.CountFailure("a", failed: true).ShouldBe(2);
        _queue.CountFailure("b", failed: true).ShouldBe(1);
        _queue.CountFailure("a", failed: false).ShouldBe(0);
        _queue.CountFailure("a", failed: true).ShouldBe(1);
    }

    [Fact]
    public async Task Clear_ForgetsWaitingAndDelayedKeysButNotTheOneInWork()
    {
        _queue.Add("working");
        await _queue.TakeAsync(Stop);
        _queue.Add("waiting");
        _queue.AddAfter("delayed", TimeSpan.FromSeconds(1));
        _queue.Clear();

        _clock.Advance(TimeSpan.FromSeconds(1));
        NothingIsReady();
        _queue.Add("working");
        NothingIsReady();
        _queue.Done("working", requeueAfter: null);
        await Taken("working");
        _queue.Count.ShouldBe(0);
    }

    [Fact]
    public async Task KeyAddedAgainAfterClear_IsTakenOnce()
    {
        _queue.Add("a");
        _queue.Clear();
        _queue.Add("a");

        await Taken("a");
        NothingIsReady();
    }

    [Fact]
    public async Task LongWork_IsNamed()
    {
        _queue.Add("slow");
        await _queue.TakeAsync(Stop);
        _clock.Advance(TimeSpan.FromMinutes(10));
        _queue.Add("quick");
        await _queue.TakeAsync(Stop);

        _queue.InWorkLongerThan(TimeSpan.FromMinutes(5)).ShouldBe(["slow"]);
    }

    [Fact]
    public async Task ManyWorkers_NeverHoldTheSameKeyAtOnceAndLoseNone()
    {
        var (held, overlaps, taken) = (new int[8], 0, 0);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var workers = Enumerable.Range(0, 8).Select(_ => Task.Run(() => WorkAsync(end.Token), Stop)).ToArray();
        await Parallel.ForEachAsync(Enumerable.Range(0, 4000), Stop, (i, _) =>
        {
            _queue.Add($"{i % held.Length}");
            return ValueTask.CompletedTask;
        });
        await Eventually.IsTrueAsync("the queue is empty", () => _queue.Count == 0);

        await end.CancelAsync();
        await Task.WhenAll(workers);
        overlaps.ShouldBe(0);
        taken.ShouldBeGreaterThanOrEqualTo(held.Length);

        async Task WorkAsync(CancellationToken stop)
        {
            while (await TryTakeAsync(stop) is { } key)
            {
                var slot = int.Parse(key);
                overlaps += Interlocked.Increment(ref held[slot]) == 1 ? 0 : 1;
                await Task.Yield();
                Interlocked.Decrement(ref held[slot]);
                Interlocked.Increment(ref taken);
                _queue.Done(key, requeueAfter: null);
            }
        }
    }

    [Fact]
    public async Task ChangedKey_ComesBeforeRegularOnes_ButDoesNotStarveThem()
    {
        foreach (var i in Enumerable.Range(0, 9))
        {
            _queue.Add($"a/regular{i}");
            _queue.Add($"a/changed{i}", isChanged: true);
        }

        var taken = new List<string>();
        foreach (var _ in Enumerable.Range(0, 6))
        {
            var key = await _queue.TakeAsync(Stop);
            taken.Add(key);
            _queue.Done(key, requeueAfter: null);
        }

        taken.Take(2).ShouldBe(["a/changed0", "a/regular0"]);
        taken.Count(k => k.StartsWith("a/changed", StringComparison.Ordinal)).ShouldBe(4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HighestPriorityOfDuplicates_Wins(bool isInWork)
    {
        _queue.Add("a/wanted");
        if (isInWork)
        {
            await _queue.TakeAsync(Stop);
            _queue.Add("a/wanted");
        }

        _queue.Add("a/wanted", isChanged: true);
        _queue.Add("a/wanted");
        _queue.Add("a/other", isChanged: true);
        _queue.Add("a/third", isChanged: true);
        if (isInWork)
        {
            _queue.Done("a/wanted", requeueAfter: null);
        }

        List<string> taken = [await _queue.TakeAsync(Stop), await _queue.TakeAsync(Stop), await _queue.TakeAsync(Stop)];

        taken.Order().ShouldBe(["a/other", "a/third", "a/wanted"]);
        NothingIsReady();
    }

    [Fact]
    public async Task TenantWhoseKeysTakeForever_LeavesWorkersToOthers()
    {
        foreach (var i in Enumerable.Range(0, 50))
        {
            _queue.Add($"blackhole/{i}");
        }

        var stuck = await TakeAllAsync();
        stuck.Count.ShouldBe(Workers - (Workers / 4));
        _queue.Add("one/healthy");
        _queue.Add("two/healthy");

        (await TakeAllAsync()).ShouldBe(["one/healthy", "two/healthy"]);
    }

    [Fact]
    public async Task KeyThatWasInWorkForLong_WaitsBehindOthersOfItsTenant_AndLeavesThemHalfOfTheWorkers()
    {
        foreach (var i in Enumerable.Range(0, 6))
        {
            _queue.Add($"a/slow{i}");
        }

        foreach (var key in await TakeAllAsync())
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            _queue.Done(key, TimeSpan.FromSeconds(1));
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        var again = await TakeAllAsync();
        again.Count.ShouldBe(Workers / 2);
        _queue.Add("a/healthy");
        (await TakeAllAsync()).ShouldBe(["a/healthy"]);
        _queue.Done("a/healthy", requeueAfter: null);

        foreach (var key in again)
        {
            _queue.Done(key, requeueAfter: null);
        }

        (await TakeAllAsync()).Count.ShouldBe(2, "the others had to wait, and are not forgotten");
    }

    [Fact]
    public void TenantWithOneKey_WaitsForAtMostOneTurnOfEachOther() =>
        Gen.Select(Gen.Int[1, 20].Array[1, 8], Gen.Int[0, 30], Gen.Bool).Sample((keys, turns, isChanged) =>
        {
            using var queue = new WorkQueue<string>(Workers, TenantOf, _clock);
            for (var tenant = 0; tenant < keys.Length; tenant++)
            {
                for (var i = 0; i < keys[tenant] + 40; i++)
                {
                    queue.Add($"{tenant}/{i}", isChanged);
                }
            }

            for (var i = 0; i < turns; i++)
            {
                queue.Done(TakeNow(queue), requeueAfter: null);
            }

            queue.Add("new/one", isChanged);
            var waited = 0;
            for (var key = ""; key != "new/one"; waited++)
            {
                key = TakeNow(queue);
                queue.Done(key, requeueAfter: null);
            }

            waited.ShouldBeLessThanOrEqualTo(keys.Length + 1);
        });

    [Fact]
    public void AnyHistory_KeepsTheContract() =>
        Gen.Select(Gen.Int[1, 9], Gen.Select(Gen.Int[0, 9], Gen.Int[0, 4], Gen.Int[0, 6]).Array[1, 300]).Sample((workers, steps) =>
        {
            using var world = new World(workers);
            foreach (var (action, tenant, number) in steps)
            {
                world.Do(action, tenant, number);
            }

            world.DrainAll();
        });

    public void Dispose() => _queue.Dispose();

    private async Task<string?> TryTakeAsync(CancellationToken stop)
    {
        try
        {
            return await _queue.TakeAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task Taken(string key, TimeSpan? requeueAfter = null)
    {
        (await _queue.TakeAsync(Stop)).ShouldBe(key);
        _queue.Done(key, requeueAfter);
    }

    // A taker that has to wait has found nothing: the queue never takes time to hand out a ready key.
    private void NothingIsReady()
    {
        using var stop = new CancellationTokenSource();
        var take = _queue.TakeAsync(stop.Token);
        take.IsCompleted.ShouldBeFalse();
        stop.Cancel();
    }

    private static string TenantOf(string key) => key.Split('/')[0];

    private static string TakeNow(WorkQueue<string> queue)
    {
        var take = queue.TakeAsync(Stop);
        return take.IsCompleted ? take.Result : throw new InvalidOperationException("Nothing may be taken now");
    }

    private async Task<List<string>> TakeAllAsync()
    {
        var taken = new List<string>();
        while (true)
        {
            using var stop = new CancellationTokenSource();
            var take = _queue.TakeAsync(stop.Token);
            if (!take.IsCompleted)
            {
                await stop.CancelAsync();
                return taken;
            }

            taken.Add(await take);
        }
    }

    /// <summary>Workers that take what they get, and whoever adds keys; each step is checked against the contract.</summary>
    private sealed class World : IDisposable
    {
        private readonly FakeTimeProvider _clock = new();
        private readonly WorkQueue<string> _queue;
        private readonly int _workers;
        private readonly List<string> _inWork = [];
        private readonly HashSet<string> _owed = [];

        public World(int workers) => (_workers, _queue) = (workers, new(workers, TenantOf, _clock));

        public void Do(int action, int tenant, int number)
        {
            var key = $"{tenant}/{number}";
            switch (action)
            {
                case 0 or 1 or 2 or 3:
                    _queue.Add(key, isChanged: action == 3);
                    _owed.Add(key);
                    break;
                case 4:
                    _queue.AddAfter(key, TimeSpan.FromSeconds(number));
                    _owed.Add(key);
                    break;
                case 5:
                    _clock.Advance(TimeSpan.FromSeconds(number));
                    break;
                case 6 when _inWork.Count > 0:
                    Finish(_inWork[number % _inWork.Count], requeueAfter: number % 2 == 0 ? null : TimeSpan.FromSeconds(number));
                    break;
                default:
                    Take();
                    break;
            }
        }

        public void DrainAll()
        {
            for (var i = 0; _queue.Count > 0 && i < 10_000; i++)
            {
                while (Take())
                {
                }

                _clock.Advance(TimeSpan.FromSeconds(1));
                foreach (var key in _inWork.ToList())
                {
                    Finish(key, requeueAfter: null);
                }
            }

            _queue.Count.ShouldBe(0);
            _owed.ShouldBeEmpty();
        }

        public void Dispose() => _queue.Dispose();

        private void Finish(string key, TimeSpan? requeueAfter)
        {
            _inWork.Remove(key);
            _queue.Done(key, requeueAfter);
            if (requeueAfter is not null)
            {
                _owed.Add(key);
            }
        }

        private bool Take()
        {
            if (_inWork.Count == _workers)
            {
                return false;
            }

            using var stop = new CancellationTokenSource();
            var waiting = _queue.Waiting;
            var take = _queue.TakeAsync(stop.Token);
            if (!take.IsCompleted)
            {
                stop.Cancel();
                return false;
            }

            var key = take.Result;
            _inWork.ShouldNotContain(key);
            _owed.Remove(key).ShouldBeTrue();
            _queue.Waiting.ShouldBe(waiting - 1);
            _inWork.Add(key);
            var kept = Math.Min(_workers - 1, Math.Max(1, _workers / 4));
            _inWork.Count(k => TenantOf(k) == TenantOf(key)).ShouldBeLessThanOrEqualTo(_workers - kept);
            return true;
        }
    }
}
