using System.Collections.Concurrent;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Hosting;
using BitbucketOperator.Runtime.Metrics;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Patching;
using BitbucketOperator.Runtime.Queue;
using BitbucketOperator.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using k8s;

namespace BitbucketOperator.Runtime.Tests;

[Collection(SharedCluster.Name)]
public sealed class ReconcileTests(SharedCluster cluster) : IAsyncLifetime
{
    private string _ns = "";

    public async ValueTask InitializeAsync() => _ns = await cluster.NamespaceAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task FailuresAndExceptions_AreRetriedUntilTheySucceed()
    {
        await using var op = Create();
        var attempts = 0;
        op.Controller.OnReconcile = (widget, _) => Interlocked.Increment(ref attempts) switch
        {
            1 or 2 => throw new InvalidOperationException("odd"),
            < 9 => Task.FromResult(ReconciliationResult<Widget>.Failure(widget, "not yet")),
            _ => Task.FromResult(ReconciliationResult<Widget>.Success(widget)),
        };
        await cluster.CreateAsync(_ns, "one");
        await op.StartAsync();

        await Eventually.IsTrueAsync("ninth attempt", () => attempts == 9);
    }

    [Fact]
    public async Task RequeueAfter_BringsTheObjectBack()
    {
        await using var op = Create();
        op.Controller.OnReconcile = (widget, _) =>
            Task.FromResult(ReconciliationResult<Widget>.Success(widget, TimeSpan.FromMilliseconds(50)));
        await cluster.CreateAsync(_ns, "one");
        await op.StartAsync();

        await Eventually.IsTrueAsync("fifth pass", () => op.Controller.PassesOf("one") >= 5);
    }

    [Fact]
    public async Task ChangesDuringAPass_CauseOneMoreAfterItAndNeverTwoAtOnce()
    {
        await using var op = Create();
        var (running, most) = (0, 0);
        using var release = new SemaphoreSlim(0);
        op.Controller.OnReconcile = async (widget, stop) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await release.WaitAsync(stop);
            Interlocked.Decrement(ref running);
            return ReconciliationResult<Widget>.Success(widget);
        };
        var key = (await cluster.CreateAsync(_ns, "one")).Key;
        await op.StartAsync();
        await Eventually.IsTrueAsync("first pass", () => running == 1);

        for (var size = 1; size <= 5; size++)
        {
            await cluster.PatchAsync(key, $$$$"""{"metadata":{"labels":{"size":"{{{{size}}}}"}}}""");
        }

