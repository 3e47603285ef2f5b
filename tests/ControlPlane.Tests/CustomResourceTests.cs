using System.Text.Json.Nodes;

namespace BitbucketOperator.ControlPlane.Tests;

public sealed class CustomResourceTests(SharedCluster shared)
{
    private readonly Cluster _cluster = shared.Cluster;

    [Fact]
    public async Task StatusSubresource_ChangesStatusAloneAndNotTheGeneration()
    {
        var ns = await shared.CreateNamespaceAsync();
        await _cluster.ApplyAsync(Widgets.Named("one", ns));

        string[] patch = ["patch", "widget", "one", "-n", ns, "--type=merge", "--subresource=status", "-p", """{"spec":{"size":9},"status":{"ready":true}}"""];
        (await _cluster.KubectlAsync(patch)).EnsureSuccess();
        (await _cluster.KubectlAsync("patch", "widget", "one", "-n", ns, "--type=merge", "-p", """{"status":{"ready":false}}""")).EnsureSuccess();

        var widget = await ReadAsync("one", ns);
        widget["status"]!["ready"]!.GetValue<bool>().ShouldBeTrue();
        widget["spec"]!["size"]!.GetValue<int>().ShouldBe(1);
        widget["spec"]!["colour"]!.GetValue<string>().ShouldBe("green");
        widget["metadata"]!["generation"]!.GetValue<int>().ShouldBe(1);
    }

    [Theory]
    [InlineData(11, "", "less than or equal to 10")]
    [InlineData(1, ", colour: pink", "a pink widget needs a size above 3")]
    public async Task InvalidObject_IsRefusedWithTheRulesMessage(int size, string extra, string told)
    {
        var ns = await shared.CreateNamespaceAsync();

        var result = await _cluster.KubectlAsync(["apply", "-f", "-"], Widgets.Named("bad", ns, size, extra));

        result.ExitCode.ShouldNotBe(0);
        result.Error.ShouldContain(told);
    }

    [Fact]
    public async Task Watch_TellsOfCreationChangeAndDeletion()
    {
        var ns = await shared.CreateNamespaceAsync();
        using var watch = await Watch.OpenAsync(_cluster, Widgets.PathIn(ns), "0");

        await _cluster.ApplyAsync(Widgets.Named("one", ns));
        await _cluster.ApplyAsync(Widgets.Named("one", ns, size: 2));
        (await _cluster.KubectlAsync("delete", "widget", "one", "-n", ns)).EnsureSuccess();

        (await watch.NextAsync()).ShouldBe("ADDED one");
        (await watch.NextAsync()).ShouldBe("MODIFIED one");
        (await watch.NextAsync()).ShouldBe("DELETED one");
    }

    [Fact]
    public async Task DependentsOfADeletedOwner_AreCollected()
    {
        var ns = await shared.CreateNamespaceAsync();
        await _cluster.ApplyAsync(Widgets.Named("owner", ns));
        var uid = (await ReadAsync("owner", ns))["metadata"]!["uid"]!.GetValue<string>();
        await _cluster.ApplyAsync($$"""
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: owned
              namespace: {{ns}}
              ownerReferences: [{ apiVersion: example.test/v1, kind: Widget, name: owner, uid: {{uid}} }]
            """);

        (await _cluster.KubectlAsync("delete", "widget", "owner", "-n", ns)).EnsureSuccess();

        (await _cluster.KubectlAsync("wait", "--for=delete", "configmap/owned", "-n", ns, "--timeout=180s")).EnsureSuccess();
    }

    [Fact]
    public async Task DeletedNamespace_GoesWithAllInIt()
    {
        var ns = await shared.CreateNamespaceAsync();
        await _cluster.ApplyAsync(Widgets.Named("one", ns));

        (await _cluster.KubectlAsync("delete", "namespace", ns, "--timeout=180s")).EnsureSuccess();

        var left = (await _cluster.KubectlAsync("get", "widgets", "-n", ns, "-o", "name")).EnsureSuccess();
        left.Output.ShouldBeEmpty();
    }

    private async Task<JsonNode> ReadAsync(string name, string ns)
    {
        var result = await _cluster.KubectlAsync("get", "widget", name, "-n", ns, "-o", "json");
        return JsonNode.Parse(result.EnsureSuccess().Output)!;
    }
}
