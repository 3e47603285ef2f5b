using System.Diagnostics;
using System.Globalization;

namespace BitbucketOperator.Benchmarks.World;

/// <summary>A program that writes its output to a file: reading a pipe would cost this process time that it measures.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private bool _disposed;

    private ChildProcess(Process process, string log) => (_process, Log) = (process, log);

    /// <summary>The file with what it printed.</summary>
    public string Log { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public static ChildProcess Start(string log, IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        const string Script = "exec \"$@\" >\"$0\" 2>&1 </dev/null";
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, log, .. command]) { UseShellExecute = false };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(Process.Start(start)!, log);
    }

    /// <summary>Sends a signal, such as TERM or STOP.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Ends it as Kubernetes does; kills it where it does not end.</summary>
    public async Task StopAsync()
    {
        if (!HasExited)
        {
            await SignalAsync("TERM");
            if (!await Eventually.IsTrueWithinAsync(TimeSpan.FromSeconds(30), () => Task.FromResult(HasExited)))
            {
                _process.Kill();
            }
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>The first line of its output that begins with a text.</summary>
    public async Task<string> LineAsync(string beginning, CancellationToken cancellationToken)
    {
        string? line = null;
        await Eventually.IsTrueAsync(
            $"a line '{beginning}...' of {Path.GetFileName(Log)}",
            () => HasExited || (line = Lines().FirstOrDefault(l => l.StartsWith(beginning, StringComparison.Ordinal))) is not null,
            cancellationToken: cancellationToken);
        return line ?? throw new InvalidOperationException($"it ended early: {string.Join(' ', Lines().TakeLast(3))}");
    }

    public async ValueTask DisposeAsync()
    {
        // A row may end one early; its world ends all that are left.
        if (_disposed) return;
        _disposed = true;
        if (!HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    // The last line may be half written.
    private string[] Lines()
    {
        var text = File.Exists(Log) ? File.ReadAllText(Log) : "";
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n');
    }
}
