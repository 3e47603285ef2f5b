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
    private RequestBudgets? _budgets;

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
            "How long a request waited for a place among those that may be in flight to its host. Labels: host");
        _inFlight = Meter.CreateUpDownCounter<int>(
            "bitbucket_operator.bitbucket.requests.in_flight", unit: null, "Requests in flight. Labels: host");
        _refusals = Meter.CreateCounter<long>(
            "bitbucket_operator.bitbucket.budget.refusals",
            unit: null,
            "Requests to Bitbucket Cloud that were put off, because the budget of their credential was used up "
            + "or a 429 has to be waited for. Labels: host, group");
        Meter.CreateObservableGauge(
            "bitbucket_operator.bitbucket.budget.remaining",
            () => States().Select(s => Of(s.Left, s.Host, s.Group)),
            unit: null,
            "Requests to Bitbucket Cloud that the credential with the least budget left may send now. Labels: host, group");
        Meter.CreateObservableGauge(
            "bitbucket_operator.bitbucket.budget.wait",
            () => States().Select(s => Of(s.Wait.TotalSeconds, s.Host, s.Group)),
            "s",
            "How long the credential with the longest wait sends nothing to Bitbucket Cloud. Labels: host, group");
    }

    /// <summary>Theirs alone: several of this name may live in a process.</summary>
    internal Meter Meter { get; } = new(Name);

    /// <summary>Takes the instruments away.</summary>
    public void Dispose()
    {
        Meter.Dispose();
        _activities.Dispose();
    }

    /// <summary>From now on the gauges tell of these budgets.</summary>
    internal void Observe(RequestBudgets budgets) => _budgets = budgets;

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

    /// <summary>A request was not sent for the sake of its budget.</summary>
    internal void Refused(string host, string group) => _refusals.Add(1, new(Host, host), new("group", group));

    private void End(HttpCall call, string code, TimeSpan duration)
    {
        var host = HostOf(call);
        var operation = new KeyValuePair<string, object?>(Operation, call.Operation);
        _inFlight.Add(-1, host);
        _requests.Add(1, host, operation, new(Code, code));
        _duration.Record(duration.TotalSeconds, host, operation);
    }

    private IEnumerable<(string Host, string Group, double Left, TimeSpan Wait)> States() => _budgets?.States ?? [];

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
