namespace BitbucketOperator.ControlPlane;

/// <summary>How to start a cluster for tests. The defaults serve most of them.</summary>
public sealed record ClusterOptions
{
    /// <summary>The kind to use; null (default) to choose by <c>CLUSTER</c> and by what the machine has.</summary>
    public ClusterKind? Kind { get; init; }

    /// <summary>How long an API server may take until it is ready. Default: 3 minutes. Building or fetching it is not part of that.</summary>
    public TimeSpan StartTimeout { get; init; } = Eventually.Limit;

    /// <summary>Is told what is being done, line by line. Default: standard error.</summary>
    public Action<string> Log { get; init; } = Console.Error.WriteLine;
}
