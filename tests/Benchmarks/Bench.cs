using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.Rows;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks;

/// <summary>Runs rows and gathers what they say.</summary>
internal static class Bench
{
    /// <summary>The rows asked for; a word that names none is an error.</summary>
    /// <exception cref="ArgumentException">The message names the word and the rows.</exception>
    public static IReadOnlyList<Row> Choose(IReadOnlyList<string> words, bool full)
    {
        var all = AllRows.Of(full);
        if (words.FirstOrDefault(w => !all.Any(r => r.IsNamed(w))) is { } unknown)
        {
            throw new ArgumentException($"no row is called '{unknown}': {string.Join(' ', all.Select(r => r.Name))}");
        }

        return words.Count == 0 ? all : [.. all.Where(r => words.Any(r.IsNamed))];
    }

    /// <summary>Rows that work, one by one; then those that wait, side by side.</summary>
    public static async Task<BenchResult> RunAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetUtcNow();
        var rows = Choose(options.Rows, options.Full);
        var results = new Dictionary<string, RowResult>(StringComparer.Ordinal);
        foreach (var row in rows.Where(r => !r.MostlyWaits))
        {
            results[row.Name] = await RunAsync(row, options, cancellationToken);
        }

        foreach (var result in await Task.WhenAll(rows.Where(r => r.MostlyWaits).Select(r => RunAsync(r, options, cancellationToken))))
        {
            results[result.Name] = result;
        }

        return new BenchResult(
            BenchResult.CurrentVersion,
            started,
            Environment.ProcessorCount,
            new FileInfo(options.Binary).Length,
            options.Full,
            [.. rows.Select(r => results[r.Name])]);
    }

    /// <summary>The worst of some measurements.</summary>
    public static Verdict VerdictOf(IReadOnlyList<Measurement> measurements) =>
        measurements.Any(m => m.Verdict == Verdict.Missed) ? Verdict.Missed
        : measurements.Any(m => m.Verdict == Verdict.Met) ? Verdict.Met
        : Verdict.None;

    private static async Task<RowResult> RunAsync(Row row, BenchOptions options, CancellationToken cancellationToken)
    {
        void Say(string line) => Console.Error.WriteLine($"{row.Name}: {line}");
        var (start, load) = (Steps.Now(), Load());
        Say(row.Setup);
        var (verdict, reason, measured) = await AttemptAsync(row, options, Say, cancellationToken);
        Say($"{verdict} after {Steps.Seconds(start):0} s{(reason is null ? "" : $": {reason}")}");
        return new RowResult(
            row.Name,
            row.Target,
            row.Setup,
            verdict,
            reason,
            Math.Round(Steps.Seconds(start), 1),
            load,
            Load(),
            measured.Measurements,
            measured.Requests);
    }

    // The rows after one that failed are worth having too.
#pragma warning disable CA1031
    private static async Task<(Verdict, string? Reason, Measured)> AttemptAsync(
        Row row, BenchOptions options, Action<string> say, CancellationToken cancellationToken)
    {
        try
        {
            await using var world = await BenchWorld.StartAsync(
                options.Binary, Path.Combine(options.Output, "logs", row.Name), say, cancellationToken);
            var measured = await row.RunAsync(world, cancellationToken);
            return (VerdictOf(measured.Measurements), null, measured);
        }
        catch (CannotRunException e)
        {
            return (Verdict.NotRun, e.Message, new Measured([]));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return (Verdict.Failed, e.Message, new Measured([]));
        }
    }
#pragma warning restore CA1031

    private static string Load() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);
}
