using BitbucketOperator.Chaos.Schedules;
using BitbucketOperator.ControlPlane;

namespace BitbucketOperator.Chaos.Runs;

/// <summary>The API server, or its storage, is killed and comes back, more than once.</summary>
/// <param name="Parts">What is killed, after what pause, and for how long.</param>
internal sealed record Outage(IReadOnlyList<OutagePart> Parts)
{
    public static Outage Make(long seed)
    {
        // Another seed than that of the schedule.
        var dice = new Dice(~seed);
        return new Outage([.. Enumerable.Range(0, dice.Between(1, 3)).Select(_ => new OutagePart(
            dice.OneIn(2), TimeSpan.FromMilliseconds(dice.Between(3000, 12000)), TimeSpan.FromMilliseconds(dice.Between(100, 8000))))]);
    }

    public async Task RunAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        foreach (var part in Parts)
        {
            await Play.PassAsync(part.After, cancellationToken);
            var storage = part.Storage && cluster.HasStorage;
            await (storage ? cluster.KillStorageAsync(cancellationToken) : cluster.StopApiServerAsync(abruptly: true, cancellationToken));
            await Play.PassAsync(part.For, cancellationToken);
            await (storage ? cluster.StartStorageAsync(cancellationToken) : cluster.StartApiServerAsync(cancellationToken));
        }
    }

    public override string ToString() => string.Join(", then ", Parts);
}

/// <summary>One end of a part of the control plane.</summary>
/// <param name="Storage">etcd, where that is a process by itself; else the API server.</param>
/// <param name="After">The pause before.</param>
/// <param name="For">How long it is away.</param>
internal sealed record OutagePart(bool Storage, TimeSpan After, TimeSpan For)
{
    public override string ToString() =>
        $"{(Storage ? "etcd" : "the API server")} is killed after {After.TotalSeconds:0.0} s for {For.TotalSeconds:0.0} s";
}
