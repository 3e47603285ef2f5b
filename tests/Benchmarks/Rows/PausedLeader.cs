using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks.Rows;

/// <summary>A leader that stands still in the middle of its writes until another one leads and has done its work.</summary>
internal sealed class PausedLeader(int rounds) : Row
{
    private const int Repositories = 100;
    private const int LatencyMilliseconds = 100;

    public override string Name => "paused-leader";

    public override string Target => "not one write after the other leads";

    public override string Setup =>
        $"Data Center, {Repositories} repositories, {LatencyMilliseconds} ms latency, two operators; "
        + "the leader is stopped (SIGSTOP) amid its writes, "
        + $"and goes on once the other has written all webhooks; {rounds} time(s)";

    public override async Task<Measured> RunAsync(BenchWorld world, CancellationToken cancellationToken)
    {
        var (writes, dirty) = (0L, 0);
        for (var round = 1; round <= rounds; round++)
        {
            var late = await RoundAsync(world, round, cancellationToken);
            writes += late;
            dirty += late > 0 ? 1 : 0;
            world.Say($"round {round} of {rounds}: {late} writes of the former leader");
        }

        return new Measured(
        [
            new Measurement("writes after the other led", writes) { AtMost = 0 },
            new Measurement("rounds with such writes", dirty),
        ]);
    }

    private static async Task<long> RoundAsync(BenchWorld world, int round, CancellationToken cancellationToken)
    {
        var ns = $"round-{round}";
        await using var bitbucket = await world.StartBitbucketAsync(Seeds.DataCenter(1, Repositories), cancellationToken, name: ns);
        await bitbucket.DelayAsync(LatencyMilliseconds);
        await world.AddNamespaceAsync(ns, bitbucket.CaPem, cancellationToken);
        await world.Kubernetes.ApplyAsync(Manifests.Secret(ns, "bot", ("token", Seeds.TokenOf("bot"))), cancellationToken);
        string[] flags = ["--watch-namespaces", ns];
        await using var first = await world.StartLeaderAsync(cancellationToken, flags);
        var leader = await world.LeaderAsync(cancellationToken);
        await using var second = world.StartOperator(flags);
        await world.Kubernetes.ApplyAsync(
            Manifests.Connection(ns, "large", Manifests.DataCenterSpec(bitbucket.Url, "bot", "Repository")), cancellationToken);

        // Another place in its work each time.
        if (!await world.UntilWebhooksAsync(bitbucket, 10 * round, TimeSpan.FromMinutes(1), cancellationToken))
        {
            throw new CannotRunException("the first leader wrote too few webhooks in a minute");
        }

        await first.PauseAsync();
        await Eventually.IsTrueAsync(
            "another leader",
            async () => await world.LeaderAsync(cancellationToken) is { Length: > 0 } holder && holder != leader,
            cancellationToken: cancellationToken);
        if (!await world.UntilWebhooksAsync(bitbucket, Repositories, TimeSpan.FromMinutes(1), cancellationToken)
            || !await world.UntilReadyAsync(ns, "large", TimeSpan.FromMinutes(1), cancellationToken))
        {
            throw new CannotRunException("the second leader did not finish in a minute");
        }

        var before = (await bitbucket.CountsAsync()).WebhookWriteAttempts;
        await first.ResumeAsync();
        await Steps.PassAsync(TimeSpan.FromSeconds(10), cancellationToken);
        var late = (await bitbucket.CountsAsync()).WebhookWriteAttempts - before;
        await first.StopAsync();
        await second.StopAsync();
        return late;
    }
}
