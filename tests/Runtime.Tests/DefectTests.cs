using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Runtime.Hosting;
using BitbucketOperator.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Runtime.Tests;

/// <summary>Defects of the operator itself: none takes the rest away in silence.</summary>
[Collection(SharedCluster.Name)]
public sealed class DefectTests(SharedCluster cluster)
{
    [Fact]
    public async Task DefectAroundAReconcile_TakesNoWorkerAway_AndIsCounted()
    {
        var ns = await cluster.NamespaceAsync();
        using var counted = new Counted("bitbucket_operator.reconcile.panics");
        var log = new LogLines();
        await using var op = TestOperator.Create(
            ApiServerClient.Open(cluster.Cluster.KubeconfigPath),
            ns,
            o => o.Workers = 1,
            b => b.Services.AddSingleton<ILoggerProvider>(log).AddSingleton<ILoggerProvider>(new ThrowsOn("Reconciled", "/one")));
        await cluster.CreateAsync(ns, "one");
        await op.StartAsync();
        await Eventually.IsTrueAsync("the defect is logged", () => log.Of("ReconcilePanicked").Count > 0);

        await cluster.CreateAsync(ns, "two");
        await Eventually.IsTrueAsync("a reconcile of another object", () => op.Controller.PassesOf("two") > 0);
        counted.Total.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task PartThatEnds_EndsTheProcess()
    {
        var ns = await cluster.NamespaceAsync();
        var log = new LogLines();
        await using var op = TestOperator.Create(
            ApiServerClient.Open(cluster.Cluster.KubeconfigPath),
            ns,
            build: b => b.Services.AddSingleton<ILoggerProvider>(log).AddSingleton<ILeaderWork, BrokenWork>());
        var stopping = op.Get<IHostApplicationLifetime>().ApplicationStopping;
        await op.StartAsync();
        await Eventually.IsTrueAsync("the process stops", () => stopping.IsCancellationRequested);
        op.Get<OperatorService>().ExecuteTask!.IsFaulted.ShouldBeTrue("the exit code says so");
        log.Of("PartEnded").ShouldContain(line => line.Contains(nameof(BrokenWork), StringComparison.Ordinal));
    }

    [Fact]
    public async Task EventsBeyondTheQueue_AreCounted()
    {
        var ns = await cluster.NamespaceAsync();
        var widget = await cluster.CreateAsync(ns, "one");
        using var counted = new Counted("bitbucket_operator.events.dropped");
        await using var op = TestOperator.Create(
            ApiServerClient.Open(cluster.Cluster.KubeconfigPath), ns, o => o.LeaderElection.Enabled = false);
        var publish = op.Get<EventPublisher>();
        for (var i = 0; i < 1010; i++)
        {
            await publish(widget, "Noise", $"number {i}");
        }

        counted.Total.ShouldBeGreaterThanOrEqualTo(10);
    }

    private sealed class BrokenWork : ILeaderWork
    {
        public async Task RunAsync(CancellationToken cancellationToken)
        {
            await Task.Yield();
            throw new InvalidOperationException("a defect");
        }
    }

    /// <summary>Logs nothing, and fails to log one event about one object.</summary>
    private sealed class ThrowsOn(string @event, string text) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == @event && formatter(state, exception).Contains(text, StringComparison.Ordinal))
            {
                throw new IOException("no space left");
            }
        }

        public void Dispose()
        {
        }
    }

    /// <summary>What a counter counted, in all operators of this process.</summary>
    private sealed class Counted : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentBag<long> _added = [];

        public Counted(string name)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, value, _, _) => _added.Add(value));
            _listener.Start();
        }

        public long Total => _added.Sum();

        public void Dispose() => _listener.Dispose();
    }
}
