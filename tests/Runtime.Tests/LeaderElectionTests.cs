using System.Diagnostics;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Runtime.Hosting;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Patching;
using BitbucketOperator.Testing.Cluster;
using BitbucketOperator.Testing;
using Microsoft.Extensions.DependencyInjection;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Tests;

[Collection(SharedCluster.Name)]
public sealed class LeaderElectionTests(SharedCluster cluster) : IAsyncLifetime
{
    // Never runs out while a test waits for something else.
    private static readonly TimeSpan Long = Eventually.Limit * 3;

    // To be waited for: it is renewed three times meanwhile, and a third of it lies between the end of one leader's work and the
    // start of the next one's.
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(9);
    private string _ns = "";

    public async ValueTask InitializeAsync() => _ns = await cluster.NamespaceAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task OnlyTheLeaderWorks_AndAStopHandsOverAtOnce()
    {
        await cluster.CreateAsync(_ns, "one");
        await using var first = await StartAsync(Direct(), "first", Long);
        await WorksAsync(first);
        await using var second = await StartAsync(Direct(), "second", Long);
        await Eventually.IsTrueAsync("warm standby", () => second.Store.Count == 1);
        second.Controller.Reconciled.ShouldBeEmpty();

        await first.StopAsync();

        // Well before the Lease would have run out.
        await WorksAsync(second);
        var lease = await LeaseAsync();
        lease.Spec.HolderIdentity.ShouldBe("second");
        lease.Spec.LeaseTransitions.ShouldBe(1);
    }

    [Fact]
    public async Task LeaderThatIsCutOff_StopsBeforeTheNextOneStarts()
    {
        await using var proxy = await cluster.ProxyAsync();
        await cluster.CreateAsync(_ns, "one");
        await using var first = Create(proxy.CreateClient(), "first", Short);
        var cancelledAt = Forever(first);
        await first.StartAsync();
        await WorksAsync(first);
        await using var second = await StartAsync(Direct(), "second", Short);

        proxy.Unreachable = true;
        await WorksAsync(second);

        var startedAt = TimeProvider.System.GetTimestamp();
        cancelledAt().ShouldNotBeNull().ShouldBeLessThan(startedAt);
        proxy.Unreachable = false;
        (await LeaseAsync()).Spec.HolderIdentity.ShouldBe("second");
    }

    [Fact]
    public async Task LeaderThatWasCutOffBriefly_KeepsTheLease()
    {
        await using var proxy = await cluster.ProxyAsync();
        await cluster.CreateAsync(_ns, "one");
        await using var first = Create(proxy.CreateClient(), "first", Short);
        var cancelledAt = Forever(first);
        await first.StartAsync();
        await WorksAsync(first);

        var renewals = 0;
        proxy.Decide = r => IsRenewal(r) && Interlocked.Increment(ref renewals) <= 2 ? new ApiFault(500) : null;

        await Eventually.IsTrueAsync("renewals after the failed ones", () => renewals >= 5);
        cancelledAt().ShouldBeNull();
        (await LeaseAsync()).Spec.HolderIdentity.ShouldBe("first");
    }

    [Fact]
    public async Task LeaderThatLosesTheLease_StopsForgetsAndWorksAgainOnceItHasItBack()
    {
        await cluster.CreateAsync(_ns, "one");
        var memory = new Memory();
        await using var first = Create(Direct(), "first", Short, build: b => b.Services.AddSingleton<ILeaderMemory>(memory));
        var cancelledAt = Forever(first);
        await first.StartAsync();
        await WorksAsync(first);

        memory.Forgotten.ShouldBe(1);
        await TakeLeaseAsync("thief");

        await Eventually.IsTrueAsync("workers are cancelled", () => cancelledAt() is not null);
        await Eventually.IsTrueAsync("works again", () => first.Controller.PassesOf("one") >= 2);
        memory.Forgotten.ShouldBe(3, "before it led, after that, and before it led again");
    }

