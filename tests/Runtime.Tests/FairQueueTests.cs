using BitbucketOperator.Runtime.Queue;
using BitbucketOperator.Testing;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Runtime.Tests;

public sealed class FairQueueTests
{
    private const int Unlimited = 1_000_000;
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void TenantsThatAlwaysHaveWork_GetTurnsInTurn_WhateverTheNumberOfTheirOwners() =>
        Gen.Select(Gen.Int[1, 20].Array[2, 8], Gen.Bool).Sample((owners, isDoneAtOnce) =>
        {
            using var queue = new FairQueue<string>([1], Unlimited, Unlimited, _clock);
            for (var tenant = 0; tenant < owners.Length; tenant++)
            {
                AddOwners(queue, $"{tenant}", owners[tenant]);
            }

            var (turns, even) = (new int[owners.Length], true);
            for (var i = 0; i < 5 * owners.Length; i++)
            {
                var turn = TakeNow(queue)!.Value;
                turns[int.Parse(turn.Owner.Split('/')[0])]++;
                even &= turns.Max() - turns.Min() <= 1;
                if (isDoneAtOnce)
                {
                    queue.Done(turn);
                }
            }

            return even;
        });

    [Fact]
    public void OwnersOfATenant_TakeTurns()
    {
        using var queue = new FairQueue<string>([1], Unlimited, Unlimited, _clock);
        AddOwners(queue, "a", 3);

        Owners(queue, 7).ShouldBe(["a/0", "a/1", "a/2", "a/0", "a/1", "a/2", "a/0"]);
    }

    [Fact]
    public void ClassesWithWork_ShareACycleByTheirWeights() => Gen.Int[1, 100].Array[1, 5].Sample(weights =>
    {
        using var queue = new FairQueue<string>(weights, Unlimited, Unlimited, _clock);
        for (var workClass = 0; workClass < weights.Length; workClass++)
        {
            queue.SetReady("one", "a", workClass, isReady: true);
        }

        var turns = new int[weights.Length];
        for (var i = 0; i < weights.Sum(); i++)
        {
            turns[TakeNow(queue)!.Value.WorkClass]++;
        }

        return turns.SequenceEqual(weights);
    });

    [Fact]
    public void ClassWithoutWork_LendsItsShare_AndHasItAgainAtOnce()
    {
        using var queue = new FairQueue<string>([70, 20, 10], Unlimited, Unlimited, _clock);
        queue.SetReady("one", "a", workClass: 1, isReady: true);
        queue.SetReady("one", "a", workClass: 2, isReady: true);
        Classes(queue, 300).Count(c => c == 1).ShouldBe(200);

        queue.SetReady("one", "a", workClass: 0, isReady: true);

        var counts = Classes(queue, 100).CountBy(c => c).ToDictionary();
        (counts[0], counts[1], counts[2]).ShouldBe((70, 20, 10));
    }

    [Fact]
    public void LowestClass_KeepsItsShareUnderAFlood()
    {
        using var queue = new FairQueue<string>([70, 20, 10], maxInFlightPerOwner: 4, Unlimited, _clock);
        for (var tenant = 0; tenant < 100; tenant++)
        {
            AddOwners(queue, $"{tenant}", owners: 20);
        }

        queue.SetReady("verified", "quiet", workClass: 2, isReady: true);
        var turns = 0;
        for (var i = 0; i < 800; i++)
        {
            var turn = TakeNow(queue)!.Value;
            turns += turn.WorkClass == 2 ? 1 : 0;
            queue.Done(turn);
        }

        // An eighth: the class in between lends its share.
        turns.ShouldBe(100);
    }

    [Fact]
    public void NewTenant_ComesNextForOneTurn()
    {
        using var queue = new FairQueue<string>([1], Unlimited, Unlimited, _clock);
        AddOwners(queue, "a", 5);
        AddOwners(queue, "b", 5);
        Owners(queue, 3).ShouldBe(["a/0", "b/0", "a/1"]);

        AddOwners(queue, "c", 5);

        Owners(queue, 4).ShouldBe(["c/0", "b/1", "a/2", "c/1"]);
    }

