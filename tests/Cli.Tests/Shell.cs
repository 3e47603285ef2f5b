using BitbucketOperator.Testing.Cluster;
using System.Diagnostics;
using BitbucketOperator.Operator.Tests;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Cli.Tests;

/// <summary>How the binary ended, and what it said.</summary>
internal sealed record Said(int Code, string Output, string Error)
{
    public string All => Output + Error;
}

/// <summary>Runs the published binary, and programs around it, and looks for secrets in what they say.</summary>
internal static class Shell
{
    /// <summary>bitbucket-operator with arguments.</summary>
    public static Task<Said> RunAsync(params string[] arguments) => RunAsync(OperatorProcess.Binary, arguments);

    public static async Task<Said> RunAsync(
        string program, IEnumerable<string> arguments, string? input = null,
        IReadOnlyDictionary<string, string?>? environment = null, string? folder = null, Func<Process, Task>? meanwhile = null)
    {
        File.Exists(OperatorProcess.Binary).ShouldBeTrue($"{OperatorProcess.Binary} is not there: run make publish");
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input ?? "");
        process.StandardInput.Close();
        await (meanwhile?.Invoke(process) ?? Task.CompletedTask);
        await Eventually.EndsAsync($"the end of {Path.GetFileName(program)}", process.WaitForExitAsync());
        var said = new Said(process.ExitCode, await output, await error);
        Marked.ShouldNotBeIn($"what {Path.GetFileName(program)} said", said.All);
        return said;
    }
}
