namespace BitbucketOperator.ControlPlane.Tests;

/// <summary>Counts are of the whole server, so these tests have one of their own.</summary>
public sealed class WriteCountTests : IAsyncLifetime
{
    private Cluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await Cluster.StartAsync(new ClusterOptions { Kind = ClusterKind.Development });
        await _cluster.ApplyAsync(Widgets.Definition);
        (await _cluster.KubectlAsync("wait", "--for=condition=Established", "crd/widgets.example.test", "--timeout=180s")).EnsureSuccess();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Writes_AreCountedByResource_AndReadsAndLeasesAreNot()
    {
        await _cluster.ApplyAsync(Widgets.Named("one", "default"));
        (await _cluster.KubectlAsync("patch", "widget", "one", "--type=merge", "--subresource=status", "-p", """{"status":{"ready":true}}""")).EnsureSuccess();
        (await _cluster.KubectlAsync("create", "secret", "generic", "one")).EnsureSuccess();
        (await _cluster.KubectlAsync("delete", "secret", "one")).EnsureSuccess();
        await _cluster.ApplyAsync(Event);
        await _cluster.ApplyAsync(Lease);

        await Both();

        // A restart resets the server's counters, but not ours.
        await _cluster.RestartApiServerAsync(cancellationToken: TestContext.Current.CancellationToken);
        await Both();

        async Task Both()
        {
            (await CountAsync("widgets")).ShouldBe(2);
            (await CountAsync("secrets")).ShouldBe(2);
            (await CountAsync("events")).ShouldBe(1);
            (await CountAsync("leases")).ShouldBe(0);
            var writes = await _cluster.ReadWritesAsync(TestContext.Current.CancellationToken);
            writes.ShouldContain(new RequestCount("PATCH", "example.test", "widgets", "status", 1));
        }
    }

    [Fact]
    public async Task ReadsRefusalsDryRunsAndTokens_ChangeNoCount()
    {
        (await _cluster.KubectlAsync("create", "serviceaccount", "someone")).EnsureSuccess();
        var before = await CountAsync(null);

        (await _cluster.KubectlAsync("get", "secrets")).EnsureSuccess();
        (await _cluster.KubectlAsync("create", "secret", "generic", "one", "--dry-run=server")).EnsureSuccess();
        (await _cluster.KubectlAsync("delete", "secret", "missing")).ExitCode.ShouldNotBe(0);
        (await _cluster.KubectlAsync("create", "token", "someone")).EnsureSuccess();
        (await _cluster.KubectlAsync("auth", "can-i", "get", "secrets")).EnsureSuccess();

        (await CountAsync(null)).ShouldBe(before);
    }

    private Task<long> CountAsync(string? resource) => _cluster.CountWritesAsync(resource, TestContext.Current.CancellationToken);

    private const string Event = """
        apiVersion: v1
        kind: Event
        metadata: { name: one, namespace: default }
        involvedObject: { kind: Widget, name: one, namespace: default }
        reason: Made
        type: Normal
        """;

    private const string Lease = """
        apiVersion: coordination.k8s.io/v1
        kind: Lease
        metadata: { name: one, namespace: default }
        spec: { holderIdentity: me }
        """;
}
