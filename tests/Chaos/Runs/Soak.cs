using BitbucketOperator.Chaos.Rules;
using BitbucketOperator.Chaos.Schedules;
using BitbucketOperator.Chaos.World;

namespace BitbucketOperator.Chaos.Runs;

/// <summary>
/// Random load for as long as asked, on processes that live through it: what they have of the machine in the end is what they
/// had at its start.
/// </summary>
internal sealed class Soak(ChaosCluster cluster, Action<string> say)
{
    private const int AtOnce = 4;
    private const int MostRepositories = 10;
    private const int MostForeign = 20;

    // Connections, inventories, Secrets and ConfigMaps.
    private const int Watches = 4;

    // Memory of a process without a leak still moves: the collector decides when to give back.
    private const double MoreMiB = 25;
    private const int MoreHandles = 15;
    private const int MoreThreads = 10;

    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(1);

    /// <summary>What is wrong in the end; empty when all is well.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(TimeSpan length, long seed, CancellationToken cancellationToken)
    {
        await using var world = await ChaosWorld.StartAsync(cluster);
        var dice = new Dice(seed);
        try
        {
            await Rest.ReachedAsync(world);
            await LoadAsync(world, dice, WarmUp, cancellationToken);
            var before = await MeasureAsync(world, "before");
            await LoadAsync(world, dice, length, cancellationToken);
            var after = await MeasureAsync(world, "after");
            return [.. before.Zip(after).SelectMany((f, i) => Grown(i, f.First, f.Second)), .. await BrokenAsync(world)];
        }
        catch (BrokenRuleException e)
        {
            return [e.Message, .. await BrokenAsync(world), world.Log];
        }
    }

    private async Task LoadAsync(ChaosWorld world, Dice dice, TimeSpan length, CancellationToken cancellationToken)
    {
        var (start, told) = (TimeProvider.System.GetTimestamp(), 0);
        while (TimeProvider.System.GetElapsedTime(start) < length)
        {
            var steps = Enumerable.Range(0, AtOnce).Select(_ => ScheduleMaker.ForSoak(dice)).Where(s => Fits(world, s, dice)).ToList();
            await Play.TroubleAsync(world, steps, cancellationToken);
            if ((int)TimeProvider.System.GetElapsedTime(start).TotalMinutes <= told) continue;
            told = (int)TimeProvider.System.GetElapsedTime(start).TotalMinutes;
            say($"after {told} min: {string.Join(" | ", world.ReplicaList.Select(Figures.Of))}");
        }
    }

    // A world that grows would be no leak.
    // And Cloud's limit is soon used up.
    private static bool Fits(ChaosWorld world, Step step, Dice dice) => step switch
    {
        ServerStep { Server: 1 } or ResourceStep { Connection: 2 } when !dice.OneIn(5) => false,
        ChangeRepository { Change: RepositoryChange.Add } add => world.Servers[add.Server].Repositories.Count < MostRepositories,
        AddForeign => world.Foreign.Count < MostForeign,
        _ => true,
    };

    private async Task<IReadOnlyList<Figures>> MeasureAsync(ChaosWorld world, string when)
    {
        await Rest.HealAsync(world);
        await Rest.AskAsync(world, world.Connections);
        await Rest.ReachedAsync(world);
        // A standby that was cut off has nothing to do with the rest of the world.
        var open = await Eventually.IsTrueWithinAsync(
            Rest.Limit, () => Task.FromResult(world.ReplicaList.TrueForAll(r => r.Proxy.OpenWatches == Watches)));
        if (!open)
        {
            var now = string.Join(" | ", world.ReplicaList.Select(Figures.Of));
            throw new BrokenRuleException([$"a replica did not open its watches again: {now}"]);
        }

        var figures = world.ReplicaList.ConvertAll(Figures.Of);
        say($"{when}, at rest: {string.Join(" | ", figures)}");
        return figures;
    }

    private static IEnumerable<string> Grown(int replica, Figures before, Figures after)
    {
        if (after.MiB > before.MiB + MoreMiB
            || after.Handles > before.Handles + MoreHandles
            || after.Threads > before.Threads + MoreThreads
            || after.Watches != before.Watches)
        {
            yield return $"replica {replica} had {before}, and has {after}";
        }
    }

    private static async Task<IReadOnlyList<string>> BrokenAsync(ChaosWorld world) =>
        [.. LogRules.Violations(world, await world.WrittenAsync()), .. WriteRules.Violations(world)];
}
