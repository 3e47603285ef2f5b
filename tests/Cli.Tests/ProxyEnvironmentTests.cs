using System.Text.RegularExpressions;
using BitbucketOperator.Operator.Tests;
using BitbucketOperator.Testing.Cluster;

namespace BitbucketOperator.Cli.Tests;

/// <summary>The proxy variables of a shell, for the API server and for Bitbucket.</summary>
public sealed partial class ProxyEnvironmentTests(ClusterFixture fixture)
{
    // Nothing listens there.
    private const string Dead = "http://127.0.0.1:1";

    [Theory]
    [InlineData("127.0.0.0/8")]
    [InlineData("*")]
    [InlineData(null)]
    public async Task Plugin_ReachesALocalApiServerAsKubectlDoes(string? noProxy)
    {
        using var world = new PluginWorld(fixture);
        var environment = world.Environment;
        (environment["HTTPS_PROXY"], environment["NO_PROXY"]) = (Dead, noProxy);

        var kubectl = await Shell.RunAsync(fixture.Cluster.KubectlPath, ["get", "bitbucketconnections", "-A"], environment: environment);
        var plugin = await Shell.RunAsync(fixture.Cluster.KubectlPath, ["bitbucket", "status", "-A"], environment: environment);

        kubectl.Code.ShouldBe(0, kubectl.All);
        plugin.Error.ShouldNotContain("cannot be reached");
        plugin.Code.ShouldBeOneOf(0, 1);
    }

    [Theory]
    [InlineData("",
        "HTTPS_PROXY or HTTP_PROXY of the operator: 127.0.0.1:1: connection refused. If bitbucket.test needs no proxy, list it in NO_PROXY")]
    [InlineData(".test", "NO_PROXY exempts it from the operator's proxy")]
    public async Task Check_NamesTheProxyAndNoProxy(string noProxy, string words)
    {
        await using var world = await CheckWorld.StartAsync();
        await WriteAsync(world);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["HTTPS_PROXY"] = Dead, ["NO_PROXY"] = noProxy };

        var said = await Shell.RunAsync(
            OperatorProcess.Binary, ["check", "-f", world.Manifests, "--allowed-hosts", "bitbucket.test,127.0.0.1"], environment: environment);

        said.Code.ShouldBe(1, said.All);
        string.Join(' ', said.All.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)).ShouldContain(words);
    }

    [Fact]
    public async Task WrongProxyVariable_IsOneLine()
    {
        using var world = new PluginWorld(fixture);
        var environment = world.Environment;
        environment["HTTPS_PROXY"] = "ftp://user:pa55word@proxy";
        environment["KUBECONFIG"] = await WriteKubeconfigOfAnotherHostAsync(world);

        var said = await Shell.RunAsync(world.Plugin, ["status"], environment: environment);

        said.Code.ShouldNotBe(0, said.All);
        said.Error.Trim().ShouldBe("error: HTTPS_PROXY is not the address of a proxy, such as http://proxy.example.com:3128");
    }

    [Theory]
    [InlineData("HTTPS_PROXY", "", "error: HTTPS_PROXY is not the address of a proxy, such as http://proxy.example.com:3128")]
    [InlineData("HTTPS_PROXY", ".test", "DNS lookup failed")]
    [InlineData("HTTP_PROXY", "", "DNS lookup failed")]
    public async Task WrongProxyVariable_StopsACheckThatWouldUseIt(string variable, string noProxy, string words)
    {
        await using var world = await CheckWorld.StartAsync();
        await WriteAsync(world);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { [variable] = "ftp://user:pa55word@proxy", ["NO_PROXY"] = noProxy };

        var said = await Shell.RunAsync(
            OperatorProcess.Binary, ["check", "-f", world.Manifests, "--allowed-hosts", "bitbucket.test"], environment: environment);

        string.Join(' ', said.All.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)).ShouldContain(words);
        said.All.ShouldNotContain("pa55word");
        said.Code.ShouldBe(noProxy.Length == 0 && variable == "HTTPS_PROXY" ? 2 : 1, said.All);
    }

    // A local API server needs no proxy.
    private async Task<string> WriteKubeconfigOfAnotherHostAsync(PluginWorld world)
    {
        var path = Path.Combine(world.Folder, "kubeconfig");
        var local = await File.ReadAllTextAsync(fixture.Cluster.KubeconfigPath);
        await File.WriteAllTextAsync(path, LocalServer().Replace(local, "server: https://api.test:"));
        return path;
    }

    // Of a server that no name service knows.
    private static async Task WriteAsync(CheckWorld world)
    {
        world.Write();
        var manifests = await File.ReadAllTextAsync(world.Manifests);
        var here = world.Bitbucket.BaseUrl.AbsoluteUri.TrimEnd('/');
        await File.WriteAllTextAsync(world.Manifests, manifests.Replace(here, "https://bitbucket.test", StringComparison.Ordinal));
    }

    [GeneratedRegex("server: \"?https://[^:]+:")]
    private static partial Regex LocalServer();
}
