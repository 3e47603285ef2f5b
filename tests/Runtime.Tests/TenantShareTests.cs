using BitbucketOperator.Runtime.Queue;
using BitbucketOperator.Testing;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Runtime.Tests;

/// <summary>Takers of a fair queue, busy for as long as it pleases their work.</summary>
public sealed class TenantShareTests
{
    private const int Takers = 64;
    private const int PerOwner = 8;
    private static readonly int[] Weights = [8, 4, 4, 2, 2, 1];
    private static readonly Gen<(int Tenants, int Owners)> Floods = Gen.Select(Gen.Int[1, 8], Gen.Int[8, 20]);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void FloodingTenants_ShareAndLeaveTakersFree(int tenants)
    {
        using var world = new World();
        world.Flood(tenants, owners: 20);
        world.TakeAll();
        var held = Enumerable.Range(0, tenants).Select(t => world.Held($"flood{t}")).ToList();
        held.Sum().ShouldBeInRange(Takers * 3 / 4, tenants == 1 ? Takers * 3 / 4 : Takers - 1);
        held.ShouldAllBe(h => (tenants == 1 || h <= Takers / 2) && 2 * tenants * h >= Takers * 3 / 4);
    }

    [Fact]
    public void Owner_HasAtMostItsNumber()
    {
        using var world = new World();
        world.Flood(1, owners: 1);
        world.TakeAll();
        world.Held("flood0").ShouldBe(PerOwner);
    }

    [Fact]
    public async Task TenantWhoseTurnsAreOfAnOwnerThatLeft_GetsTurnsAgainWhenTheyEnd()
    {
        using var queue = new FairQueue<string>([1], maxInFlightPerOwner: 1, takers: 1, new FakeTimeProvider());
        queue.SetReady("left", "a", 0, isReady: true);
        var turn = await queue.TakeAsync(TestContext.Current.CancellationToken);
        queue.SetReady("stays", "a", 0, isReady: true);
        queue.Remove("left");
        queue.Done(turn);
        var next = await Eventually.EndsAsync("turn", queue.TakeAsync(TestContext.Current.CancellationToken).AsTask());
        next.Owner.ShouldBe("stays");
    }

    [Fact]
    public void NewTenant_GetsATurnAtOnce_ThoughNoWorkOfTheOthersEverEnds() => Floods.Sample(flood =>
    {
        using var world = new World();
        world.Flood(flood.Tenants, flood.Owners);
        world.TakeAll();
        world.Ready("new", "new", workClass: 5);
        return world.TakeAll().Contains("new");
    },
    iter: 50);

    [Fact]
    public void Tenant_TakesNoMoreThanHalfWhileAnotherWaits_WhateverHappened() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 23], Gen.Int[0, 5]).Array[1, 600].Sample(steps =>
        {
            using var world = new World();
            foreach (var (action, owner, workClass) in steps)
            {
                world.Do(action, owner, workClass);
            }
        },
        iter: 30);

    [Fact]
    public void TenantWithoutATurn_GetsOneWithinACycleOfItsClass() =>
        Gen.Select(Floods, Gen.Int[0, 5], Gen.Int[0, 1000].Array[400]).Sample((flood, workClass, ends) =>
        {
            using var world = new World();
            world.Flood(flood.Tenants, flood.Owners);
            world.TakeAll();
            world.Ready("quiet", "quiet", workClass);
            var turns = 0;
            foreach (var end in ends)
            {
                if (world.Held("quiet") > 0)
                {
                    break;
                }

                world.End(end);
                turns += world.TakeAll().Count;
            }

            return world.Held("quiet") > 0 && turns <= (Weights.Sum() / Weights[workClass] * (flood.Tenants + 1)) + Takers;
        });

    [Fact]
    public void Verification_KeepsItsShareUnderAFloodOfEverythingElse() => Gen.Int[0, 1000].Array[2000].Sample(
        ends =>
        {
            using var world = new World();
            for (var owner = 0; owner < 20; owner++)
            {
                for (var workClass = 0; workClass < 4; workClass++)
                {
                    world.Ready($"busy/{owner}", $"busy{owner % 3}", workClass);
                }
            }

            for (var owner = 0; owner < 4; owner++)
            {
                world.Ready($"quiet/{owner}", "quiet", workClass: 4);
            }

            world.TakeAll();
            var (all, verified) = (0, 0);
            foreach (var end in ends)
            {
                world.End(end);
                var taken = world.TakeAll();
                (all, verified) = (all + taken.Count, verified + taken.Count(t => t == "quiet"));
            }

            // Two turns of twenty, unless its four owners are at work already.
            return verified >= 0.09 * all || world.Held("quiet") >= 15;
        },
        iter: 20);

    private sealed class World : IDisposable
    {
        private readonly FairQueue<string> _queue = new(Weights, PerOwner, Takers, new FakeTimeProvider());
        private readonly List<(Turn<string> Turn, string Tenant)> _out = [];
        private readonly Dictionary<string, (string Tenant, HashSet<int> Classes)> _ready = [];

        public void Flood(int tenants, int owners)
        {
            for (var i = 0; i < tenants * owners; i++)
            {
                Ready($"flood/{i}", $"flood{i % tenants}", i / tenants % Weights.Length);
            }
        }

        public void Ready(string owner, string tenant, int workClass)
        {
            _queue.SetReady(owner, tenant, workClass, isReady: true);
            _ready.TryAdd(owner, (tenant, []));
            _ready[owner].Classes.Add(workClass);
        }

        public int Held(string tenant) => _out.Count(o => o.Tenant == tenant);

        /// <summary>Has every free taker take a turn, as far as there are any; whose they were.</summary>
        public List<string> TakeAll()
        {
            var taken = new List<string>();
            while (Take() is { } tenant)
            {
                taken.Add(tenant);
            }

            return taken;
        }

        public void End(int index)
        {
            if (_out.Count > 0)
            {
                var (turn, _) = _out[index % _out.Count];
                _out.RemoveAt(index % _out.Count);
                _queue.Done(turn);
            }
        }

        public void Do(int action, int owner, int workClass)
        {
            switch (action)
            {
                case 0 or 1 or 2:
                    Ready($"{owner}", $"t{owner % 3}", workClass);
                    break;
                case 3:
                    _queue.Remove($"{owner}");
                    _ready.Remove($"{owner}");
                    break;
                case 4:
                    End(owner);
                    break;
                default:
                    Take();
                    break;
            }
        }

        public void Dispose() => _queue.Dispose();

        private string? Take()
        {
            if (_out.Count == Takers)
            {
                return null;
            }

            using var cancel = new CancellationTokenSource();
            var take = _queue.TakeAsync(cancel.Token);
            if (!take.IsCompletedSuccessfully)
            {
                cancel.Cancel();
                _ready.Keys.ShouldAllBe(o => OutOf(o) == PerOwner || Held(_ready[o].Tenant) > 0, "who has no turn gets one");
                return null;
            }

            var turn = take.Result;
            var tenant = _ready[turn.Owner].Tenant;
            var othersWait = _ready.Any(r => r.Value.Tenant != tenant && OutOf(r.Key) < PerOwner);
            Held(tenant).ShouldBeLessThan(othersWait ? Takers / 2 : Takers * 3 / 4);
            _out.Add((turn, tenant));
            OutOf(turn.Owner).ShouldBeLessThanOrEqualTo(PerOwner);
            return tenant;
        }

        private int OutOf(string owner) => _out.Count(o => o.Turn.Owner == owner);
    }
}
