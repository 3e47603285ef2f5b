using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using BitbucketOperator.Bitbucket.RateLimiting;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>
/// What is measured of the traffic to Bitbucket. An instrument is defined here and nowhere else: the table in
/// docs/metrics.md is written from the names, units and descriptions below, and what follows <c>Labels:</c> in a
/// description names its labels. No label names a credential.
/// </summary>
public sealed class BitbucketMetrics : IDisposable
{
    /// <summary>Name of the meter and of the source of traces.</summary>
    public const string Name = "BitbucketOperator.Bitbucket";

    private const string Host = "host";
    private const string Operation = "operation";
    private const string Code = "code";
    private readonly ActivitySource _activities = new(Name);
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _wait;
    private readonly UpDownCounter<int> _inFlight;
    private readonly Counter<long> _refusals;
    private RateLimiters? _limiters;

    /// <summary>Makes the instruments.</summary>
    public BitbucketMetrics()
    {
        _requests = Meter.CreateCounter<long>(
            "bitbucket_operator.bitbucket.requests",
            unit: null,
            "Requests to Bitbucket, repetitions included; code is the HTTP status, 429 for a throttled one, "
            + "and none where no answer came. Labels: host, operation, code");
        _duration = Seconds(
            "bitbucket_operator.bitbucket.request.duration",
            "How long a request took, until its whole answer was read. Labels: host, operation");
        _wait = Seconds(
            "bitbucket_operator.bitbucket.request.wait",
            "How long a request waited for a place among those of its account that may be in flight to its host. Labels: host");
        _inFlight = Meter.CreateUpDownCounter<int>(
            "bitbucket_operator.bitbucket.requests.in_flight", unit: null, "Requests in flight. Labels: host");
        _refusals = Meter.CreateCounter<long>(
            "bitbucket_operator.bitbucket.budget.refusals",
            unit: null,
            "Requests to Bitbucket that were put off, because the rate limiter had none left for their account or a 429 has to be "
            + "waited for. Labels: host, group");
        CreateGauges();
    }

    /// <summary>Theirs alone: several of this name may live in a process.</summary>
    internal Meter Meter { get; } = new(Name);

    /// <summary>Takes the instruments away.</summary>
    public void Dispose()
    {
        Meter.Dispose();
        _activities.Dispose();
    }

    /// <summary>From now on the gauges tell of these limiters.</summary>
    internal void Observe(RateLimiters limiters) => _limiters = limiters;

    /// <summary>A request got its place.</summary>
    internal void Entered(HttpCall call, TimeSpan wait) => _wait.Record(wait.TotalSeconds, HostOf(call));

    /// <summary>A request goes out; the span is null while nobody collects traces.</summary>
    internal Activity? StartRequest(HttpCall call)
    {
        _inFlight.Add(1, HostOf(call));
        var activity = _activities.StartActivity(call.Operation, ActivityKind.Client);
        return activity?
            .SetTag("http.request.method", call.Method.Method)
            .SetTag("server.address", call.Uri.Host)
            .SetTag("server.port", call.Uri.Port)
            .SetTag("url.path", call.Uri.AbsolutePath);
    }

    /// <summary>Its answer came.</summary>
    internal void Answered(HttpCall call, HttpStatusCode status, TimeSpan duration, Activity? activity)
    {
        End(call, ((int)status).ToString(), duration);
        if (activity is null) return;
        activity.SetTag("http.response.status_code", (int)status);
        if ((int)status >= 400) activity.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>No answer came.</summary>
    internal void Unanswered(HttpCall call, TimeSpan duration, Activity? activity)
    {
        End(call, "none", duration);
        activity?.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>A request was not sent for the sake of a limit.</summary>
    internal void Refused(string host, string group) => _refusals.Add(1, new(Host, host), new("group", group));

    private void End(HttpCall call, string code, TimeSpan duration)
    {
        var host = HostOf(call);
        var operation = new KeyValuePair<string, object?>(Operation, call.Operation);
        _inFlight.Add(-1, host);
        _requests.Add(1, host, operation, new(Code, code));
        _duration.Record(duration.TotalSeconds, host, operation);
    }

    private void CreateGauges()
    {
        Gauge(
            "remaining",
            unit: null,
            "Requests to Bitbucket that the account with the fewest left may send now, negative when some are owed; only of accounts "
            + "with a limit. Labels: host, group",
            states => states.Min(s => s.Tokens));
        Gauge(
            "rate",
            unit: null,
            "Requests per second that the account with the lowest limit may send; only of accounts with a limit. Labels: host, group",
            states => states.Min(s => s.PerSecond));
        Gauge(
            "wait",
            "s",
            "How long the account with the longest wait sends nothing, for want of requests or after a 429. Labels: host, group",
            states => states.Max(s => s.Wait.TotalSeconds));
        Gauge(
            "pause",
            "s",
            "How long the account with the longest pause sends nothing after a 429; zero without a pause. Labels: host, group",
            states => states.Max(s => s.Paused.TotalSeconds));
    }

    // Of several accounts the one in the worst state: a series for each would tell their names, and be too many.
    private void Gauge(string name, string? unit, string description, Func<IEnumerable<RateLimiterState>, double?> worst) =>
        Meter.CreateObservableGauge($"bitbucket_operator.bitbucket.budget.{name}", () => Measure(worst), unit, description);

    private IEnumerable<Measurement<double>> Measure(Func<IEnumerable<RateLimiterState>, double?> worst) =>
        from state in _limiters?.States ?? []
        group state by (state.Host, state.Group) into states
        let value = worst(states)
        where value is not null
        select Of(value.Value, states.Key.Host, states.Key.Group);

    private static KeyValuePair<string, object?> HostOf(HttpCall call) => new(Host, call.Uri.Authority);

    private static Measurement<double> Of(double value, string host, string group) =>
        new(value, new KeyValuePair<string, object?>(Host, host), new("group", group));

    private Histogram<double> Seconds(string name, string description) => Meter.CreateHistogram(
        name,
        "s",
        description,
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });
}
