using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks.Rows;

/// <summary>A connection to a quick server, in a namespace of its own, while others have trouble.</summary>
internal static class Healthy
{
    private const string Namespace = "healthy";
    private const int SecondsAllowed = 5;

    public static Task<SimulatorProcess> StartServerAsync(BenchWorld world, CancellationToken cancellationToken) =>
        world.StartBitbucketAsync(Seeds.DataCenter(1, 5), cancellationToken, name: "healthy");

    /// <summary>How long the connection takes from its creation until it is Ready.</summary>
    public static async Task<Measurement> MeasureAsync(
        BenchWorld world, SimulatorProcess server, TimeSpan patience, CancellationToken cancellationToken)
    {
        await world.AddNamespaceAsync(Namespace, server.CaPem, cancellationToken);
        await world.Kubernetes.ApplyAsync(Manifests.Secret(Namespace, "bot", ("token", Seeds.TokenOf("bot"))), cancellationToken);
        var start = Steps.Now();
        await world.Kubernetes.ApplyAsync(
            Manifests.Connection(Namespace, "healthy", Manifests.DataCenterSpec(server.Url, "bot", "Repository")), cancellationToken);
        var ready = await world.UntilReadyAsync(Namespace, "healthy", patience, cancellationToken);
        return new Measurement("healthy connection Ready", Steps.Seconds(start), "s") { AtMost = SecondsAllowed, Unfinished = !ready };
    }
}
