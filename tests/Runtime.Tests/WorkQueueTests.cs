using BitbucketOperator.Runtime.Queue;
using BitbucketOperator.Testing;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Runtime.Tests;

public sealed class WorkQueueTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueueTests() => _queue = new(_clock);

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
}
