using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks.Rows;

/// <summary>Memory with next to nothing to do.</summary>
internal sealed class Resting : Row
{
    public override string Name => "rest";

    public override string Target => "peak memory 80 MiB at rest";

    public override string Setup => "Data Center, one connection with 10 repositories, 15 s after it became Ready";

    public override async Task<Measured> RunAsync(BenchWorld world, CancellationToken cancellationToken)
    {
        var bitbucket = await world.StartBitbucketAsync(Seeds.DataCenter(1, 10), cancellationToken);
        await world.AddNamespaceAsync("bench", bitbucket.CaPem, cancellationToken);
        await world.Kubernetes.ApplyAsync(Manifests.Secret("bench", "bot", ("token", Seeds.TokenOf("bot"))), cancellationToken);
        var leader = await world.StartLeaderAsync(cancellationToken);
        await world.Kubernetes.ApplyAsync(
            Manifests.Connection("bench", "small", Manifests.DataCenterSpec(bitbucket.Url, "bot", "Repository")), cancellationToken);
        if (!await world.UntilReadyAsync("bench", "small", TimeSpan.FromMinutes(1), cancellationToken))
        {
            throw new CannotRunException("the connection was not Ready after a minute");
        }

        await Steps.PassAsync(TimeSpan.FromSeconds(15), cancellationToken);
        return new Measured([leader.PeakMemory(80), new Measurement("memory now", leader.Figures.ResidentMiB, "MiB")]);
    }
}
