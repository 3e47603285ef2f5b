using System.Text.Json.Nodes;
using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks.Rows;

/// <summary>A cold start with many small connections, and how soon an edit is seen in status.</summary>
internal sealed class ManyConnections(int connections, bool oneUrl) : Row
{
    private const int Edits = 21;

    // The targets are for 2,000.
    private double Scale => connections / 2000.0;

    public override string Name => oneUrl ? "connections-one-url" : "connections-distinct-urls";

    public override string Target =>
        $"{connections} connections: {56 * Scale:0} s, {17 * Scale:0.#} s of processor time, peak memory 150 MiB; edit to status p50 33 ms";

    public override string Setup =>
        $"Data Center, {connections} connections with a token and two repositories each, "
        + $"{(oneUrl ? "all with one webhook URL" : "each with its own webhook URL")}, cold start";

    public override async Task<Measured> RunAsync(BenchWorld world, CancellationToken cancellationToken)
    {
        var bitbucket = await world.StartBitbucketAsync(Seeds.Tenants(connections), cancellationToken);
        await Tenants.AddAsync(world, bitbucket, connections, oneUrl, cancellationToken);
        await bitbucket.ResetCountsAsync();

        var before = await world.ApiWritesAsync(cancellationToken);
        var start = Steps.Now();
        var leader = world.StartOperator();
        var ready = await world.UntilAllReadyAsync(connections, TimeSpan.FromSeconds(30 + (300 * Scale)), cancellationToken);
        var (seconds, figures, counts) = (Steps.Seconds(start), leader.Figures, await bitbucket.CountsAsync());
        var writes = await world.ApiWritesAsync(cancellationToken) - before;
        world.Say($"{ready} of {connections} are Ready after {seconds:0.0} s");
        world.Say($"writes so far: {await world.ApiWritesByResourceAsync(cancellationToken)}");
        var edits = ready < connections ? [] : await EditAsync(world, cancellationToken);
        var median = edits.Select(e => e * 1000).Skip(edits.Length / 2).Take(1);
        return new Measured(
            [
                new Measurement("all Ready", seconds, "s") { AtMost = 56 * Scale, Unfinished = ready < connections },
                new Measurement("processor time", figures.CpuSeconds, "s") { AtMost = 17 * Scale },
                leader.PeakMemory(150),
                new Measurement("writes to the API server per connection", (double)writes / connections),
                .. median.Select(p50 => new Measurement("edit to status, p50", p50, "ms") { AtMost = 33 }),
            ],
            counts);
    }

    /// <summary>How long edits of spec.interval took until status had their generation, in order.</summary>
    private async Task<double[]> EditAsync(BenchWorld world, CancellationToken cancellationToken)
    {
        var took = new List<double>();
        for (var i = 0; i < Edits; i++)
        {
            var tenant = 1 + (i * connections / Edits);
            var (ns, name) = (Tenants.NamespaceOf(tenant), Tenants.NameOf(tenant));
            var path = $"{Kubernetes.Connections(ns)}/{name}";
            var generation = (long)(await world.Kubernetes.ReadAsync(path, cancellationToken))!["metadata"]!["generation"]!;
            var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var seen = world.Kubernetes.WatchUntilAsync(
                $"{Kubernetes.Connections(ns)}?fieldSelector=metadata.name={name}",
                connection =>
                {
                    first.TrySetResult();
                    return (long?)connection["status"]?["observedGeneration"] > generation;
                },
                TimeSpan.FromMinutes(1),
                cancellationToken);
            await Task.WhenAny(first.Task, seen);
            var start = Steps.Now();
            var edit = new JsonObject { ["spec"] = new JsonObject { ["interval"] = "11m" } };
            await world.Kubernetes.MergeAsync(path, edit, cancellationToken);
            await seen;
            took.Add(Steps.Seconds(start));
        }

        return [.. took.Order()];
    }
}
