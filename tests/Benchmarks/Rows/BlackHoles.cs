using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks.Rows;

/// <summary>Servers that never answer, each with an address of its own.</summary>
internal sealed class BlackHoles(TimeSpan patience) : Row
{
    private const int Connections = 50;

    public override string Name => "stalls-black-holes";

    public override string Target => "a healthy connection elsewhere is Ready within 5 s";

    public override string Setup => $"{Connections} connections in one namespace, each to an address that answers no SYN";

    public override async Task<Measured> RunAsync(BenchWorld world, CancellationToken cancellationToken)
    {
        var holes = new List<BlackHole>();
        for (var i = 0; i < Connections; i++)
        {
            holes.Add(await world.StartBlackHoleAsync(cancellationToken));
        }

        var quick = await Healthy.StartServerAsync(world, cancellationToken);
        await world.AddNamespaceAsync("holes", quick.CaPem, cancellationToken);
        await world.Kubernetes.ApplyAsync(Manifests.Secret("holes", "bot", ("token", Seeds.TokenOf("bot"))), cancellationToken);
        await world.StartLeaderAsync(cancellationToken);
        var stuck = holes.Select(
            (hole, i) => Manifests.Connection("holes", $"hole-{i}", Manifests.DataCenterSpec(hole.Url, "bot", "Repository")));
        await world.ApplyAllAsync(stuck, cancellationToken);
        await Steps.PassAsync(TimeSpan.FromSeconds(5), cancellationToken);
        return new Measured([await Healthy.MeasureAsync(world, quick, patience, cancellationToken)]);
    }
}
