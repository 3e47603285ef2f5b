using System.Diagnostics;
using BitbucketOperator.ControlPlane;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Packaging.Tests;

/// <summary>The published binary, started as a Pod of the chart starts it.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private const string BinaryVariable = "BITBUCKET_OPERATOR_BINARY";
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly ReservedPort _health;
    private readonly ReservedPort _metrics;

    private OperatorProcess(Process process, ReservedPort health, ReservedPort metrics)
    {
        (_process, _health, _metrics) = (process, health, metrics);
        _output = process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>Where it is.</summary>
    public static string Binary { get; } = Environment.GetEnvironmentVariable(BinaryVariable)
        ?? SourceTree.PathOf("artifacts", "publish", "Operator", "release_linux-x64", "bitbucket-operator");

    /// <summary>Starts it with the Pod's arguments, but for the port of its health, which is one that this machine has free.</summary>
    public static OperatorProcess Start(IReadOnlyList<string> arguments, string kubeconfig, string @namespace)
    {
        File.Exists(Binary).ShouldBeTrue($"{Binary} is not there: run make publish, or set {BinaryVariable}");
        var (health, metrics) = (FreePorts.Reserve(), FreePorts.Reserve());
        const string Health = "--health-address=";
        const string Metrics = "--metrics-bind-address=";
        arguments.ShouldContain(a => a.StartsWith(Health, StringComparison.Ordinal));
        var start = new ProcessStartInfo(
            Binary,
            [.. arguments.Where(a => !a.StartsWith(Health, StringComparison.Ordinal) && !a.StartsWith(Metrics, StringComparison.Ordinal)),
                $"{Health}{health}", $"{Metrics}{metrics}", "--kubeconfig", kubeconfig])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment["BITBUCKET_OPERATOR_OPERATOR_NAMESPACE"] = @namespace;
        return new OperatorProcess(Process.Start(start)!, health, metrics);
    }

    /// <summary>Runs the binary to its end; the output is of both streams.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Binary, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }

    /// <summary>Asks as the chart's test asks.</summary>
    public async Task ShouldBecomeReadyAsync()
    {
        var (exitCode, output) = await RunAsync("probe", $"http://{_health}/readyz", "--timeout=180");
        if (exitCode != 0)
        {
            await DisposeAsync();
            exitCode.ShouldBe(0, $"{output}\n{await _output}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _health.Dispose();
        _metrics.Dispose();
    }
}
