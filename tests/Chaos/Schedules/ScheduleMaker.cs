using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Chaos.World;
using BitbucketOperator.Testing.Servers;

namespace BitbucketOperator.Chaos.Schedules;

/// <summary>Makes up schedules.</summary>
internal static class ScheduleMaker
{
    private const int Seconds = 8;
    private static readonly int[] ApiStatuses = [409, 410, 429, 429, 500, 502, 503, 504];
    private static readonly int[] BitbucketStatuses = [401, 403, 404, 408, 409, 500, 502, 503, 504];
    private static readonly FaultKind[] Failures = [.. Enum.GetValues<FaultKind>(), FaultKind.Status, FaultKind.Status, FaultKind.Status];

    /// <summary>A schedule of 4 to 14 steps.</summary>
    public static Schedule Make(long seed)
    {
        var dice = new Dice(seed);
        var asks = dice.OneIn(2);
        var steps = Enumerable.Range(0, dice.Between(4, 14)).Select(_ => At(Any(dice), dice)).ToList();
        return new Schedule(seed, [.. steps.OrderBy(s => s.At)], asks);
    }

    /// <summary>A step of a load that goes on: replicas live through it.</summary>
    public static Step ForSoak(Dice dice)
    {
        while (true)
        {
            var step = At(Any(dice), dice);
            if (step is not (Kill or Terminate or Delete))
            {
                return step with { At = TimeSpan.Zero };
            }
        }
    }

    private static Step At(Step step, Dice dice) => step with
    {
        At = TimeSpan.FromMilliseconds(dice.Below(Seconds * 1000)),
        For = step.For > TimeSpan.Zero ? step.For : TimeSpan.FromMilliseconds(dice.Between(200, 5000)),
    };

    private static Step Any(Dice dice) => dice.Below(10) switch
    {
        0 or 1 => OfProcess(dice),
        2 => OfApi(dice),
        3 or 4 => OfBitbucket(dice),
        5 or 6 => OfHooks(dice),
        7 => new ChangeRepository(dice.Below(2), dice.Below(12), dice.OneOf<RepositoryChange>()),
        _ => OfResource(dice),
    };

    private static Step OfProcess(Dice dice)
    {
        var replica = dice.Below(ChaosWorld.Replicas);
        return dice.Below(6) switch
        {
            0 or 1 => new Kill(replica),
            2 => new Terminate(replica),
            3 => new Pause(replica) { For = Long(dice) },
            4 => new Partition(replica) { For = Long(dice) },
            _ => new CutWatches(replica, dice.OneIn(2)),
        };
    }

    // A Lease lasts 30 s.
    private static TimeSpan Long(Dice dice) => dice.OneIn(3) ? TimeSpan.FromSeconds(dice.Between(24, 40)) : TimeSpan.Zero;

    private static Step OfApi(Dice dice)
    {
        var replica = dice.Below(ChaosWorld.Replicas);
        if (dice.OneIn(5))
        {
            return new Silence(replica);
        }

        var on = dice.OneOf<ApiRequests>();
        var status = on == ApiRequests.Writes && dice.OneIn(2) ? 409 : dice.OneOf(ApiStatuses);
        return new ApiRefuses(replica, status, on, dice.Between(1, 4), status >= 500 && on != ApiRequests.Watches && dice.OneIn(2));
    }

    private static Step OfBitbucket(Dice dice)
    {
        var server = dice.Below(2);
        switch (dice.Below(6))
        {
            case 0:
                return new Limit(server);
            case 1:
                return new TakeRight(server, dice.Below(4), dice.OneIn(2), dice.OneOf<RepoRight>());
        }

        var kind = dice.OneOf(Failures);
        var status = kind == FaultKind.Latency ? dice.Between(50, 1500) : dice.OneOf(BitbucketStatuses);
        var done = kind is FaultKind.Status or FaultKind.Reset or FaultKind.EmptyReply or FaultKind.Hang && dice.OneIn(2);
        return new BitbucketFails(server, kind, status, dice.OneOf<BitbucketRequests>(), dice.OneOf([20, 50, 100]), done);
    }

    private static Step OfHooks(Dice dice) => dice.OneIn(5)
        ? new AddForeign(dice.Below(2), dice.Below(12))
        : new ChangeHook(dice.Below(2), dice.Below(12), dice.OneOf<Drift>());

    private static Step OfResource(Dice dice)
    {
        var connection = dice.Below(3);
        return dice.Below(8) switch
        {
            0 => new Suspend(connection),
            1 => new Delete(connection),
            2 => new RotateHookSecret(connection),
            3 => new RotateToken(connection),
            4 => new LoseSecret(connection, dice.OneIn(2)),
            _ => new EditSpec(connection, dice.OneOf<SpecField>()),
        };
    }
}
