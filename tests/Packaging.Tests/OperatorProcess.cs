using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace BitbucketOperator.Packaging.Tests;

/// <summary>The published binary, started as a Pod of the chart starts it.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private const string BinaryVariable = "BITBUCKET_OPERATOR_BINARY";
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly IPEndPoint _health;

    private OperatorProcess(Process process, IPEndPoint health)
    {
        _process = process;
        _health = health;
        _output = process.StandardOutput.ReadToEndAsync();
    }

    private static string Binary { get; } = Environment.GetEnvironmentVariable(BinaryVariable)
        ?? SourceTree.PathOf("artifacts", "publish", "Operator", "release_linux-x64", "bitbucket-operator");

    /// <summary>Starts it with the Pod's arguments, but for the port of its health, which is one that this machine has free.</summary>
    public static OperatorProcess Start(IReadOnlyList<string> arguments, string kubeconfig, string @namespace)
    {
        File.Exists(Binary).ShouldBeTrue($"{Binary} is not there: run make publish, or set {BinaryVariable}");
        var health = FreeAddress();
        const string Health = "--health-address=";
        arguments.ShouldContain(a => a.StartsWith(Health, StringComparison.Ordinal));
        var start = new ProcessStartInfo(
            Binary,
            [.. arguments.Where(a => !a.StartsWith(Health, StringComparison.Ordinal)), $"{Health}{health}", "--kubeconfig", kubeconfig])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment["BITBUCKET_OPERATOR_OPERATOR_NAMESPACE"] = @namespace;
        return new OperatorProcess(Process.Start(start)!, health);
    }

    /// <summary>Asks as the chart's test asks.</summary>
    public async Task ShouldBecomeReadyAsync()
    {
        using var probe = Process.Start(new ProcessStartInfo(Binary, ["probe", $"http://{_health}/readyz", "--timeout=60"]) { UseShellExecute = false, RedirectStandardError = true })!;
        var error = await probe.StandardError.ReadToEndAsync();
        await probe.WaitForExitAsync();
        if (probe.ExitCode != 0)
        {
            await DisposeAsync();
            probe.ExitCode.ShouldBe(0, $"{error}\n{await _output}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
    }

    private static IPEndPoint FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }
}
