using BitbucketOperator.Testing.Cluster;

namespace BitbucketOperator.Chaos.World;

/// <summary>A replica: one process after the other, all of which reach the API server through the same proxy.</summary>
internal sealed class Replica(string kubeconfig, string ns, FaultProxy proxy, string[] flags) : IAsyncDisposable
{
    // A leader takes it that a killed one used up what it might have, and waits minutes on Cloud: more than a schedule has.
    private static readonly ApiFault Hidden = ApiFault.Of(403, "Forbidden", "records of rate limits are hidden");

    private readonly List<OperatorProcess> _processes = [];
    private readonly List<string> _surprises = [];
    private OperatorProcess? _endedByUs;

    public FaultProxy Proxy => proxy;

    /// <summary>What the API server answers wrongly. What it has of rate limits it never shows.</summary>
    public void Decide(Func<Passed, ApiFault?> decide) =>
        proxy.Decide = r => r.Url.Contains("-rate-limits", StringComparison.Ordinal) ? Hidden : decide(r);

    /// <summary>The present process and all former ones, oldest first.</summary>
    public IReadOnlyList<OperatorProcess> Processes => _processes;

    public OperatorProcess Current => _processes[^1];

    public bool IsRunning => _processes.Count > 0 && !Current.HasExited;

    /// <summary>Ends of processes that nobody asked for.</summary>
    public IReadOnlyList<string> Surprises => _surprises;

    /// <summary>Starts it where it does not run, as a Deployment would.</summary>
    public void EnsureRunning()
    {
        lock (_surprises)
        {
            if (!IsRunning)
            {
                Note();
                _processes.Add(OperatorProcess.Start(kubeconfig, ns, environment: null, flags));
            }
        }
    }

    public async Task KillAsync()
    {
        if (IsRunning)
        {
            _endedByUs = Current;
            await Current.KillAsync();
        }
    }

    public async Task TerminateAsync()
    {
        if (!IsRunning)
        {
            return;
        }

        _endedByUs = Current;
        if (await Current.StopAsync() is not 0 and var code)
        {
            _surprises.Add($"a process that was asked to stop ended with code {code}");
        }
    }

    public Task PauseAsync() => IsRunning ? Current.SignalAsync("STOP") : Task.CompletedTask;

    public Task ResumeAsync() => IsRunning ? Current.SignalAsync("CONT") : Task.CompletedTask;

    /// <summary>Takes note of an end that nobody asked for.</summary>
    public void Note()
    {
        if (_processes.Count > 0 && Current.HasExited && _endedByUs != Current)
        {
            _surprises.Add($"a process ended by itself; its last words: {string.Join('\n', Current.Lines.TakeLast(3))}");
            _endedByUs = Current;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await proxy.DisposeAsync();
    }
}
