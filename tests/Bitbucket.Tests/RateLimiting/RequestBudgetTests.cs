using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Bitbucket.Tests.RateLimiting;

public sealed class RequestBudgetTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void NoHourAtAll_SeesMoreThanTheLimit()
    {
        var budget = new RequestBudget("x", 900, _time);
        var sent = new List<DateTimeOffset>();
        for (var minute = 0; minute < 240; minute++)
        {
            // Quiet hours fill it up, busy ones take all there is.
            while (minute is > 60 and < 200 && Fault(budget) is null) sent.Add(_time.GetUtcNow());
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        sent.Max(start => sent.Count(time => time >= start && time < start.AddHours(1))).ShouldBeInRange(850, 900);
    }

    [Fact]
    public void EmptyBudget_SaysWhenAUsefulPartIsBack()
    {
        var budget = new RequestBudget("x", 900, _time);
        for (var i = 0; i < 300; i++) budget.Take();

        var fault = Fault(budget)!;

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "RateLimited"));
        fault.RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromMinutes(7), TimeSpan.FromMinutes(8));
        _time.Advance(fault.RetryAfter.Value);
        for (var i = 0; i < 75; i++) budget.Take();
    }

    [Fact]
    public void SmallWait_IsAtLeastSomeSeconds()
    {
        var budget = new RequestBudget("x", 360_000, _time);
        while (Fault(budget) is null)
        {
            // Until it is empty.
        }

        Fault(new RequestBudget("x", 1, _time)).ShouldBeNull();
        Fault(budget)!.RetryAfter!.Value.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Stops_BecomeLongerUpToAnHourAndBeginAnewAfterASuccess()
    {
        var budget = new RequestBudget("x", 900, _time);
        foreach (var minutes in new[] { 5, 10, 20, 40, 60, 60 })
        {
            var wait = budget.Stop(retryAfter: null);

            wait.ShouldBeInRange(TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(minutes * 1.2));
            Fault(budget)!.RetryAfter.ShouldBe(wait);
            _time.Advance(wait);
            Fault(budget).ShouldBeNull();
        }

        budget.Succeed();
        budget.Stop(retryAfter: null).ShouldBeInRange(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6));
    }

    [Fact]
    public void RequestsRefusedTogether_CountOnce()
    {
        var budget = new RequestBudget("x", 900, _time);
        var first = budget.Stop(retryAfter: null);

        for (var i = 0; i < 8; i++) budget.Stop(retryAfter: null).ShouldBe(first);
        budget.Succeed();

        Fault(budget)!.RetryAfter.ShouldBe(first);
        _time.Advance(first);
        budget.Stop(retryAfter: null).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void RetryAfter_IsKeptTo()
    {
        var budget = new RequestBudget("x", 900, _time);

        budget.Stop(TimeSpan.FromSeconds(90)).ShouldBe(TimeSpan.FromSeconds(90));
        budget.Stop(TimeSpan.FromSeconds(120)).ShouldBe(TimeSpan.FromSeconds(120));
        _time.Advance(TimeSpan.FromSeconds(120));
        Fault(budget).ShouldBeNull();
    }

    [Fact]
    public void IdleBudget_IsForgottenOnlyWhenNothingIsLostByIt()
    {
        var budget = new RequestBudget("x", 900, _time);
        budget.IsIdle.ShouldBeFalse();
        budget.Stop(retryAfter: null);
        _time.Advance(TimeSpan.FromMinutes(50));
        budget.IsIdle.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(30));
        budget.IsIdle.ShouldBeTrue();
    }

    private static Fault? Fault(RequestBudget budget)
    {
        try
        {
            budget.Take();
            return null;
        }
        catch (FaultException exception)
        {
            return exception.Fault;
        }
    }
}
