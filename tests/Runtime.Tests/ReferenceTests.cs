using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Testing;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Tests;

[Collection(SharedCluster.Name)]
public sealed class ReferenceTests(SharedCluster cluster)
{
    [Fact]
    public async Task SecretCreatedChangedAndDeleted_WakesItsOwnersAlone()
    {
        var ns = await cluster.NamespaceAsync();
        await using var op = await StartAsync(ApiServerClient.Open(cluster.Cluster.KubeconfigPath), ns);
        await cluster.CreateAsync(ns, "owner", w => w.Spec.SecretName = "token");
        await cluster.CreateAsync(ns, "stranger", w => w.Spec.SecretName = "other");
        await PassesAsync(op, 1);

        await cluster.Client.CoreV1.CreateNamespacedSecretAsync(Secret("token", "a"), ns);
        await PassesAsync(op, 2);
        await cluster.Client.CoreV1.ReplaceNamespacedSecretAsync(Secret("token", "b"), "token", ns);
        await PassesAsync(op, 3);
        await cluster.Client.CoreV1.CreateNamespacedSecretAsync(Secret("unrelated", "x"), ns);
        await cluster.Client.CoreV1.DeleteNamespacedSecretAsync("token", ns);
        await PassesAsync(op, 4);

        op.Controller.PassesOf("owner").ShouldBe(4);
        op.Controller.PassesOf("stranger").ShouldBe(1);
    }

    [Fact]
    public async Task EntityThatRefersToAnotherSecretNow_IsWokenByThatOne()
    {
        var ns = await cluster.NamespaceAsync();
        await using var op = await StartAsync(ApiServerClient.Open(cluster.Cluster.KubeconfigPath), ns);
        var key = (await cluster.CreateAsync(ns, "owner", w => w.Spec.SecretName = "first")).Key;
        await PassesAsync(op, 1);
        await cluster.PatchAsync(key, """{"spec":{"secretName":"second"}}""");
        await PassesAsync(op, 2);

        await cluster.Client.CoreV1.CreateNamespacedSecretAsync(Secret("first", "a"), ns);
        await cluster.Client.CoreV1.CreateNamespacedSecretAsync(Secret("second", "a"), ns);

        await PassesAsync(op, 3);
        await op.StopAsync();
        op.Controller.PassesOf("owner").ShouldBe(3);
    }

    [Fact]
    public async Task SecretChangedWhileTheWatchWasDown_WakesItsOwner()
    {
        var ns = await cluster.NamespaceAsync();
        await using var proxy = await cluster.ProxyAsync();
        await cluster.Client.CoreV1.CreateNamespacedSecretAsync(Secret("token", "a"), ns);
        await using var op = await StartAsync(proxy.CreateClient(), ns);
        await cluster.CreateAsync(ns, "owner", w => w.Spec.SecretName = "token");
        await PassesAsync(op, 1);
        await Eventually.IsTrueAsync("the watch of Secrets", () => proxy.OpenedWatches.Any(u => u.Contains("/secrets?", StringComparison.Ordinal)));

        var expired = 0;
        proxy.Decide = r => r.IsWatch && r.Url.Contains("/secrets?", StringComparison.Ordinal) && Interlocked.Exchange(ref expired, 1) == 0
            ? new(410)
            : null;
        proxy.SilenceOpenStreams();
        await cluster.Client.CoreV1.ReplaceNamespacedSecretAsync(Secret("token", "b"), "token", ns);

        await PassesAsync(op, 2);
        expired.ShouldBe(1);
    }

    [Fact]
    public async Task Secrets_AreListedAndWatchedAsMetadataOnly()
    {
        var ns = await cluster.NamespaceAsync();
        await using var proxy = await cluster.ProxyAsync();
        await cluster.Client.CoreV1.CreateNamespacedSecretAsync(Secret("token", "a"), ns);
        await using var op = await StartAsync(proxy.CreateClient(), ns);
        await cluster.CreateAsync(ns, "owner", w => w.Spec.SecretName = "token");
        await PassesAsync(op, 1);

        var requests = proxy.Requests.Where(r => r.Url.Contains("/secrets", StringComparison.Ordinal)).ToList();
        requests.ShouldNotBeEmpty();
        requests.ShouldAllBe(r => r.Accept.Contains("as=PartialObjectMetadata") && !r.Accept.Contains(','));
        proxy.Requests.ShouldNotContain(r => r.Url.Contains("/configmaps", StringComparison.Ordinal));
    }

    private static Task<TestOperator> StartAsync(ApiServerClient client, string ns) => TestOperator.StartAsync(
        client,
        ns,
        o => o.WatchSilenceDeadline = TimeSpan.FromSeconds(1),
        b => b.WithReferences<Widget>(
            w => w.Spec.SecretName is { } name ? [new(ReferenceKind.Secret, w.Metadata.NamespaceProperty, name)] : [],
            ReferenceKind.Secret));

    private static Task PassesAsync(TestOperator op, int passes) =>
        Eventually.IsTrueAsync($"pass {passes} over the owner", () => op.Controller.PassesOf("owner") >= passes);

    private static V1Secret Secret(string name, string value) => new()
    {
        Metadata = new() { Name = name },
        StringData = new Dictionary<string, string> { ["token"] = value },
    };
}
