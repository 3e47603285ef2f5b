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

    private static async Task<ToolResult> StartAsync(string program, string? input, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await error);
    }
}
