using System.Diagnostics;
using System.Net.Sockets;

namespace BitbucketOperator.ControlPlane.Tests;

public sealed class ServerProcessTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("bitbucket-operator-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task StarterKilledOutright_TakesTheServerWithIt()
    {
        // tail plays the server, and a shell that holds the guard's input plays the test run.
        var pidFile = Path.Combine(_directory, "server.pid");
        var guard = $"'{Cache.Script("guard.sh")}' '{pidFile}' '{_directory}/log' tail -f '{_directory}/log'";
        using var starter = Process.Start(new ProcessStartInfo("bash", ["-c", $"touch '{_directory}/log'; exec 7> >(sh {guard}); read -r _"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
        })!;
        using var server = new ServerProcess("server", _directory);
        await UntilAsync(() => server.IsRunning, "the server to run");

        starter.Kill();

        await UntilAsync(() => !server.IsRunning, "the server to end with its starter");
    }

    [Fact]
    public async Task ServerThatIgnoresTheRequestToStop_IsKilled()
    {
        using var server = new ServerProcess("server", _directory);
        server.Start(["bash", "-c", $"trap '' TERM; touch '{_directory}/deaf'; while true; do sleep 0.1; done"], outlive: false);
        await UntilAsync(() => File.Exists(Path.Combine(_directory, "deaf")), "the server to run");

        await server.StopAsync(abruptly: false, TestContext.Current.CancellationToken);

        server.IsRunning.ShouldBeFalse();
    }

    [Fact]
    public void ProcessIdOfAnotherProgram_IsNotTakenForTheServer()
    {
        File.WriteAllText(Path.Combine(_directory, "server.pid"), $"{Environment.ProcessId}");
        using var server = new ServerProcess("server", _directory);

        server.IsRunning.ShouldBeFalse();
    }

    [Fact]
    public async Task KilledServer_IsGoneWhenItsPortCanBeTaken()
    {
        // A large process: it takes time until its memory is given back, and its socket is closed after that.
        using var port = FreePorts.Reserve();
        var server = $"import socket, time; s = socket.create_server(('127.0.0.1', {port.Address.Port})); m = bytearray(300_000_000); open('{_directory}/up',"
            + $" 'w').close(); time.sleep(3600)";
        for (var round = 0; round < 5; round++)
        {
            using var process = new ServerProcess("server", _directory);
            process.Start(["python3", "-c", server, _directory], outlive: false);
            await UntilAsync(() => File.Exists(Path.Combine(_directory, "up")), "the server to run");
            File.Delete(Path.Combine(_directory, "up"));

            await process.StopAsync(abruptly: true, TestContext.Current.CancellationToken);

            using var listener = new TcpListener(port.Address);
            Should.NotThrow(listener.Start);
        }
    }

    [Fact]
    public async Task ProcessThatNobodyCollects_IsGone()
    {
        // What a killed process leaves until its parent asks for the exit code, which this one never does.
        using var parent = Process.Start(
            new ProcessStartInfo("python3", ["-c", "import subprocess, time; p = subprocess.Popen(['true']); print(p.pid, flush=True); time.sleep(3600)"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        var pid = await parent.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_directory, "server.pid"), pid, TestContext.Current.CancellationToken);
        await UntilAsync(() => File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal), "the child's end");
        using var server = new ServerProcess("server", _directory);

        await server.GoneAsync(TestContext.Current.CancellationToken);

        server.IsRunning.ShouldBeFalse();
        parent.Kill();
    }

    private static Task UntilAsync(Func<bool> reached, string what) =>
        Eventually.IsTrueAsync(what, reached, cancellationToken: TestContext.Current.CancellationToken);
}
