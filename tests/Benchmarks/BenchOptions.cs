namespace BitbucketOperator.Benchmarks;

/// <summary>What a run is asked for.</summary>
internal sealed record BenchOptions
{
    /// <summary>Names of rows, or the words that several begin with; empty for all.</summary>
    public IReadOnlyList<string> Rows { get; init; } = [];

    /// <summary>The operator.</summary>
    public required string Binary { get; init; }

    /// <summary>Where results and logs go.</summary>
    public required string Output { get; init; }

    /// <summary>The sizes of the design, some of which take long.</summary>
    public bool Full { get; init; }

    /// <summary>A missed target ends the program with code 1.</summary>
    public bool Strict { get; init; }
}