        await Eventually.IsTrueAsync("last change in the store", () => op.Store.Get(key)!.Metadata.Labels?["size"] == "5");
        release.Release(10);
        await Eventually.IsTrueAsync("second pass", () => op.Controller.PassesOf("one") == 2 && running == 0);
        op.Controller.LastOf("one")!.Metadata.Labels["size"].ShouldBe("5");
        most.ShouldBe(1);
    }

    [Theory]
    [InlineData("spec")]
    [InlineData("deletion")]
    [InlineData("secret")]
    public async Task ChangeThatMakesAReconcilePointless_CancelsItAndBringsTheObjectAgainAtOnce(string change)
    {
        var log = new LogLines();
        await using var op = Create(
            o => o.BackoffBase = TimeSpan.FromHours(1),
            b =>
            {
                b.Services.AddSingleton<ILoggerProvider>(log).AddLogging(l => l.SetMinimumLevel(LogLevel.Debug));
                b.WithReferences<Widget>(w => [new(ReferenceKind.Secret, _ns, w.Spec.SecretName!)], ReferenceKind.Secret);
            });
        op.Controller.OnReconcile = async (widget, stop) =>
        {
            if (op.Controller.PassesOf("one") == 1)
            {
                await Eventually.CancelledAsync(stop);
                throw new InvalidOperationException("caused by the cancellation");
            }

            return ReconciliationResult<Widget>.Success(widget);
        };
        var key = (await cluster.CreateAsync(_ns, "one", w =>
        {
            w.Spec.SecretName = "token";
            w.Metadata.Finalizers = ["test.example.com/foreign"];
        })).Key;
        await op.StartAsync();
        await Eventually.IsTrueAsync("first reconcile", () => op.Controller.PassesOf("one") == 1);

        await (change switch
        {
            "spec" => cluster.PatchAsync(key, """{"spec":{"size":7}}"""),
            "deletion" => cluster.DeleteAsync(key),
            _ => (Task)cluster.Client.CoreV1.CreateNamespacedSecretAsync(new() { Metadata = new() { Name = "token" } }, _ns),
        });

        await Eventually.IsTrueAsync("reconciled again", () => log.Of("Reconciled").Count == 1);
        log.Of("ReconcileCancelled").Count.ShouldBe(1);
        log.Of("ReconcileFailed").ShouldBeEmpty();
        await cluster.PatchAsync(key, """{"metadata":{"finalizers":null}}""");
    }

    [Fact]
    public async Task ChangeOfStatusOrMetadata_AndOwnWrites_CancelNothing()
    {
        await using var op = Create();
        using var release = new SemaphoreSlim(0);
        var cancelled = false;
        op.Controller.OnReconcile = async (widget, stop) =>
        {
            await op.Controller.Status.PatchAsync(widget, w => w.Status = new() { Phase = "Busy" }, stop);
            await op.Get<MetadataPatcher<Widget>>().SetAnnotationAsync(widget, "seen", "yes", stop);
            await release.WaitAsync(CancellationToken.None);
            cancelled |= stop.IsCancellationRequested;
            return ReconciliationResult<Widget>.Success(widget);
        };
        var key = (await cluster.CreateAsync(_ns, "one")).Key;
        await op.StartAsync();
        await Eventually.IsTrueAsync("own writes", () => op.Store.Get(key)?.Metadata.Annotations?.ContainsKey("seen") == true);

        await cluster.PatchAsync(key, """{"status":{"passes":7}}""", "/status");
        await cluster.PatchAsync(key, """{"metadata":{"labels":{"other":"x"}}}""");
        await Eventually.IsTrueAsync("label in the store", () => op.Store.Get(key)!.Metadata.Labels?.ContainsKey("other") == true);

        release.Release(10);
        await Eventually.IsTrueAsync("second reconcile, for the label", () => op.Controller.PassesOf("one") >= 2);
        cancelled.ShouldBeFalse();
    }

    [Fact]
    public async Task ReconcileThatExceedsItsDeadline_FailsSayingSoAndIsRetried()
    {
        var log = new LogLines();
        await using var op = Create(
            o => o.ReconcileDeadline = TimeSpan.FromSeconds(0.25), b => b.Services.AddSingleton<ILoggerProvider>(log));
        op.Controller.OnReconcile = async (widget, stop) =>
        {
            await Eventually.CancelledAsync(stop);
            stop.ThrowIfCancellationRequested();
            return ReconciliationResult<Widget>.Success(widget);
        };
        await cluster.CreateAsync(_ns, "one");
        await op.StartAsync();

        await Eventually.IsTrueAsync("third reconcile", () => op.Controller.PassesOf("one") >= 3);
        log.Of("ReconcileFailed")[0].ShouldContain("Reconciliation did not finish within 0.25 seconds");
    }

    [Fact]
    public async Task ReconcileThatIsRunning_IsMeasured()
    {
        await using var op = Create();
        op.Controller.OnReconcile = async (widget, stop) =>
        {
            await Eventually.CancelledAsync(stop);
            return ReconciliationResult<Widget>.Success(widget);
        };
        IRuntimeState state = op.Get<OperatorService>();
        state.OldestReconciles.ShouldBe([("widget", TimeSpan.Zero)]);
        await cluster.CreateAsync(_ns, "one");
        await op.StartAsync();

        await Eventually.IsTrueAsync("time since it began", () => state.OldestReconciles.Single().Age > TimeSpan.Zero);
    }

    [Fact]
    public async Task StatusConflict_RequeuesInsteadOfWritingWhatWasComputedBefore()
    {
        await using var op = Create();
        op.Controller.OnReconcile = async (widget, stop) =>
        {
            if (op.Controller.PassesOf("one") == 1)
            {
                await cluster.PatchAsync(widget.Key, """{"status":{"phase":"theirs","passes":5}}""", "/status");
                await Eventually.IsTrueAsync("theirs in the store", () => op.Store.Get(widget.Key)?.Status?.Passes == 5, cancellationToken: stop);
            }

            var computed = new WidgetStatus { Phase = "ours", Passes = widget.Status?.Passes };
            await op.Controller.Status.PatchAsync(widget, w => w.Status = computed, stop);
            return ReconciliationResult<Widget>.Success(widget);
        };
        var key = (await cluster.CreateAsync(_ns, "one")).Key;
        await op.StartAsync();

        await Eventually.IsTrueAsync("our status", async () => (await cluster.FindAsync(key))!.Status?.Phase == "ours");
        (await cluster.FindAsync(key))!.Status!.Passes.ShouldBe(5);
    }

    [Fact]
    public async Task StatusWrittenByAPass_CausesNoOtherAndANewPassSeesIt()
    {
        await using var op = Create();
        var written = new ConcurrentQueue<bool>();
        op.Controller.OnReconcile = async (widget, stop) =>
        {
            var passes = widget.Status?.Passes ?? 0;
            written.Enqueue(await op.Controller.Status.PatchAsync(widget, w => w.Status = new() { Passes = passes + 1 }, stop));
            return ReconciliationResult<Widget>.Success(widget);
        };
        var key = (await cluster.CreateAsync(_ns, "one")).Key;
        await op.StartAsync();
        await Eventually.IsTrueAsync("first status", () => written.Count == 1);

        // At once: before the watch has told of the first status.
        op.Get<EntityQueue<Widget>>().Enqueue(key);

        await Eventually.IsTrueAsync("second status", () => written.Count == 2);
        await Eventually.IsTrueAsync("status in the cluster", async () => (await cluster.FindAsync(key))!.Status!.Passes == 2);
        written.ShouldAllBe(w => w);
        await op.StopAsync();
        op.Controller.PassesOf("one").ShouldBe(2);
    }

    [Fact]
    public async Task Log_TellsWhichReconcileWroteTheStatus()
    {
        var log = new LogLines();
        await using var op = Create(build: b => b.Services.AddSingleton<ILoggerProvider>(log));
        op.Controller.OnReconcile = async (widget, stop) =>
        {
            await op.Controller.Status.PatchAsync(widget, w => w.Status = new() { Phase = "Ready" }, stop);
            return ReconciliationResult<Widget>.Success(widget);
        };
        var key = (await cluster.CreateAsync(_ns, "one")).Key;
        await op.StartAsync();
        await Eventually.IsTrueAsync("first reconcile", () => log.Of("Reconciled").Count == 1);

        op.Get<EntityQueue<Widget>>().Enqueue(key);
        await Eventually.IsTrueAsync("second reconcile", () => log.Of("Reconciled").Count == 2);

        log.Of("Reconciled")[0].ShouldContain("status written: True");
        log.Of("Reconciled")[1].ShouldContain("status written: False");
    }

    [Fact]
    public async Task OwnAnnotation_CausesNoOtherPass_ForeignOneDoes()
    {
        await using var op = Create();
        op.Controller.OnReconcile = async (widget, stop) =>
        {
            await op.Get<MetadataPatcher<Widget>>().SetAnnotationAsync(widget, "seen", "yes", stop);
            return ReconciliationResult<Widget>.Success(widget);
        };
        var key = (await cluster.CreateAsync(_ns, "one")).Key;
        await op.StartAsync();
        await Eventually.IsTrueAsync("annotation", async () => (await cluster.FindAsync(key))!.Metadata.Annotations?["seen"] == "yes");

        await cluster.PatchAsync(key, """{"metadata":{"annotations":{"other":"x"}}}""");

        await Eventually.IsTrueAsync("second pass", () => op.Controller.PassesOf("one") == 2);
        await op.StopAsync();
        op.Controller.PassesOf("one").ShouldBe(2);
    }

    [Fact]
    public async Task EntityChangedByTheController_DoesNotChangeTheStore()
    {
        await using var op = Create();
        op.Controller.OnReconcile = (widget, _) =>
        {
            widget.Spec.Size = 99;
            return Task.FromResult(ReconciliationResult<Widget>.Success(widget));
        };
        var key = (await cluster.CreateAsync(_ns, "one", w => w.Spec.Size = 1)).Key;
        await op.StartAsync();
        await Eventually.IsTrueAsync("pass", () => op.Controller.PassesOf("one") == 1);

        op.Store.Get(key)!.Spec.Size.ShouldBe(1);
    }

    [Fact]
    public async Task Stop_CancelsTheWorkersAndWaitsForThem()
    {
        await using var op = Create();
        var (told, ended) = (false, false);
        using var mayEnd = new SemaphoreSlim(0);
        op.Controller.OnReconcile = async (widget, stop) =>
        {
            await Eventually.CancelledAsync(stop);
            told = true;
            await mayEnd.WaitAsync(CancellationToken.None);
            ended = true;
            return ReconciliationResult<Widget>.Success(widget);
        };
        await cluster.CreateAsync(_ns, "one");
        await op.StartAsync();
        await Eventually.IsTrueAsync("pass", () => op.Controller.PassesOf("one") == 1);

        var stopping = op.StopAsync();
        await Eventually.IsTrueAsync("the worker is asked to stop", () => told);
        stopping.IsCompleted.ShouldBeFalse();
        mayEnd.Release();
        await stopping;

        ended.ShouldBeTrue();
    }

    [Fact]
    public async Task LongPass_MakesLivenessDegradedAndNamesTheObject()
    {
        await using var op = Create(o => o.StuckAfter = TimeSpan.FromMilliseconds(50));
        op.Controller.OnReconcile = async (widget, stop) =>
        {
            await Eventually.CancelledAsync(stop);
            return ReconciliationResult<Widget>.Success(widget);
        };
        (await op.HealthAsync(ServiceCollectionExtensions.ReadyTag)).Status.ShouldBe(HealthStatus.Unhealthy);
        await cluster.CreateAsync(_ns, "slow");
        await op.StartAsync();

        await Eventually.IsTrueAsync("degraded", async () => (await op.HealthAsync(ServiceCollectionExtensions.LiveTag)).Status == HealthStatus.Degraded);

        var report = await op.HealthAsync(ServiceCollectionExtensions.LiveTag);
        report.Entries["watches"].Description.ShouldNotBeNull().ShouldContain($"Widget {_ns}/slow");
        (await op.HealthAsync(ServiceCollectionExtensions.ReadyTag)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Resync_BringsEveryObjectBack()
    {
        await using var op = Create(o => o.ResyncPeriod = TimeSpan.FromMilliseconds(100));
        await cluster.CreateAsync(_ns, "one");
        await op.StartAsync();

        await Eventually.IsTrueAsync("third pass", () => op.Controller.PassesOf("one") >= 3);
    }

    private TestOperator Create(Action<OperatorOptions>? options = null, Action<OperatorBuilder>? build = null) =>
        TestOperator.Create(ApiServerClient.Open(cluster.Cluster.KubeconfigPath), _ns, options, build);
}
