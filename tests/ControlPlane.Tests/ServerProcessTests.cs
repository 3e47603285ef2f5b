using System.Diagnostics;

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

    private static async Task UntilAsync(Func<bool> reached, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!reached())
        {
            waited.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30), $"waited in vain for {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
        }
    }
}
