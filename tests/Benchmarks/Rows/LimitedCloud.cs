using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks.Rows;

/// <summary>
/// Three minutes of the hours that a Cloud workspace takes, with a restart in them. Tests with a fake clock show the hours.
/// </summary>
internal sealed class LimitedCloud : Row
{
    private const int Repositories = 600;
    private const int PerHour = 1000;
    private const double Share = 0.8;
    private const int RequestsPerWebhook = 2;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(180);

    public override string Name => "limits-cloud";

    public override string Target => "webhooks from the first minute, all within 1.2x of the bound, never over a limit";

    public override string Setup =>
        $"Cloud, {PerHour} requests per hour and group, {Repositories} repositories, token without rights on the workspace; "
        + "a slice of 180 s with a restart after 60 s";

    public override bool MostlyWaits => true;

    public override async Task<Measured> RunAsync(BenchWorld world, CancellationToken cancellationToken)
    {
        var bitbucket = await world.StartBitbucketAsync(Seeds.Cloud(6, Repositories / 6), cancellationToken, cloud: true);
        await world.AddNamespaceAsync("bench", bitbucket.CaPem, cancellationToken);
        var credential = Manifests.Secret("bench", "bot", ("email", "bot@example.com"), ("token", Seeds.TokenOf("bot")));
        await world.Kubernetes.ApplyAsync(credential, cancellationToken);
        string[] flags = ["--cloud-api-url", bitbucket.Url, "--cloud-token-url", bitbucket.TokenUrl!];
        var leader = await world.StartLeaderAsync(cancellationToken, flags);

        var start = Steps.Now();
        await world.Kubernetes.ApplyAsync(Manifests.Connection("bench", "cloud", Manifests.CloudSpec("bot")), cancellationToken);
        await Steps.PassAsync(First, cancellationToken);
        var first = await bitbucket.CountsAsync();
        world.Say($"{first.WebhookPosts} webhooks after 60 s, {first.Requests} requests");
        await leader.StopAsync();
        world.StartOperator(flags);
        await Steps.PassAsync(Slice - TimeSpan.FromSeconds(Steps.Seconds(start)), cancellationToken);
        var last = await bitbucket.CountsAsync();

        var bound = PerHour * Share * Slice.TotalHours / RequestsPerWebhook;
        var webhookRequests = last.WebhookReads + last.WebhookWriteAttempts;
        return new Measured(
            [
                new Measurement("webhooks after 60 s", first.WebhookPosts) { AtLeast = 1 },
                new Measurement("webhooks after 180 s", last.WebhookPosts) { Bound = bound, AtLeast = Math.Floor(bound / 1.2) },
                new Measurement("requests of group webhooks", webhookRequests) { AtMost = PerHour },
                new Measurement("requests of other groups", last.Requests - webhookRequests) { AtMost = PerHour },
                new Measurement("answers with 429", last.RateLimited) { AtMost = 0 },
            ],
            last);
    }
}
