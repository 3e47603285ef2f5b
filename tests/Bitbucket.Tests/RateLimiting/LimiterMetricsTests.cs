using System.Diagnostics.Metrics;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Bitbucket.Tests.RateLimiting;

/// <summary>What metrics tell of limiters.</summary>
public sealed class LimiterMetricsTests : IDisposable
{
    private const string Account = "user SOMEBODY@EXAMPLE.COM";
    private static readonly Uri Api = new("https://api.bitbucket.org/2.0");

    private readonly FakeTimeProvider _time = new();
    private readonly BitbucketMetrics _metrics = new();
    private readonly RateLimiters _limiters;
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _values = [];

    public LimiterMetricsTests()
    {
        _limiters = new(8, _time, _metrics.Refused);
        _metrics.Observe(_limiters);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _metrics.Meter) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => _values[Key(instrument, labels)] = value);
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, labels, _) => _values[Key(instrument, labels)] = _values.GetValueOrDefault(Key(instrument, labels)) + value);
        _listener.Start();
    }

    [Fact]
    public void AccountInTheWorstState_IsTheOneThatIsTold()
    {
        Rent("user OTHER").Start(RequestGroup.Webhooks, null).Accepted();
        var account = Rent(Account);
        for (var i = 0; i < 6; i++) account.Start(RequestGroup.Webhooks, null).Accepted();

        _listener.RecordObservableInstruments();

        Value("budget.remaining", "webhooks").ShouldBe(190);
        Value("budget.remaining", "repositories").ShouldBe(196);
        Value("budget.rate", "webhooks").ShouldBe(784 / 3600.0, 0.001);
        (Value("budget.wait", "webhooks"), Value("budget.pause", "webhooks")).ShouldBe((0, 0));
    }

    [Fact]
    public async Task BudgetThatIsUsedUp_TellsTheWaitAndWhatWasPutOff()
    {
        using var payer = new Payer(_limiters, LimiterKey.Of("direct", Api, Account, LimitedWorld.Cloud));
        using var place = await payer.EnterAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 196; i++) place.Start(RequestGroup.Repositories).Accepted();
        for (var i = 0; i < 2; i++) Should.Throw<FaultException>(() => place.Start(RequestGroup.Repositories));

        _listener.RecordObservableInstruments();

        Value("budget.remaining", "repositories").ShouldBe(0);
        Value("budget.wait", "repositories").ShouldBeInRange(1, 10);
        Value("budget.refusals", "repositories").ShouldBe(2);
        _time.Advance(TimeSpan.FromSeconds(Value("budget.wait", "repositories")));
        place.Start(RequestGroup.Repositories).Accepted();
    }

    [Fact]
    public void NoLabelAndNoState_TellsTheCredential()
    {
        Rent(Account).Start(RequestGroup.Webhooks, null).Refused(TimeSpan.FromSeconds(90));

        _listener.RecordObservableInstruments();

        Value("budget.pause", "webhooks").ShouldBe(90);
        Value("budget.wait", "webhooks").ShouldBe(90);
        _values.Keys.ShouldAllBe(k => !k.Contains("SOMEBODY", StringComparison.OrdinalIgnoreCase));
        _limiters.States.ShouldAllBe(s => s.Account == "user" && s.Host == "api.bitbucket.org");
    }

    [Fact]
    public void UnlimitedServer_TellsNoTokensAndNoRate()
    {
        _limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.DataCenter)).Start(RequestGroup.Webhooks, null).Accepted();

        _listener.RecordObservableInstruments();

        _values.Keys.ShouldNotContain(k => k.Contains("budget.remaining", StringComparison.Ordinal) || k.Contains("budget.rate", StringComparison.Ordinal));
        _values["bitbucket_operator.bitbucket.budget.pause host=bitbucket.example.com group=all"].ShouldBe(0);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _metrics.Dispose();
    }

    private AccountLimiter Rent(string account) => _limiters.Rent(LimiterKey.Of("direct", Api, account, LimitedWorld.Cloud));

    private double Value(string name, string group) => _values[$"bitbucket_operator.bitbucket.{name} host=api.bitbucket.org group={group}"];

    private static string Key(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var key = instrument.Name;
        foreach (var (name, value) in labels) key += $" {name}={value}";
        return key;
    }
}