    [Fact]
    public void AnyHistory_KeepsTheRulesAndHandsOutWhatThereIs() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 7], Gen.Int[0, 2]).Array[1, 400].Sample(steps =>
        {
            using var world = new World();
            foreach (var (action, owner, number) in steps)
            {
                world.Do(action, owner, number);
            }
        });

    [Fact]
    public async Task ParkedOwner_GetsATurnWhenTheLastDelayHasPassed_AndNoneInBetween()
    {
        using var queue = new FairQueue<string>([1], Unlimited, Unlimited, _clock);
        queue.Park("one", TimeSpan.FromSeconds(10));
        queue.SetReady("one", "a", 0, isReady: true);
        var take = queue.TakeAsync(Stop).AsTask();
        queue.Park("one", TimeSpan.FromSeconds(60));
        queue.Park("one", TimeSpan.FromSeconds(30));

        _clock.Advance(TimeSpan.FromSeconds(29.9));
        take.IsCompleted.ShouldBeFalse();
        queue.Waiting(0).ShouldBe(1, "it is parked");
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        (await Eventually.EndsAsync("turn", take)).Owner.ShouldBe("one");
    }

    [Fact]
    public async Task TakerThatWaits_GetsWhatBecomesTakeable()
    {
        using var queue = new FairQueue<string>([1], maxInFlightPerOwner: 1, Unlimited, _clock);
        var (first, second, third) = (queue.TakeAsync(Stop).AsTask(), queue.TakeAsync(Stop).AsTask(), queue.TakeAsync(Stop).AsTask());

        queue.SetReady("one", "a", 0, isReady: true);
        var turn = await Eventually.EndsAsync("first turn", first);
        second.IsCompleted.ShouldBeFalse("one turn of the owner is out");
        queue.Done(turn);
        queue.Done(turn);
        await Eventually.EndsAsync("second turn", second);
        third.IsCompleted.ShouldBeFalse("done twice counts once");

        queue.Park("two", TimeSpan.FromHours(1));
        queue.SetReady("two", "a", 0, isReady: true);
        queue.Unpark("two");
        (await Eventually.EndsAsync("third turn", third)).Owner.ShouldBe("two");
    }

    [Fact]
    public async Task CancelledTaker_TakesNoTurn()
    {
        using var queue = new FairQueue<string>([1], Unlimited, Unlimited, _clock);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var (cancelled, other) = (queue.TakeAsync(cancel.Token).AsTask(), queue.TakeAsync(Stop).AsTask());

        await cancel.CancelAsync();
        queue.SetReady("one", "a", 0, isReady: true);

        await Should.ThrowAsync<OperationCanceledException>(cancelled);
        await Should.ThrowAsync<OperationCanceledException>(async () => await queue.TakeAsync(cancel.Token));
        (await Eventually.EndsAsync("turn of the other", other)).Owner.ShouldBe("one");
    }

    [Fact]
    public void RemovedOwner_GetsNoTurn_AndItsTurnsThatAreOutStillCount()
    {
        using var queue = new FairQueue<string>([1], maxInFlightPerOwner: 1, Unlimited, _clock);
        AddOwners(queue, "a", 2);
        var turn = TakeNow(queue)!.Value;
        queue.Remove("a/0");
        queue.Remove("a/1");
        TakeNow(queue).ShouldBeNull();

        queue.SetReady("a/0", "a", 0, isReady: true);
        TakeNow(queue).ShouldBeNull("its one turn is out");
        queue.Done(turn);

        TakeNow(queue).ShouldNotBeNull().Owner.ShouldBe("a/0");
    }

    [Fact]
    public void Clear_ForgetsOwnersAndParking()
    {
        using var queue = new FairQueue<string>([1], maxInFlightPerOwner: 1, Unlimited, _clock);
        AddOwners(queue, "a", 3);
        queue.Park("a/2", TimeSpan.FromHours(1));
        var turn = TakeNow(queue)!.Value;

        queue.Clear();

        TakeNow(queue).ShouldBeNull();
        queue.Waiting(0).ShouldBe(0);
        queue.Done(turn);
        queue.SetReady("a/2", "a", 0, isReady: true);
        TakeNow(queue).ShouldNotBeNull().Owner.ShouldBe("a/2");
    }

    [Fact]
    public void Gauges_TellWhoWaitsAndHowLongTurnsTake()
    {
        using var queue = new FairQueue<string>([1, 1], maxInFlightPerOwner: 1, Unlimited, _clock);
        AddOwners(queue, "a", 3);
        (queue.Waiting(0), queue.Waiting(1), queue.OldestInFlight).ShouldBe((3, 0, TimeSpan.Zero));

        var first = TakeNow(queue)!.Value;
        _clock.Advance(TimeSpan.FromSeconds(5));
        var second = TakeNow(queue)!.Value;
        _clock.Advance(TimeSpan.FromSeconds(1));

        (queue.Waiting(0), queue.OldestInFlight).ShouldBe((1, TimeSpan.FromSeconds(6)));
        queue.Done(first);
        queue.OldestInFlight.ShouldBe(TimeSpan.FromSeconds(1));
        queue.Done(second);
        (queue.Waiting(0), queue.OldestInFlight).ShouldBe((3, TimeSpan.Zero));
    }

    [Fact]
    public async Task ManyTakers_LoseNoWorkAndNeverExceedTheLimit()
    {
        const int Items = 200;
        using var queue = new FairQueue<int>([3, 1], maxInFlightPerOwner: 2, Unlimited, TimeProvider.System);
        var (left, inFlight, done, exceeded) = (new int[20], new int[20], 0, 0);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var takers = Enumerable.Range(0, 16).Select(_ => Task.Run(() => WorkAsync(end.Token), Stop)).ToArray();
        await Parallel.ForEachAsync(Enumerable.Range(0, left.Length * Items), Stop, (i, _) =>
        {
            var owner = i % left.Length;
            lock (left)
            {
                left[owner]++;
                queue.SetReady(owner, $"{owner % 3}", owner % 2, isReady: true);
            }

            return ValueTask.CompletedTask;
        });

        await Eventually.IsTrueAsync("all items are done", () => Volatile.Read(ref done) == left.Length * Items, () => $"{done} are");
        await end.CancelAsync();
        await Task.WhenAll(takers);
        exceeded.ShouldBe(0);

        async Task WorkAsync(CancellationToken stop)
        {
            while (await TakeAsync(queue, stop) is { } turn)
            {
                Interlocked.Add(ref exceeded, Interlocked.Increment(ref inFlight[turn.Owner]) > 2 ? 1 : 0);
                await Task.Yield();
                Interlocked.Add(ref done, TakeItem(turn) ? 1 : 0);
                Interlocked.Decrement(ref inFlight[turn.Owner]);
                queue.Done(turn);
            }
        }

        bool TakeItem(Turn<int> turn)
        {
            lock (left)
            {
                var has = left[turn.Owner] > 0;
                left[turn.Owner] -= has ? 1 : 0;
                queue.SetReady(turn.Owner, $"{turn.Owner % 3}", turn.WorkClass, left[turn.Owner] > 0);
                return has;
            }
        }
    }

    private static async Task<Turn<int>?> TakeAsync(FairQueue<int> queue, CancellationToken stop)
    {
        try
        {
            return await queue.TakeAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static void AddOwners(FairQueue<string> queue, string tenant, int owners)
    {
        for (var owner = 0; owner < owners; owner++)
        {
            queue.SetReady($"{tenant}/{owner}", tenant, workClass: 0, isReady: true);
        }
    }

    private static List<string> Owners(FairQueue<string> queue, int turns) =>
        [.. Enumerable.Range(0, turns).Select(_ => TakeNow(queue)!.Value.Owner)];

    private static List<int> Classes(FairQueue<string> queue, int turns) =>
        [.. Enumerable.Range(0, turns).Select(_ => TakeNow(queue)!.Value.WorkClass)];

    // A taker that has to wait has found nothing: the queue never takes time to hand out a turn.
    private static Turn<string>? TakeNow(FairQueue<string> queue)
    {
        using var cancel = new CancellationTokenSource();
        var take = queue.TakeAsync(cancel.Token);
        if (take.IsCompletedSuccessfully)
        {
            return take.Result;
        }

        cancel.Cancel();
        return null;
    }

    /// <summary>A queue and what must be true of it: eight owners of four tenants, of which the first always has work.</summary>
    private sealed class World : IDisposable
    {
        private const int Limit = 2;
        private readonly FakeTimeProvider _clock = new();
        private readonly FairQueue<string> _queue;
        private readonly HashSet<(int Owner, int WorkClass)> _ready = [];
        private readonly Dictionary<int, DateTimeOffset> _parked = [];
        private readonly List<Turn<string>> _out = [];
        private readonly Dictionary<(int Tenant, int WorkClass), int> _sinceSteady = [];

        public World()
        {
            _queue = new([5, 3, 1], Limit, Unlimited, _clock);
            _queue.SetReady("steady", "t-steady", 0, isReady: true);
        }

        public void Do(int action, int owner, int number)
        {
            switch (action)
            {
                case 0 or 1:
                    _queue.SetReady($"{owner}", TenantOf(owner), number, isReady: true);
                    _ready.Add((owner, number));
                    break;
                case 2:
                    _queue.SetReady($"{owner}", TenantOf(owner), number, isReady: false);
                    _ready.Remove((owner, number));
                    break;
                case 3:
                    Park(owner, TimeSpan.FromSeconds(10 * number));
                    break;
                case 4:
                    _queue.Unpark($"{owner}");
                    _parked.Remove(owner);
                    break;
                case 5:
                    _clock.Advance(TimeSpan.FromSeconds(5));
                    break;
                case 6:
                    Done(owner);
                    break;
                default:
                    Take();
                    break;
            }

            _queue.Waiting(number).ShouldBe(_ready.Count(r => r.WorkClass == number && OutOf($"{r.Owner}") < Limit) + (number == 0 ? 1 : 0));
        }

        public void Dispose() => _queue.Dispose();

        private static string TenantOf(int owner) => $"t{owner % 3}";

        private int OutOf(string owner) => _out.Count(t => t.Owner == owner);

        private bool IsParked(int owner) => _parked.TryGetValue(owner, out var until) && until > _clock.GetUtcNow();

        private bool IsTakeable(int owner) => !IsParked(owner) && OutOf($"{owner}") < Limit;

        private void Park(int owner, TimeSpan delay)
        {
            var until = _clock.GetUtcNow() + delay;
            _queue.Park($"{owner}", delay);
            _parked[owner] = until;
        }

        private void Done(int index)
        {
            if (index < _out.Count)
            {
                _queue.Done(_out[index]);
                _out.RemoveAt(index);
            }
        }

        private void Take()
        {
            var turn = TakeNow(_queue).ShouldNotBeNull("one owner can always have a turn");
            if (turn.Owner == "steady")
            {
                _queue.Done(turn);
                _sinceSteady.Clear();
                return;
            }

            var owner = int.Parse(turn.Owner);
            _ready.ShouldContain((owner, turn.WorkClass));
            IsTakeable(owner).ShouldBeTrue();
            _out.Add(turn);
            if (turn.WorkClass == 0)
            {
                var key = (owner % 3, turn.WorkClass);
                _sinceSteady[key] = _sinceSteady.GetValueOrDefault(key) + 1;
                _sinceSteady[key].ShouldBe(1, "between two turns of a tenant every other one has at most one");
            }
        }
    }
}
