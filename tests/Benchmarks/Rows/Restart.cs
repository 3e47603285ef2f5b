using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks.Rows;

/// <summary>What a restart costs Bitbucket when nothing has changed.</summary>
internal sealed class Restart(int connections) : Row
{
    // What the server is (2), whose the token is (1), and what it may do (2).
    private const int Examination = 5;
    private const int Scopes = 2;

    // Data Center filters pages after it has read them: a token that sees two repositories gets as many pages as all have.
    private const int PageSize = 1000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan WebhookInterval = TimeSpan.FromHours(1);

    public override string Name => "restart";

    public override string Target => "discovery and the regular verification slots only";

    public override string Setup =>
        $"Data Center, {connections} settled connections with a token and two repositories each; "
        + "requests in the two minutes after a restart";

    public override bool MostlyWaits => true;

    public override async Task<Measured> RunAsync(BenchWorld world, CancellationToken cancellationToken)
    {
        var bitbucket = await world.StartBitbucketAsync(Seeds.Tenants(connections), cancellationToken);
        await Tenants.AddAsync(world, bitbucket, connections, oneUrl: false, cancellationToken);
        var leader = world.StartOperator();
        var ready = await world.UntilAllReadyAsync(connections, TimeSpan.FromSeconds(60 + (connections * 0.15)), cancellationToken);
        if (ready < connections) throw new CannotRunException($"only {ready} of {connections} connections became Ready");
        await leader.StopAsync();
        await bitbucket.ResetCountsAsync();

        leader = world.StartOperator();
        await Steps.PassAsync(Window, cancellationToken);
        var counts = await bitbucket.CountsAsync();
        var pages = Math.Ceiling((double)connections * Scopes / PageSize);
        var bound = connections * (Examination + pages + (Scopes * Window / WebhookInterval));
        return new Measured(
            [
                Measurement.Within(1.2, "requests in two minutes", counts.Requests, bound),
                new Measurement("reads of webhooks", counts.WebhookReads) { Bound = connections * (Scopes * Window / WebhookInterval) },
                new Measurement("writes to Bitbucket", counts.WebhookWriteAttempts) { AtMost = 0 },
                new Measurement("processor time", leader.Figures.CpuSeconds, "s"),
            ],
            counts);
    }
}
