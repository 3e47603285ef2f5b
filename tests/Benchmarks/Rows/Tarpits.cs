using System.Text.Json.Nodes;
using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks.Rows;

/// <summary>A server that sends its pages one by one, each after 25 s.</summary>
internal sealed class Tarpits(TimeSpan patience) : Row
{
    private const int Connections = 4;

    public override string Name => "stalls-tarpits";

    public override string Target => "a healthy connection elsewhere is Ready within 5 s";

    public override string Setup =>
        $"{Connections} connections in one namespace to a Data Center that sends a page of 10 repositories per 25 s";

    public override async Task<Measured> RunAsync(BenchWorld world, CancellationToken cancellationToken)
    {
        var seed = Seeds.DataCenter(10, 100);
        seed["quirks"] = new JsonObject { ["pageCap"] = 10 };
        var tarpit = await world.StartBitbucketAsync(seed, cancellationToken, name: "tarpit");
        await tarpit.DelayAsync(25_000, "/rest/api/**/repos");
        var quick = await Healthy.StartServerAsync(world, cancellationToken);
        await world.AddNamespaceAsync("slow", tarpit.CaPem, cancellationToken);
        await world.Kubernetes.ApplyAsync(Manifests.Secret("slow", "bot", ("token", Seeds.TokenOf("bot"))), cancellationToken);
        await world.StartLeaderAsync(cancellationToken);
        var stuck = Enumerable.Range(1, Connections)
            .Select(i => Manifests.Connection("slow", $"tarpit-{i}", Manifests.DataCenterSpec(tarpit.Url, "bot", "Repository")));
        await world.ApplyAllAsync(stuck, cancellationToken);
        await Steps.PassAsync(TimeSpan.FromSeconds(5), cancellationToken);
        return new Measured([await Healthy.MeasureAsync(world, quick, patience, cancellationToken)]);
    }
}
