using System.Diagnostics.Metrics;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Bitbucket.Tests.RateLimiting;

/// <summary>What metrics tell of budgets.</summary>
public sealed class BudgetMetricsTests : IDisposable
{
    private const string Identity = "user SOMEBODY@EXAMPLE.COM";
    private readonly FakeTimeProvider _time = new();
    private readonly BitbucketMetrics _metrics = new();
    private readonly RequestBudgets _budgets;
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _values = [];

    public BudgetMetricsTests()
    {
        // Three requests at once, for a third of the hour's may go so.
        _budgets = new(new("https://api.bitbucket.org/2.0"), perHour: 9, _time, _metrics.Refused);
        _metrics.Observe(_budgets);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _metrics.Meter) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => _values[Key(instrument, labels)] = value);
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => _values[Key(instrument, labels)] = _values.GetValueOrDefault(Key(instrument, labels)) + value);
        _listener.Start();
    }

    [Fact]
    public void CredentialWithTheLeast_IsTheOneThatIsTold()
    {
        _budgets.Of("user OTHER", webhooks: true).Take();
        for (var i = 0; i < 2; i++) _budgets.Of(Identity, webhooks: true).Take();

        _listener.RecordObservableInstruments();

        Value("budget.remaining", "webhooks").ShouldBe(1);
        Value("budget.wait", "webhooks").ShouldBe(0);
        _values.Keys.ShouldNotContain(k => k.Contains("group=repositories", StringComparison.Ordinal), "none was sent");
    }

    [Fact]
    public void BudgetThatIsUsedUp_TellsTheWaitAndWhatWasPutOff()
    {
        var budget = _budgets.Of(Identity, webhooks: false);
        for (var i = 0; i < 3; i++) budget.Take();
        for (var i = 0; i < 2; i++) Should.Throw<FaultException>(budget.Take);

        _listener.RecordObservableInstruments();

        Value("budget.remaining", "repositories").ShouldBe(0);
        Value("budget.wait", "repositories").ShouldBeGreaterThan(60);
        Value("budget.refusals", "repositories").ShouldBe(2);
        _time.Advance(TimeSpan.FromSeconds(Value("budget.wait", "repositories")));
        budget.Take();
    }

    [Fact]
    public void NoLabel_TellsTheCredential()
    {
        _budgets.Of(Identity, webhooks: true).Stop(retryAfter: null);
        Should.Throw<FaultException>(_budgets.Of(Identity, webhooks: true).Take);

        _listener.RecordObservableInstruments();

        Value("budget.wait", "webhooks").ShouldBeGreaterThan(299);
        _values.Keys.ShouldAllBe(k => !k.Contains("SOMEBODY", StringComparison.OrdinalIgnoreCase));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _metrics.Dispose();
    }

    private double Value(string name, string group) => _values[$"bitbucket_operator.bitbucket.{name} host=api.bitbucket.org group={group}"];

    private static string Key(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var key = instrument.Name;
        foreach (var (name, value) in labels) key += $" {name}={value}";
        return key;
    }
}
