namespace BitbucketOperator.Benchmarks.World;

/// <summary>The published binary, as the chart runs it but for its addresses.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private OperatorProcess(ChildProcess process) => _process = process;

    public bool HasExited => _process.HasExited;

    public ProcessFigures Figures => HasExited
        ? throw new InvalidOperationException($"the operator ended early, see {Path.GetFileName(_process.Log)}")
        : ProcessFigures.Of(_process.Id);

    public static OperatorProcess Start(string binary, string kubeconfig, string log, IReadOnlyList<string> flags)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            // Flags win over these.
            ["BITBUCKET_OPERATOR_HEALTH_ADDRESS"] = "127.0.0.1:0",
            ["BITBUCKET_OPERATOR_METRICS_BIND_ADDRESS"] = "127.0.0.1:0",
        };
        return new OperatorProcess(ChildProcess.Start(
            log,
            variables,
            [binary, "run", "--kubeconfig", kubeconfig, "--allowed-hosts", "*,127.0.0.1,localhost", "--log-format", "Json", .. flags]));
    }

    /// <summary>Stops the process without its knowledge, as a paused machine does.</summary>
    public Task PauseAsync() => _process.SignalAsync("STOP");

    public Task ResumeAsync() => _process.SignalAsync("CONT");

    public Task StopAsync() => _process.StopAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
