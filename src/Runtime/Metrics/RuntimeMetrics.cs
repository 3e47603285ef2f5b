using System.Diagnostics;
using System.Diagnostics.Metrics;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Runtime.Metrics;

/// <summary>
/// What the runtime measures. An instrument is defined here and nowhere else: the table in docs/metrics.md is written from
/// the names, units and descriptions below, and what follows <c>Labels:</c> in a description names its labels.
/// </summary>
public sealed class RuntimeMetrics : IDisposable
{
    /// <summary>Name of the meter and of the source of traces.</summary>
    public const string Name = "BitbucketOperator.Runtime";

    private const string Controller = "controller";
    private const string Resource = "resource";
    private readonly Meter _meter = new(Name);
    private readonly ActivitySource _activities = new(Name);
    private readonly Counter<long> _reconciles;
    private readonly Histogram<double> _reconcileDuration;
    private readonly Histogram<double> _queueWait;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _panics;
    private readonly Counter<long> _droppedEvents;
    private readonly Counter<long> _watchRestarts;
    private IRuntimeState? _state;

    /// <summary>Makes the instruments; those of the present moment are empty until the operator runs.</summary>
    public RuntimeMetrics()
    {
        _reconciles = _meter.CreateCounter<long>(
            "bitbucket_operator.reconciles",
            unit: null,
            "Reconciles that ended, result success, failure, conflict, or cancelled by a change. Labels: controller, result");
        _reconcileDuration = Seconds(
            "bitbucket_operator.reconcile.duration",
            "How long a reconcile took. Labels: controller",
            [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800]);
        _queueWait = Seconds(
            "bitbucket_operator.queue.wait",
            "How long an object that was due waited for a worker. Labels: controller",
            [0.001, 0.01, 0.1, 1, 10, 60, 600]);
        _retries = _meter.CreateCounter<long>(
            "bitbucket_operator.queue.retries",
            unit: null,
            "Objects put back after a reconcile that failed or met a conflict. Labels: controller");
        _panics = _meter.CreateCounter<long>(
            "bitbucket_operator.reconcile.panics",
            unit: null,
            "Reconciles that ended in a defect of the operator; the object is tried again after a minute. Labels: controller");
        _droppedEvents = _meter.CreateCounter<long>(
            "bitbucket_operator.events.dropped",
            unit: null,
            "Events that were not written, reason queue_full, object_limit (more than 25 at once for one object), "
            + "namespace_terminating, or failed. Labels: reason");
        _watchRestarts = _meter.CreateCounter<long>(
            "bitbucket_operator.watch.restarts",
            unit: null,
            "Watches opened again, reason closed (by the server, which is regular), silent, expired or failed. Labels: resource, reason");
        _meter.CreateObservableGauge(
            "bitbucket_operator.queue.depth",
            QueueDepths,
            unit: null,
            "Objects that are due and wait for a worker. Labels: controller");
        _meter.CreateObservableGauge(
            "bitbucket_operator.reconcile.oldest",
            OldestReconciles,
            "s",
            "How long the oldest reconcile that is running has been running, 0 while none is. Labels: controller");
        _meter.CreateObservableGauge(
            "bitbucket_operator.watch.staleness",
            WatchAges,
            "s",
            "Time since the API server last sent anything on a watch, the stalest of its namespaces. Labels: resource");
        _meter.CreateObservableGauge(
            "bitbucket_operator.leader", Leader, unit: null, "1 while this replica leads, 0 while it stands by.");
    }

    /// <summary>Takes the instruments away.</summary>
    public void Dispose()
    {
        _meter.Dispose();
        _activities.Dispose();
    }

    /// <summary>From now on the gauges tell of this operator.</summary>
    internal void Observe(IRuntimeState state) => _state = state;

    /// <summary>Begins the span of a pass; null while nobody collects traces.</summary>
    internal Activity? StartPass(string controller, EntityKey key)
    {
        // Names the object, so that nothing is formatted while nobody listens.
        var activity = _activities.StartActivity("reconcile");
        activity?.SetTag(Controller, controller).SetTag("k8s.namespace.name", key.Namespace).SetTag("k8s.object.name", key.Name);
        return activity;
    }

    internal void PassEnded(string controller, ReconciliationOutcome outcome, TimeSpan duration, Activity? activity)
    {
        var result = NameOf(outcome);
        _reconciles.Add(1, new(Controller, controller), new("result", result));
        _reconcileDuration.Record(duration.TotalSeconds, Label(Controller, controller));
        activity?.SetTag("result", result);
        if (outcome == ReconciliationOutcome.Failure)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
        }
    }

    internal void Waited(string controller, TimeSpan wait) => _queueWait.Record(wait.TotalSeconds, Label(Controller, controller));

    internal void Retried(string controller) => _retries.Add(1, Label(Controller, controller));

    internal void Panicked(string controller) => _panics.Add(1, Label(Controller, controller));

    internal void EventDropped(string reason) => _droppedEvents.Add(1, Label("reason", reason));

    internal void WatchRestarted(string resource, string reason) =>
        _watchRestarts.Add(1, new(Resource, resource), new("reason", reason));

    private IEnumerable<Measurement<int>> QueueDepths() =>
        _state?.QueueDepths.Select(d => new Measurement<int>(d.Waiting, Label(Controller, d.Controller))) ?? [];

    private IEnumerable<Measurement<double>> OldestReconciles() =>
        _state?.OldestReconciles.Select(o => new Measurement<double>(o.Age.TotalSeconds, Label(Controller, o.Controller))) ?? [];

    private IEnumerable<Measurement<double>> WatchAges() => _state?.WatchAges
        .GroupBy(w => w.Resource, w => w.Age.TotalSeconds, StringComparer.Ordinal)
        .Select(ages => new Measurement<double>(ages.Max(), Label(Resource, ages.Key))) ?? [];

    private IEnumerable<Measurement<int>> Leader() => _state is { } state ? [new(state.Leads ? 1 : 0)] : [];

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private Histogram<double> Seconds(string name, string description, IReadOnlyList<double> buckets) =>
        _meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });

    private static string NameOf(ReconciliationOutcome outcome) => outcome switch
    {
        ReconciliationOutcome.Success => "success",
        ReconciliationOutcome.Conflict => "conflict",
        ReconciliationOutcome.Cancelled => "cancelled",
        _ => "failure",
    };
}
