using System.Text.Json.Nodes;
using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks.Rows;

/// <summary>A Data Center whose administrator enabled the rate limit, and that does not say when to come back.</summary>
internal sealed class LimitedDataCenter : Row
{
    private const int Repositories = 500;
    private const int Burst = 60;
    private const int PerSecond = 5;
    private const double Share = 0.8;

    public override string Name => "limits-data-center";

    public override string Target => "all in place within 1.2x of requests / the share taken; at most 1,250 requests";

    public override string Setup =>
        $"Data Center limited to {Burst} + {PerSecond}/s without Retry-After, {Repositories} repositories, share 80 %";

    public override bool MostlyWaits => true;

    // The fewest: discovery (see Restart), and a list and a create for each repository.
    private static double LeastRequests => 6 + (2 * Repositories);

    public override async Task<Measured> RunAsync(BenchWorld world, CancellationToken cancellationToken)
    {
        var seed = Seeds.DataCenter(10, Repositories / 10);
        seed["rateLimit"] = new JsonObject { ["enabled"] = true, ["capacity"] = Burst, ["fillRate"] = PerSecond, ["retryAfter"] = "None" };
        var bitbucket = await world.StartBitbucketAsync(seed, cancellationToken);
        await world.AddNamespaceAsync("bench", bitbucket.CaPem, cancellationToken);
        await world.Kubernetes.ApplyAsync(Manifests.Secret("bench", "bot", ("token", Seeds.TokenOf("bot"))), cancellationToken);
        await world.StartLeaderAsync(cancellationToken);

        var bound = LeastRequests / (PerSecond * Share);
        var start = Steps.Now();
        var connection = Manifests.Connection("bench", "limited", Manifests.DataCenterSpec(bitbucket.Url, "bot", "Repository"));
        await world.Kubernetes.ApplyAsync(connection, cancellationToken);
        var done = await world.UntilWebhooksAsync(bitbucket, Repositories, TimeSpan.FromSeconds(bound * 1.2), cancellationToken);
        var (seconds, counts) = (Steps.Seconds(start), await bitbucket.CountsAsync());
        return new Measured(
            [
                Measurement.Within(1.2, "all webhooks in place", seconds, bound, "s") with { Unfinished = !done },
                new Measurement("webhooks in place", counts.WebhookPosts) { AtLeast = Repositories },
                new Measurement("requests", counts.Requests) { Bound = LeastRequests, AtMost = 1250 },
                new Measurement("answers with 429", counts.RateLimited),
            ],
            counts);
    }
}
