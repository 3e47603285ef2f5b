using System.Diagnostics;

namespace BitbucketOperator.ControlPlane;

/// <summary>How a command ended.</summary>
/// <param name="CommandLine">The command, for messages. Its standard input is not part of it.</param>
/// <param name="ExitCode">0 means success.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record CommandResult(string CommandLine, int ExitCode, string Output, string Error)
{
    /// <summary>Returns this result, for chaining.</summary>
    /// <exception cref="ClusterException">The command failed; the message holds what it said.</exception>
    public CommandResult EnsureSuccess() => ExitCode == 0
        ? this
        : throw new ClusterException($"'{CommandLine}' ended with {ExitCode}: {Error.Trim()} {Output.Trim()}".TrimEnd());
}

/// <summary>A cluster could not be had or did not do what it was asked.</summary>
public sealed class ClusterException : Exception
{
    /// <inheritdoc/>
    public ClusterException() { }

    /// <inheritdoc/>
    public ClusterException(string message) : base(message) { }

    /// <inheritdoc/>
    public ClusterException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>Runs programs to their end.</summary>
internal static class Command
{
    /// <summary>Runs a program. A program that is cancelled is killed with all its children.</summary>
    public static async Task<CommandResult> RunAsync(
        string program,
        IReadOnlyList<string> arguments,
        string? input = null,
        IReadOnlyDictionary<string, string>? environment = null,
        Action<string>? onError = null,
        string? directory = null,
        CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[name] = value;

        using var process = Process.Start(start) ?? throw new ClusterException($"{program} did not start.");
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = ReadLinesAsync(process.StandardError, onError, cancellationToken);
            await WriteInputAsync(process, input, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new CommandResult($"{Path.GetFileName(program)} {string.Join(' ', arguments)}", process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Whether a program of this name is in a folder of PATH.</summary>
    public static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task WriteInputAsync(Process process, string? input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync((input ?? "").AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of its input; its exit code says why.
        }
    }

    private static async Task<string> ReadLinesAsync(StreamReader reader, Action<string>? onLine, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            lines.Add(line);
            onLine?.Invoke(line);
        }
        return string.Join('\n', lines);
    }
}
