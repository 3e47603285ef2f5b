using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks.Rows;

/// <summary>What a settled connection costs.</summary>
internal sealed class UnchangedReconcile : Row
{
    private const int Projects = 40;
    private const int PerProject = 25;

    // Whether the token still works, and which version it is, is asked with each discovery.
    private const int CredentialRequests = 3;
    private const int Discoveries = 4;
    private const int Verifications = 2;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(120);

    public override string Name => "unchanged";

    public override string Target => "no write to Bitbucket or the API server; project-level: pages + projects requests";

    public override string Setup =>
        $"Data Center, {Projects} projects with {PerProject} repositories each, level Project, "
        + "interval 30s, webhookInterval 1m; a window of 120 s";

    public override bool MostlyWaits => true;

    public override async Task<Measured> RunAsync(BenchWorld world, CancellationToken cancellationToken)
    {
        var bitbucket = await world.StartBitbucketAsync(Seeds.DataCenter(Projects, PerProject), cancellationToken);
        await world.AddNamespaceAsync("bench", bitbucket.CaPem, cancellationToken);
        await world.Kubernetes.ApplyAsync(Manifests.Secret("bench", "bot", ("token", Seeds.TokenOf("bot"))), cancellationToken);
        var leader = await world.StartLeaderAsync(cancellationToken);
        var spec = Manifests.DataCenterSpec(bitbucket.Url, "bot", "Project");
        (spec["interval"], spec["webhookInterval"]) = ("30s", "1m");
        await world.Kubernetes.ApplyAsync(Manifests.Connection("bench", "settled", spec), cancellationToken);
        if (!await world.UntilReadyAsync("bench", "settled", TimeSpan.FromMinutes(2), cancellationToken))
        {
            throw new CannotRunException("the connection was not Ready after two minutes");
        }

        // Whatever still follows the first Ready is no part of a settled connection.
        await Steps.PassAsync(TimeSpan.FromSeconds(40), cancellationToken);
        await bitbucket.ResetCountsAsync();
        var (before, processor) = (await world.ApiWritesAsync(cancellationToken), leader.Figures.CpuSeconds);
        await Steps.PassAsync(Window, cancellationToken);
        var counts = await bitbucket.CountsAsync();
        var writes = await world.ApiWritesAsync(cancellationToken) - before;
        var bound = (Discoveries * (1 + CredentialRequests)) + (Verifications * Projects);
        return new Measured(
            [
                new Measurement("writes to Bitbucket", counts.WebhookWriteAttempts) { AtMost = 0 },
                new Measurement("writes to the API server", writes) { AtMost = 0 },
                // The window may begin just before a discovery or a verification, and hold one more of each.
                new Measurement("requests", counts.Requests) { Bound = bound, AtMost = bound + 1 + CredentialRequests + Projects },
                new Measurement("processor time", leader.Figures.CpuSeconds - processor, "s"),
            ],
            counts);
    }
}
