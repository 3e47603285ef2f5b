using System.Collections.Concurrent;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Runtime.Tests;

[Collection(SharedCluster.Name)]
public sealed class FinalizerTests(SharedCluster cluster) : IAsyncLifetime
{
    private const string Ours = "test.example.com/ours";
    private const string Foreign = "test.example.com/foreign";
    private readonly Cleanup _cleanup = new();
    private string _ns = "";

    public async ValueTask InitializeAsync() => _ns = await cluster.NamespaceAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Finalizer_IsAttachedBeforeTheFirstPassWhichStaysTheOnlyOne()
    {
        await using var op = await StartAsync();
        var key = (await cluster.CreateAsync(_ns, "one")).Key;
        await Eventually.IsTrueAsync("pass", () => op.Controller.PassesOf("one") > 0);

        op.Controller.LastOf("one")!.Metadata.Finalizers.ShouldBe([Ours]);
        (await cluster.FindAsync(key))!.Metadata.Finalizers.ShouldBe([Ours]);
        await op.StopAsync();
        op.Controller.PassesOf("one").ShouldBe(1);
    }

    [Fact]
    public async Task DeletedObject_IsCleanedUpAndGoes()
    {
        await using var op = await StartAsync();
        var key = await CreateAttachedAsync(op, []);

        await cluster.DeleteAsync(key);

        await Eventually.IsTrueAsync("object is gone", async () => await cluster.FindAsync(key) is null);
        await Eventually.IsTrueAsync("DeletedAsync", () => op.Controller.Deleted.Count == 1);
        _cleanup.Calls.Count.ShouldBe(1);
        op.Controller.PassesOf("one").ShouldBe(1);
    }

    [Fact]
    public async Task ForeignFinalizersAround_NeitherBlockOursNorAreTouched()
    {
        await using var op = await StartAsync();
        var key = await CreateAttachedAsync(op, [Foreign]);
        await cluster.PatchAsync(key, $$$"""{"metadata":{"finalizers":["{{{Foreign}}}","{{{Ours}}}","{{{Foreign}}}2"]}}""");

        await cluster.DeleteAsync(key);

        await Eventually.IsTrueAsync("ours is removed", async () => (await cluster.FindAsync(key))?.Metadata.Finalizers?.Contains(Ours) == false);
        (await cluster.FindAsync(key))!.Metadata.Finalizers.ShouldBe([Foreign, $"{Foreign}2"]);
        _cleanup.Calls.Count.ShouldBe(1);
        await cluster.PatchAsync(key, """{"metadata":{"finalizers":null}}""");
        await Eventually.IsTrueAsync("DeletedAsync", () => op.Controller.Deleted.Count == 1);
        _cleanup.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task CleanupThatFails_IsRepeatedUntilItSucceeds()
    {
        await using var op = await StartAsync();
        var key = await CreateAttachedAsync(op, []);
        _cleanup.OnFinalize = (widget, _) => Task.FromResult(_cleanup.Calls.Count < 6
            ? ReconciliationResult<Widget>.Failure(widget, "server is down")
            : ReconciliationResult<Widget>.Success(widget));

        await cluster.DeleteAsync(key);

        await Eventually.IsTrueAsync("object is gone", async () => await cluster.FindAsync(key) is null);
        _cleanup.Calls.Count.ShouldBe(6);
    }

    [Fact]
    public async Task FinalizerOfAFinishedCleanup_IsRemovedEvenWhileStopping()
    {
        var op = await StartAsync();
        var key = await CreateAttachedAsync(op, []);
        using var mayEnd = new SemaphoreSlim(0);
        var told = CancellationToken.None;
        _cleanup.OnFinalize = async (widget, stop) =>
        {
            told = stop;
            await mayEnd.WaitAsync(CancellationToken.None);
            return ReconciliationResult<Widget>.Success(widget);
        };
        await cluster.DeleteAsync(key);
        await Eventually.IsTrueAsync("clean-up", () => _cleanup.Calls.Count == 1);

        var stopping = op.StopAsync();
        await Eventually.IsTrueAsync("the clean-up is asked to stop", () => told.IsCancellationRequested);
        mayEnd.Release();
        await stopping;

        (await cluster.FindAsync(key)).ShouldBeNull();
        await op.DisposeAsync();
    }

    [Fact]
    public async Task ObjectDeletedWhileWeWereAway_IsCleanedUpAtStart()
    {
        var key = (await cluster.CreateAsync(_ns, "one", w => w.Metadata.Finalizers = [Foreign, Ours])).Key;
        await cluster.DeleteAsync(key);

        await using var op = await StartAsync();

        await Eventually.IsTrueAsync("ours is removed", async () => (await cluster.FindAsync(key))!.Metadata.Finalizers!.SequenceEqual([Foreign]));
        op.Controller.Reconciled.ShouldBeEmpty();
    }

    private Task<TestOperator> StartAsync() => TestOperator.StartAsync(
        ApiServerClient.Open(cluster.Cluster.KubeconfigPath),
        _ns,
        build: b =>
        {
            b.Services.Add(new(typeof(Cleanup), _cleanup));
            b.AddFinalizer<Cleanup, Widget>(Ours);
        });

    private async Task<EntityKey> CreateAttachedAsync(TestOperator op, string[] finalizers)
    {
        var key = (await cluster.CreateAsync(_ns, "one", w => w.Metadata.Finalizers = [.. finalizers])).Key;
        await Eventually.IsTrueAsync("first pass", () => op.Controller.PassesOf("one") == 1);
        return key;
    }

    private sealed class Cleanup : IEntityFinalizer<Widget>
    {
        public ConcurrentQueue<Widget> Calls { get; } = new();

        public Func<Widget, CancellationToken, Task<ReconciliationResult<Widget>>> OnFinalize { get; set; } =
            (widget, _) => Task.FromResult(ReconciliationResult<Widget>.Success(widget));

        public Task<ReconciliationResult<Widget>> FinalizeAsync(Widget entity, CancellationToken cancellationToken)
        {
            Calls.Enqueue(entity);
            return OnFinalize(entity, cancellationToken);
        }
    }
}
