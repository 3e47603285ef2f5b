using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace BitbucketOperator.ControlPlane;

/// <summary>A server's process, known by a file with its id, so that a later process can stop it as well.</summary>
internal sealed partial class ServerProcess(string name, string directory) : IDisposable
{
    private const int SignalKill = 9;
    private const int SignalTerminate = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private Process? _starter;

    private string PidFile => Path.Combine(directory, name + ".pid");

    private string LogFile => Path.Combine(directory, name + ".log");

    /// <summary>Whether the process lives. One that was killed is not gone yet: see <see cref="GoneAsync"/>.</summary>
    public bool IsRunning => Pid is { } pid && Names(pid, directory);

    /// <summary>The id of the process, also while it ends. An id that another program has been given since does not count.</summary>
    private int? Pid
    {
        get
        {
            try
            {
                var pid = int.Parse(File.ReadAllText(PidFile).Trim(), CultureInfo.InvariantCulture);
                return Names(pid, directory) || IsEnding(pid) ? pid : null;
            }
            catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>Starts the server.</summary>
    /// <param name="command">Program and arguments; one of them must name the folder.</param>
    /// <param name="outlive">Whether it is to go on when this process ends; otherwise it ends too, even if this process is killed.</param>
    public void Start(IReadOnlyList<string> command, bool outlive)
    {
        File.Delete(PidFile);
        var script = Cache.Script(outlive ? "detach.sh" : "guard.sh");
        _starter = Process.Start(new ProcessStartInfo("sh", [script, PidFile, LogFile, .. command])
        {
            UseShellExecute = false,
            RedirectStandardInput = !outlive,
            WorkingDirectory = directory,
        });
    }

    /// <summary>Whether it was started by this object and has already ended.</summary>
    public bool HasEnded => _starter is { HasExited: true };

    /// <summary>Asks it to stop and waits until it is gone; kills it when it does not stop, or when told to at once.</summary>
    /// <exception cref="TimeoutException">It was killed, and is there all the same.</exception>
    public async Task StopAsync(bool abruptly, CancellationToken cancellationToken)
    {
        if (Pid is { } pid)
        {
            _ = Signal(pid, abruptly ? SignalKill : SignalTerminate);
            if (!await Eventually.IsTrueWithinAsync(Patience, () => Task.FromResult(Pid is null), cancellationToken))
            {
                _ = Signal(pid, SignalKill);
                await GoneAsync(cancellationToken);
            }
        }
        File.Delete(PidFile);
        Dispose();
    }

    /// <summary>Waits until a process that ends has given its ports back.</summary>
    public Task GoneAsync(CancellationToken cancellationToken) =>
        Eventually.IsTrueAsync($"the end of {name}", () => Pid is null, () => Tail(), cancellationToken);

    /// <summary>The last lines of the log.</summary>
    public string Tail(int lines = 15)
    {
        if (!File.Exists(LogFile))
            return $"--- {name} has no log";
        return $"--- the last lines of {LogFile}\n{string.Join('\n', File.ReadLines(LogFile).TakeLast(lines))}";
    }

    public void Dispose()
    {
        // Closing the guard's input is what tells it to end the server.
        _starter?.Dispose();
        _starter = null;
    }

    private static bool Names(int pid, string directory)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains(directory, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether the process is on its way out. It loses its memory first, and with it its command line, and closes its sockets
    /// after that. What is left in the end, of a single task, is its exit code for whoever collects it.
    /// </summary>
    private static bool IsEnding(int pid)
    {
        const ulong Exiting = 0x4;
        try
        {
            // The program's name, in parentheses, may hold anything.
            var text = File.ReadAllText($"/proc/{pid}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            var collectable = fields[0] is "Z" or "X" && Directory.GetDirectories($"/proc/{pid}/task").Length == 1;
            return !collectable && (ulong.Parse(fields[6], CultureInfo.InvariantCulture) & Exiting) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Signal(int pid, int signal);
}
