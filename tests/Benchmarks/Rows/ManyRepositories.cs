using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks.Rows;

/// <summary>Time and memory of the first sync of a large server.</summary>
internal sealed class ManyRepositories(int repositories, double memory) : Row
{
    private const int PerProject = 200;
    private const int Concurrency = 8;
    private const int LatencyMilliseconds = 20;

    public override string Name => $"repositories-{repositories}";

    public override string Target => $"within 1.15x of requests x latency / concurrency; peak memory {memory} MiB";

    public override string Setup =>
        $"Data Center, {repositories} repositories, one repository-level webhook each, "
        + $"{LatencyMilliseconds} ms latency, {Concurrency} requests in flight";

    public override async Task<Measured> RunAsync(BenchWorld world, CancellationToken cancellationToken)
    {
        var bitbucket = await world.StartBitbucketAsync(Seeds.DataCenter(repositories / PerProject, PerProject), cancellationToken);
        await bitbucket.DelayAsync(LatencyMilliseconds);
        await world.AddNamespaceAsync("bench", bitbucket.CaPem, cancellationToken);
        await world.Kubernetes.ApplyAsync(Manifests.Secret("bench", "bot", ("token", Seeds.TokenOf("bot"))), cancellationToken);
        var leader = await world.StartLeaderAsync(cancellationToken, "--max-requests-per-host", $"{Concurrency}");

        var start = Steps.Now();
        var patience = TimeSpan.FromSeconds(60 + (repositories * 0.02));
        var connection = Manifests.Connection("bench", "large", Manifests.DataCenterSpec(bitbucket.Url, "bot", "Repository"));
        await world.Kubernetes.ApplyAsync(connection, cancellationToken);
        var done = await world.UntilWebhooksAsync(bitbucket, repositories, patience, cancellationToken);
        var (seconds, counts) = (Steps.Seconds(start), await bitbucket.CountsAsync());
        var ready = done && await world.UntilReadyAsync("bench", "large", patience, cancellationToken);
        var bound = counts.Requests * LatencyMilliseconds / 1000.0 / Concurrency;
        return new Measured(
            [
                Measurement.Within(1.15, "all webhooks in place", seconds, bound, "s") with { Unfinished = !done },
                new Measurement("Ready", Steps.Seconds(start), "s") { Unfinished = !ready },
                leader.PeakMemory(memory),
                new Measurement("processor time", leader.Figures.CpuSeconds, "s"),
            ],
            counts);
    }
}
