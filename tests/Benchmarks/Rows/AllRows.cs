namespace BitbucketOperator.Benchmarks.Rows;

/// <summary>The rows, in the order of DESIGN.md, section 8.</summary>
internal static class AllRows
{
    /// <param name="full">The sizes of the design; else what a run of a few minutes affords.</param>
    public static IReadOnlyList<Row> Of(bool full) =>
    [
        new ManyRepositories(10_000, 120),
        .. full ? (Row[])[new ManyRepositories(50_000, 250)] : [],
        new LimitedDataCenter(),
        new LimitedCloud(),
        new UnchangedReconcile(),
        new Restart(full ? 2_000 : 500),
        new Resting(),
        new ManyConnections(full ? 2_000 : 500, oneUrl: false),
        new ManyConnections(full ? 2_000 : 500, oneUrl: true),
        new Tarpits(full ? TimeSpan.FromMinutes(10) : TimeSpan.FromMinutes(1)),
        new BlackHoles(full ? TimeSpan.FromMinutes(10) : TimeSpan.FromMinutes(1)),
        new PausedLeader(full ? 5 : 1),
    ];
}
