using System.Diagnostics;
using System.Globalization;

namespace BitbucketOperator.ControlPlane.Tests;

/// <summary>The commands behind cluster-up and cluster-down, run as a person runs them.</summary>
public sealed class ProgramTests : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("bitbucket-operator-").FullName;

    private string Folder => Path.Combine(_root, "cluster");

    public async ValueTask DisposeAsync()
    {
        await RunAsync("down", "--dir", Folder);
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task Up_Twice_KeepsTheClusterAndSaysSo()
    {
        var first = (await RunAsync("up", "--dir", Folder)).EnsureSuccess();
        var processes = Pids();
        var second = (await RunAsync("up", "--dir", Folder)).EnsureSuccess();

        second.Output.ShouldBe(first.Output);
        second.Error.ShouldContain("already up");
        Pids().ShouldBe(processes);
        (await KubectlAsync("get", "namespaces")).EnsureSuccess();
    }

    [Fact]
    public async Task Up_AfterTheServersDied_BringsTheSameDataBack()
    {
        (await RunAsync("up", "--dir", Folder)).EnsureSuccess();
        (await KubectlAsync("create", "configmap", "kept")).EnsureSuccess();
        foreach (var pid in Pids())
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        (await RunAsync("up", "--dir", Folder)).EnsureSuccess();

        (await KubectlAsync("get", "configmap", "kept")).EnsureSuccess();
    }

    [Fact]
    public async Task Down_EndsTheServersAndDeletesTheFolder_AndMayBeRepeated()
    {
        (await RunAsync("up", "--dir", Folder)).EnsureSuccess();
        var processes = Pids();

        (await RunAsync("down", "--dir", Folder)).EnsureSuccess();

        processes.ShouldAllBe(pid => !Lives(pid));
        Directory.Exists(Folder).ShouldBeFalse();
        (await RunAsync("down", "--dir", Folder)).EnsureSuccess().Error.ShouldContain("none in");
        (await RunAsync("kubeconfig", "--dir", Folder)).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task UnknownVerb_PrintsTheUsage()
    {
        var result = await RunAsync("sideways");

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("usage:");
    }

    private int[] Pids() => [Pid("etcd"), Pid("apiserver")];

    private int Pid(string server) => int.Parse(File.ReadAllText(Path.Combine(Folder, server + ".pid")), CultureInfo.InvariantCulture);

    // The command line of a process that has ended is empty until it is collected.
    private static bool Lives(int pid) => File.Exists($"/proc/{pid}/cmdline") && File.ReadAllText($"/proc/{pid}/cmdline").Length > 0;

    private static Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync(
        "dotnet",
        [Path.Combine(AppContext.BaseDirectory, "controlplane-tool.dll"), .. arguments],
        environment: new Dictionary<string, string>(StringComparer.Ordinal) { ["CLUSTER"] = "development" });

    private async Task<CommandResult> KubectlAsync(params string[] arguments)
    {
        var tools = await Tools.EnsureAsync();
        return await Command.RunAsync(tools.Kubectl, ["--kubeconfig", Path.Combine(Folder, "kubeconfig"), "--cache-dir", _root, .. arguments]);
    }
}
