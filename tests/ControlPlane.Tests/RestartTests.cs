using System.Globalization;
using System.Text.Json.Nodes;

namespace BitbucketOperator.ControlPlane.Tests;

public sealed class RestartTests : IAsyncLifetime
{
    private Cluster _cluster = null!;

    public async ValueTask InitializeAsync() =>
        _cluster = await Cluster.StartAsync(new ClusterOptions { Kind = ClusterKind.Development });

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restart_KeepsObjectsVersionsAndTheWatchersPlace(bool abruptly)
    {
        await _cluster.ApplyAsync(string.Join("\n---\n", Enumerable.Range(0, 20).Select(ConfigMap)));
        var before = await ListAsync();
        using var watch = await Watch.OpenAsync(_cluster, Path, before.Version);

        await _cluster.RestartApiServerAsync(abruptly, TestContext.Current.CancellationToken);

        (await watch.NextAsync()).ShouldBeNull("the watch ends with its server");
        var after = await ListAsync();
        after.Objects.ShouldBe(before.Objects);
        Number(after.Version).ShouldBeGreaterThanOrEqualTo(Number(before.Version));

        using var resumed = await Watch.OpenAsync(_cluster, Path, before.Version);
        (await _cluster.KubectlAsync("create", "configmap", "later")).EnsureSuccess();
        (await resumed.NextAsync()).ShouldBe("ADDED later");
        Number((await ListAsync()).Version).ShouldBeGreaterThan(Number(before.Version));
    }

    [Fact]
    public async Task Restart_KeepsCertificateAndTokens()
    {
        var certificate = _cluster.CaPem;
        (await _cluster.KubectlAsync("create", "serviceaccount", "someone")).EnsureSuccess();
        (await _cluster.KubectlAsync("create", "rolebinding", "someone", "--clusterrole=cluster-admin", "--serviceaccount=default:someone")).EnsureSuccess();
        var kubeconfig = await _cluster.WriteKubeconfigForServiceAccountAsync("default", "someone", TestContext.Current.CancellationToken);

        await _cluster.RestartApiServerAsync(abruptly: true, TestContext.Current.CancellationToken);

        _cluster.CaPem.ShouldBe(certificate);
        (await _cluster.KubectlAsync("get", "nodes-are-not-served")).Error.ShouldContain("doesn't have a resource type");
        (await _cluster.KubectlAsync("--kubeconfig", kubeconfig, "get", "configmaps")).EnsureSuccess();
        File.GetUnixFileMode(System.IO.Path.Combine(_cluster.Directory, "issued-tokens.csv"))
            .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task WhileStopped_TheServerIsUnreachable_AndStartBringsItBack()
    {
        await _cluster.StopApiServerAsync(cancellationToken: TestContext.Current.CancellationToken);
        (await _cluster.KubectlAsync("get", "namespaces")).ExitCode.ShouldNotBe(0);

        await _cluster.StartApiServerAsync(TestContext.Current.CancellationToken);
        (await _cluster.KubectlAsync("get", "namespaces")).EnsureSuccess();
    }

    [Fact]
    public async Task StorageKilled_KeepsObjects_AndTheServerAnswersAgain()
    {
        await _cluster.ApplyAsync(ConfigMap(1));
        var before = (await ListAsync()).Objects;

        await _cluster.KillStorageAsync(TestContext.Current.CancellationToken);
        await _cluster.StartStorageAsync(TestContext.Current.CancellationToken);

        (await ListAsync()).Objects.ShouldBe(before);
    }

    private const string Path = "/api/v1/namespaces/default/configmaps";

    private static string ConfigMap(int number) => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: before-{{number}}, namespace: default }
        """;

    private async Task<(string Version, string[] Objects)> ListAsync()
    {
        using var client = _cluster.CreateClient();
        var list = JsonNode.Parse(await client.GetStringAsync(new Uri(Path, UriKind.Relative), TestContext.Current.CancellationToken))!;
        var objects = list["items"]!.AsArray().Select(o => $"{o!["metadata"]!["name"]} {o["metadata"]!["uid"]} {o["metadata"]!["resourceVersion"]}");
        return (list["metadata"]!["resourceVersion"]!.GetValue<string>(), [.. objects]);
    }

    private static long Number(string version) => long.Parse(version, CultureInfo.InvariantCulture);
}
