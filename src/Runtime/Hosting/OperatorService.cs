using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Leadership;
using BitbucketOperator.Runtime.Metrics;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Reconcile;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Runtime.Hosting;

/// <summary>
/// Runs everything: stores are kept warm always, workers run while this process leads. On a stop: workers, then the lease,
/// then the watches, then the events that are still to be written.
/// </summary>
internal sealed partial class OperatorService : BackgroundService, IRuntimeState
{
    private static readonly TimeSpan EventFlushTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HandoverTimeout = TimeSpan.FromSeconds(5);
    private readonly IReadOnlyList<IEntityPipeline> _pipelines;
    private readonly ILeaderWork[] _leaderWork;
    private readonly IReflectorStatus[] _dependents;
    private readonly LeaderElector _elector;
    private readonly EventRecorder _events;
    private readonly IReadOnlyList<ILeaderMemory> _memories;
    private readonly ILeaderHandover[] _handovers;
    private readonly OperatorOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<OperatorService> _logger;

    public OperatorService(
        IEnumerable<IEntityPipeline> pipelines,
        ReferenceWatch references,
        DependentWatches dependents,
        LeaderElector elector,
        IEnumerable<ILeaderWork> leaderWork,
        EventRecorder events,
        IEnumerable<ILeaderMemory> memories,
        IEnumerable<ILeaderHandover> handovers,
        OperatorOptions options,
        RuntimeMetrics metrics,
        TimeProvider clock,
        ILogger<OperatorService> logger)
    {
        (_pipelines, _leaderWork, _memories, _handovers) = ([.. pipelines], [.. leaderWork], [.. memories], [.. handovers]);
        (_elector, _events, _options, _clock, _logger) = (elector, events, options, clock, logger);
        var kinds = _pipelines.SelectMany(p => p.ReferenceKinds).Distinct();
        Reflectors = [.. _pipelines.SelectMany(p => p.Reflectors), .. kinds.SelectMany(references.Reflectors)];
        _dependents = [.. dependents.Reflectors];
        metrics.Observe(this);
    }

    /// <summary>All loops that keep stores. Work waits for their first list.</summary>
    public IReadOnlyList<IReflectorStatus> Reflectors { get; }

    /// <summary>Whether this process leads; always where there is no election.</summary>
    public bool Leads => !_options.LeaderElection.Enabled || _elector.Leads;

    IEnumerable<(string Controller, int Waiting)> IRuntimeState.QueueDepths => _pipelines.Select(p => (p.Controller, p.Waiting));

    IEnumerable<(string Controller, TimeSpan Age)> IRuntimeState.OldestReconciles => _pipelines.Select(p => (p.Controller, p.OldestInWork));

    IEnumerable<(string Resource, TimeSpan Age)> IRuntimeState.WatchAges => Reflectors.Select(r => (r.Resource, r.SinceLastHeard));

    /// <summary>Passes that have been running for longer than the limit, as <c>Kind namespace/name</c>.</summary>
    public IReadOnlyList<string> InWorkLongerThan(TimeSpan limit) =>
        [.. _pipelines.SelectMany(p => p.InWorkLongerThan(limit).Select(key => $"{p.Kind} {key}"))];

    /// <summary>Runs until the host stops.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var end = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var loops = Task.WhenAll(Reflectors.Concat(_dependents)
            .Select(r => Task.Run(() => OrStopAsync(r.Resource, r.RunAsync(end.Token), stop), CancellationToken.None)));
        using var flushed = new CancellationTokenSource();
        var events = Task.Run(() => _events.RunAsync(flushed.Token), CancellationToken.None);
        try
        {
            await (_options.LeaderElection.Enabled ? _elector.RunAsync(WorkAsync, stop.Token) : WorkAsync(stop.Token));
        }
        finally
        {
            await end.CancelAsync();
            await loops;
            _events.Complete();
            await FlushAsync(events, flushed);
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(Reflectors.Select(r => r.Synced)).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        ForgetAll();
        await HandAsync(handover => handover.TakeOverAsync, cancellationToken);
        Log.Working(_logger, _options.Workers);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = Task.WhenAll([
            .. _pipelines.Select(p => OrStopAsync(p.Controller, p.WorkAsync(stop.Token), stop)),
            .. _leaderWork.Select(w => OrStopAsync(w.GetType().Name, w.RunAsync(stop.Token), stop)),
        ]);
        await Task.WhenAny(work, Task.Delay(Timeout.InfiniteTimeSpan, _clock, stop.Token));
        try
        {
            await work.WaitAsync(_options.ShutdownTimeout, _clock, CancellationToken.None);
            await HandAsync(handover => handover.HandOverAsync, CancellationToken.None);
            ForgetAll();
            Log.Stopped(_logger);
        }
        catch (TimeoutException)
        {
            // Going on would let the next leader and these workers act at once: the process has to end.
            Log.Stuck(_logger, string.Join(", ", InWorkLongerThan(TimeSpan.Zero)));
            throw;
        }
    }

    // A part that ends in a defect would not be missed until somebody wonders: the process ends, and its successor has all parts.
    private async Task OrStopAsync(string part, Task running, CancellationTokenSource stop)
    {
        try
        {
            await running;
        }
        catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            Log.PartEnded(_logger, part, e);
            await stop.CancelAsync();
            throw;
        }
    }

    // Nothing here is worth waiting for long.
    private async Task HandAsync(Func<ILeaderHandover, Func<CancellationToken, Task>> act, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(HandoverTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        foreach (var handover in _handovers)
        {
            await act(handover)(either.Token);
        }
    }

    private void ForgetAll()
    {
        foreach (var memory in _memories)
        {
            memory.Forget();
        }
    }

    private async Task FlushAsync(Task events, CancellationTokenSource flushed)
    {
        flushed.CancelAfter(EventFlushTimeout);
        await events.WaitAsync(EventFlushTimeout * 2, _clock, CancellationToken.None);
    }

    private static partial class Log
    {
        [LoggerMessage(50, LogLevel.Information, "Caches are filled; {Workers} workers per kind start", EventName = "WorkersStarted")]
        public static partial void Working(ILogger logger, int workers);

        [LoggerMessage(53, LogLevel.Critical, "{Part} ended: the process must end", EventName = "PartEnded")]
        public static partial void PartEnded(ILogger logger, string part, Exception error);

        [LoggerMessage(51, LogLevel.Information, "All workers have stopped", EventName = "WorkersStopped")]
        public static partial void Stopped(ILogger logger);

        [LoggerMessage(52, LogLevel.Critical,
            "Workers did not stop in time, still busy with {Objects}: the process must end",
            EventName = "WorkersStuck")]
        public static partial void Stuck(ILogger logger, string objects);
    }
}
