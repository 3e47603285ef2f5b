using System.Diagnostics;

namespace BitbucketOperator.Testing;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">0 for success.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Error">What it printed to standard error.</param>
public sealed record ToolResult(int ExitCode, string Output, string Error);

/// <summary>Programs of Debian's archive that tests run: this machine's own, or fetched into the cache by eng/tools.sh.</summary>
public static class DebianTool
{
    /// <summary>Where the program is; fetched first where it is missing.</summary>
    public static async Task<string> PathOfAsync(string tool)
    {
        var found = await StartAsync(SourceTree.PathOf("eng", "tools.sh"), input: null, [tool]);
        return found.ExitCode == 0 ? found.Output.Trim() : throw new InvalidOperationException($"eng/tools.sh {tool}: {found.Error}");
    }

    /// <summary>Runs the program to its end. Look at the result: a failure does not throw.</summary>
    public static async Task<ToolResult> RunAsync(string tool, string? input, params string[] arguments) =>
        await StartAsync(await PathOfAsync(tool), input, arguments);

    /// <summary>Runs a script of this repository to its end, by its path from the root, with variables besides those of this process.</summary>
    public static Task<ToolResult> RunScriptAsync(string script, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        StartAsync(SourceTree.PathOf(script.Split('/')), input: null, arguments, environment);

    private static async Task<ToolResult> StartAsync(
        string program, string? input, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await error);
    }
}
