using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks.Rows;

/// <summary>What a row measured.</summary>
/// <param name="Measurements">In the order in which the table shows them.</param>
/// <param name="Requests">The simulator's counters; null where they say nothing.</param>
internal sealed record Measured(IReadOnlyList<Measurement> Measurements, RequestCounts? Requests = null);

/// <summary>One line of DESIGN.md, section 8.</summary>
internal abstract class Row
{
    /// <summary>Small letters and hyphens. ROWS takes it, or the words before one of its hyphens.</summary>
    public abstract string Name { get; }

    /// <summary>The target in words.</summary>
    public abstract string Target { get; }

    /// <summary>What the servers hold, their latency and limits.</summary>
    public abstract string Setup { get; }

    /// <summary>Nearly all of its time is spent waiting, so that it may run beside others of its kind.</summary>
    public virtual bool MostlyWaits => false;

    public abstract Task<Measured> RunAsync(BenchWorld world, CancellationToken cancellationToken);

    public bool IsNamed(string word) => Name == word || Name.StartsWith(word + "-", StringComparison.Ordinal);
}
