using BitbucketOperator.Chaos.Rules;
using BitbucketOperator.Chaos.Schedules;
using BitbucketOperator.Chaos.World;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Chaos.Runs;

/// <summary>Plays a schedule in a world of its own and checks every rule.</summary>
internal static class Play
{
    // DESIGN's 80 MiB at rest, and as much again for what the machine's allocator keeps.
    private const double MostMiB = 160;

    /// <summary>What was broken and how it came to that; null when all rules held.</summary>
    public static async Task<Failure?> FailureOfAsync(ChaosCluster cluster, Schedule schedule, CancellationToken cancellationToken)
    {
        await using var world = await ChaosWorld.StartAsync(cluster);
        try
        {
            await Rest.ReachedAsync(world);
            await TroubleAsync(world, schedule.Steps, cancellationToken);
            await Rest.HealAsync(world);
            await Rest.AskAsync(world, world.Connections.Where(c => schedule.Asks || c.Server.Hosting == Hosting.Cloud));
            await Rest.ReachedAsync(world);
            await SilenceAsync(world);
            CheckFigures(world);
            await Rest.ClearAsync(world);
            return await BrokenAsync(world) is { Count: > 0 } broken ? Failure.Of(schedule, world, string.Join('\n', broken)) : null;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var broken = await BrokenAsync(world);
            return Failure.Of(schedule, world, string.Join('\n', [e is BrokenRuleException ? e.Message : e.ToString(), .. broken]));
        }
    }

    /// <summary>Does each step at its time and heals it after its length.</summary>
    public static async Task TroubleAsync(ChaosWorld world, IReadOnlyList<Step> steps, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(steps.Select(async step =>
        {
            await PassAsync(step.At - TimeProvider.System.GetElapsedTime(start), cancellationToken);
            world.Note($"# {step}");
            await step.ActAsync(world);
            await PassAsync(step.At + step.For - TimeProvider.System.GetElapsedTime(start), cancellationToken);
            await step.UndoAsync(world);
        }));
    }

    /// <summary>Lets a length of time pass: trouble lasts.</summary>
    public static Task PassAsync(TimeSpan length, CancellationToken cancellationToken) => length <= TimeSpan.Zero
        ? Task.CompletedTask
        : Eventually.IsTrueWithinAsync(length, () => Task.FromResult(false), cancellationToken);

    // A reconcile of a world at rest writes nothing to Bitbucket.
    private static async Task SilenceAsync(ChaosWorld world)
    {
        var attempts = world.WriteAttempts;
        await Rest.AskAsync(world, world.Connections);
        await Rest.ReachedAsync(world);
        if (world.WriteAttempts != attempts)
        {
            throw new BrokenRuleException([$"a reconcile of a world at rest wrote {world.WriteAttempts - attempts} times to Bitbucket"]);
        }
    }

    private static void CheckFigures(ChaosWorld world)
    {
        foreach (var replica in world.ReplicaList)
        {
            var figures = Figures.Of(replica);
            world.Note($"{figures}");
            if (figures.MiB > MostMiB)
            {
                throw new BrokenRuleException([$"a replica has {figures}; the limit is {MostMiB} MiB"]);
            }
        }
    }

    private static async Task<IReadOnlyList<string>> BrokenAsync(ChaosWorld world) =>
        [.. LogRules.Violations(world, await world.WrittenAsync()), .. WriteRules.Violations(world)];
}
