using System.Text.Json.Nodes;
using BitbucketOperator.Benchmarks.Results;

namespace BitbucketOperator.Benchmarks.World;

/// <summary>What rows do again and again.</summary>
internal static class Steps
{
    private const int ParallelWrites = 8;

    public static double Seconds(long since) => TimeProvider.System.GetElapsedTime(since).TotalSeconds;

    public static long Now() => TimeProvider.System.GetTimestamp();

    /// <summary>Lets a length of time pass: what is measured is what happens in it.</summary>
    public static Task PassAsync(TimeSpan length, CancellationToken cancellationToken) =>
        Eventually.IsTrueWithinAsync(length, () => Task.FromResult(false), cancellationToken);

    /// <summary>Makes a namespace with what its connections need.</summary>
    public static async Task AddNamespaceAsync(this BenchWorld world, string ns, string? caPem, CancellationToken cancellationToken)
    {
        await world.Kubernetes.ApplyAsync(Manifests.Namespace(ns), cancellationToken);
        foreach (var manifest in Manifests.Shared(ns, caPem))
        {
            await world.Kubernetes.ApplyAsync(manifest, cancellationToken);
        }
    }

    public static Task ApplyAllAsync(this BenchWorld world, IEnumerable<JsonObject> manifests, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            manifests,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelWrites, CancellationToken = cancellationToken },
            async (manifest, cancel) => await world.Kubernetes.ApplyAsync(manifest, cancel));

    /// <summary>Waits for a condition Ready that is True for the current generation.</summary>
    public static Task<bool> UntilReadyAsync(
        this BenchWorld world, string ns, string name, TimeSpan patience, CancellationToken cancellationToken) =>
        world.Kubernetes.WatchUntilAsync(
            $"{Kubernetes.Connections(ns)}?fieldSelector=metadata.name={name}", IsReady, patience, cancellationToken);

    /// <summary>Waits until so many connections are ready, and returns how many are in the end.</summary>
    public static async Task<int> UntilAllReadyAsync(
        this BenchWorld world, int count, TimeSpan patience, CancellationToken cancellationToken)
    {
        var ready = new HashSet<string>(StringComparer.Ordinal);
        await world.Kubernetes.WatchUntilAsync(
            Kubernetes.Connections(),
            connection =>
            {
                var name = $"{connection["metadata"]!["namespace"]}/{connection["metadata"]!["name"]}";
                _ = IsReady(connection) ? ready.Add(name) : ready.Remove(name);
                return ready.Count == count;
            },
            patience,
            cancellationToken);
        return ready.Count;
    }

    /// <summary>
    /// Waits until so many webhooks were created since the server's counters were reset, and says every half minute how many.
    /// </summary>
    public static async Task<bool> UntilWebhooksAsync(
        this BenchWorld world, SimulatorProcess bitbucket, long count, TimeSpan patience, CancellationToken cancellationToken)
    {
        var (start, told) = (Now(), 0);
        return await Eventually.IsTrueWithinAsync(
            patience,
            async () =>
            {
                var counts = await bitbucket.CountsAsync();
                if ((int)Seconds(start) / 30 > told)
                {
                    told = (int)Seconds(start) / 30;
                    world.Say(
                        $"{counts.WebhookPosts} of {count} webhooks after {Seconds(start):0} s, "
                        + $"{counts.Requests} requests, {counts.RateLimited} answered 429");
                }

                return counts.WebhookPosts >= count;
            },
            cancellationToken);
    }

    public static bool IsReady(JsonNode connection)
    {
        var status = connection["status"];
        return (long?)status?["observedGeneration"] == (long?)connection["metadata"]!["generation"]
            && status?["conditions"]?.AsArray().FirstOrDefault(c => (string?)c!["type"] == "Ready") is { } ready
            && (string?)ready["status"] == "True";
    }

    /// <summary>Resident memory at its most.</summary>
    public static Measurement PeakMemory(this OperatorProcess process, double? atMost) =>
        new("peak memory", process.Figures.PeakMiB, "MiB") { AtMost = atMost };
}
