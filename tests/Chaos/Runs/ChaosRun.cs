using System.Collections.Concurrent;
using BitbucketOperator.Chaos.Schedules;
using BitbucketOperator.Chaos.World;

namespace BitbucketOperator.Chaos.Runs;

/// <summary>Plays schedules, several at once, and reduces those that fail.</summary>
internal sealed class ChaosRun(ChaosCluster cluster, ChaosOptions options)
{
    private readonly ConcurrentQueue<Failure> _failures = new();
    private int _played;

    /// <summary>The schedules that failed, smaller where they could be reduced.</summary>
    public async Task<IReadOnlyCollection<Failure>> RunAsync(CancellationToken cancellationToken)
    {
        var seeds = Enumerable.Range(0, options.Schedules).Select(i => options.Seed + i).ToList();
        var start = TimeProvider.System.GetTimestamp();
        if (options.Outages) await PlayRoundsAsync(seeds, cancellationToken);
        else await PlayAllAsync(seeds, cancellationToken);
        options.Say($"{_played} schedules in {Seconds(start)}, {options.Worlds} at once; {_failures.Count} failed");
        if (!options.Outages && options.Reduce)
        {
            foreach (var failure in _failures)
            {
                await ReduceAsync(failure, cancellationToken);
            }
        }

        return _failures;
    }

    private Task PlayAllAsync(IEnumerable<long> seeds, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        seeds,
        new ParallelOptions { MaxDegreeOfParallelism = options.Worlds, CancellationToken = cancellationToken },
        async (seed, cancel) => await PlayAsync(seed, cancel));

    // What is killed is everybody's, so all of a round begin together.
    private async Task PlayRoundsAsync(IEnumerable<long> seeds, CancellationToken cancellationToken)
    {
        foreach (var round in seeds.Chunk(options.Worlds))
        {
            var outage = Outage.Make(round[0]);
            options.Say($"round of {round.Length} from seed {round[0]}: {outage}");
            var breaking = outage.RunAsync(cluster.Cluster, cancellationToken);
            await Task.WhenAll([.. round.Select(s => PlayAsync(s, cancellationToken)), breaking]);
        }
    }

    private async Task PlayAsync(long seed, CancellationToken cancellationToken)
    {
        var (schedule, start) = (ScheduleMaker.Make(seed), TimeProvider.System.GetTimestamp());
        if (options.Keep.Count > 0) schedule = schedule.Only(options.Keep);
        var failure = await Play.FailureOfAsync(cluster, schedule, cancellationToken);
        Interlocked.Increment(ref _played);
        var took = $"{Seconds(start)}, {schedule.Steps.Count} steps in {schedule.Length.TotalSeconds:0} s";
        options.Say($"seed {seed}: {(failure is null ? "at rest" : "FAILED")} after {took}");
        if (failure is null) return;
        failure.Save(Path.Combine(options.Output, $"seed-{seed}"));
        _failures.Enqueue(failure);
        options.Say($"{failure.Message}\nlogs: {Path.Combine(options.Output, $"seed-{seed}")}; to repeat it: {CommandFor(seed, kept: [])}");
    }

    private async Task ReduceAsync(Failure failure, CancellationToken cancellationToken)
    {
        var seed = failure.Schedule.Seed;
        options.Say($"seed {seed}: trying with fewer steps");
        var reducer = new Reducer(s => Play.FailureOfAsync(cluster, s, cancellationToken), options.Worlds);
        var whole = ScheduleMaker.Make(seed);
        var (kept, smaller) = await reducer.ReduceAsync(options.Keep.Count > 0 ? whole.Only(options.Keep) : whole, failure);
        IReadOnlyList<int> numbers = options.Keep.Count > 0 ? [.. kept.Select(k => options.Keep[k])] : kept;
        smaller.Save(Path.Combine(options.Output, $"seed-{seed}-reduced"));
        options.Say($"{smaller.Schedule}\n{smaller.Message}\nto repeat it: {CommandFor(seed, numbers)}");
    }

    private static string Seconds(long since) => $"{TimeProvider.System.GetElapsedTime(since).TotalSeconds:0} s";

    private string CommandFor(long seed, IReadOnlyList<int> kept) => options.Outages
        ? $"make chaos N={options.Worlds} SEED={seed - ((seed - options.Seed) % options.Worlds)} WORLDS={options.Worlds} OUTAGES=1"
        : $"make chaos N=1 SEED={seed}{(kept.Count > 0 ? $" KEEP={string.Join(',', kept)}" : "")}";
}