    [Fact]
    public async Task ReplicaThatDoesNotLead_WritesNothing()
    {
        await cluster.CreateAsync(_ns, "one");
        await using var first = await StartAsync(Direct(), "first", Long);
        await WorksAsync(first);
        await using var second = await StartAsync(Direct(), "second", Long);
        await Eventually.IsTrueAsync("warm standby", () => second.Store.Count == 1);
        var widget = second.Store.List()[0];

        await Should.ThrowAsync<NotLeadingException>(second.Controller.Status.PatchAsync(widget, w => w.Status = new() { Phase = "x" }, default));
        await Should.ThrowAsync<NotLeadingException>(second.Get<MetadataPatcher<Widget>>().SetAnnotationAsync(widget, "x", "y", default));
        await second.Get<EventPublisher>()(widget, "Odd", "Told by a standby", EventType.Normal, default);
        (await first.Controller.Status.PatchAsync(widget, w => w.Status = new() { Phase = "Ready" }, default)).ShouldBeTrue();

        await second.StopAsync();
        var live = (await cluster.FindAsync(widget.Key))!;
        (live.Status!.Phase, live.Metadata.Annotations).ShouldBe(("Ready", null));
        (await cluster.Client.CoreV1.ListNamespacedEventAsync(_ns)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task WorkerThatDoesNotStop_KeepsTheNextLeaderWaiting()
    {
        await cluster.CreateAsync(_ns, "one");
        await using var first = Create(Direct(), "first", Long, shutdownTimeout: TimeSpan.FromMilliseconds(200));
        using var release = new SemaphoreSlim(0);
        first.Controller.OnReconcile = async (widget, _) =>
        {
            await release.WaitAsync(CancellationToken.None);
            return ReconciliationResult<Widget>.Success(widget);
        };
        await first.StartAsync();
        await WorksAsync(first);

        await first.StopAsync();

        (await LeaseAsync()).Spec.HolderIdentity.ShouldBe("first");
        release.Release();
    }

    [Fact]
    public async Task HeldLease_CostsOneRequestPerRenewal()
    {
        await using var proxy = await cluster.ProxyAsync();
        await using var first = await StartAsync(proxy.CreateClient(), "first", Short);
        await Eventually.IsTrueAsync("three renewals", () => proxy.Requests.Count(IsRenewal) >= 3);

        proxy.Requests.Count(r => r.Url.Contains("/leases", StringComparison.Ordinal) && r.Method == "GET").ShouldBe(1);
    }

    private static bool IsRenewal(Passed request) => request.Method == "PUT" && request.Url.Contains("/leases/", StringComparison.Ordinal);

    private ApiServerClient Direct() => ApiServerClient.Open(cluster.Cluster.KubeconfigPath);

    // Each pass lasts until it is cancelled; returns when that last happened.
    private static Func<long?> Forever(TestOperator op)
    {
        long? at = null;
        op.Controller.OnReconcile = async (widget, stop) =>
        {
            await Eventually.CancelledAsync(stop);
            at = TimeProvider.System.GetTimestamp();
            return ReconciliationResult<Widget>.Success(widget);
        };
        return () => at;
    }

    private TestOperator Create(
        ApiServerClient client, string identity, TimeSpan duration, TimeSpan? shutdownTimeout = null, Action<OperatorBuilder>? build = null) =>
        TestOperator.Create(client, _ns, o =>
    {
        o.ShutdownTimeout = shutdownTimeout ?? o.ShutdownTimeout;
        o.LeaderElection.Enabled = true;
        o.LeaderElection.Identity = identity;
        o.LeaderElection.LeaseDuration = duration;
        o.LeaderElection.RenewDeadline = duration * 2 / 3;
        o.LeaderElection.RetryPeriod = TimeSpan.FromMilliseconds(200);
        o.LeaderElection.WriteMargin = duration / 5;
    }, build);

    private sealed class Memory : ILeaderMemory
    {
        public int Forgotten { get; private set; }

        public void Forget() => Forgotten++;
    }

    private async Task<TestOperator> StartAsync(ApiServerClient client, string identity, TimeSpan duration)
    {
        var op = Create(client, identity, duration);
        await op.StartAsync();
        return op;
    }

    private static Task WorksAsync(TestOperator op) =>
        Eventually.IsTrueAsync("the leader works", () => op.Controller.PassesOf("one") >= 1);

    private Task<V1Lease> LeaseAsync() => cluster.Client.CoordinationV1.ReadNamespacedLeaseAsync("operator", _ns);

    private async Task TakeLeaseAsync(string holder)
    {
        var lease = await LeaseAsync();
        lease.Spec.HolderIdentity = holder;
        lease.Spec.LeaseDurationSeconds = 1;
        (lease.Metadata.ResourceVersion, lease.Metadata.ManagedFields) = (null, null);
        await cluster.Client.CoordinationV1.ReplaceNamespacedLeaseAsync(lease, "operator", _ns);
    }
}
