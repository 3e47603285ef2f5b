using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Bitbucket.Tests.RateLimiting;

/// <summary>What happens after a 429.</summary>
public sealed class PauseTests
{
    private static readonly RequestCost One = new(1, 0);
    private readonly FakeTimeProvider _time = new();
    private readonly RateLimiters _limiters;
    private readonly AccountLimiter _cloud;
    private readonly AccountLimiter _server;

    public PauseTests()
    {
        _limiters = new(8, _time);
        _cloud = _limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud));
        _server = _limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.DataCenter));
    }

    [Fact]
    public void Pauses_BecomeLongerWhileProbesAreRefusedAndShorterAgain()
    {
        foreach (var (limiter, seconds) in new[] { (_cloud, new[] { 30, 60, 120, 240, 300, 300 }), (_server, [2, 4, 8, 16, 32, 60, 60]) })
        {
            foreach (var expected in seconds)
            {
                var wait = limiter.Start(RequestGroup.Webhooks, null).Refused(retryAfter: null);
                wait.TotalSeconds.ShouldBeInRange(0.8 * expected, 1.2 * expected);
                Fault(limiter).RetryAfter.ShouldBe(wait);
                _time.Advance(wait);
            }

            limiter.Start(RequestGroup.Webhooks, null).Accepted();
            _time.Advance(TimeSpan.FromMinutes(20));
            var half = seconds[^1] / 2;
            limiter.Start(RequestGroup.Webhooks, null).Refused(retryAfter: null).TotalSeconds.ShouldBeInRange(0.8 * half, 1.2 * half);
        }
    }

    [Fact]
    public void RequestsRefusedTogether_AreOneEpisode()
    {
        var rate = _limiters.States[0].PerSecond!.Value;
        var attempts = Enumerable.Range(0, 9).Select(_ => _cloud.Start(RequestGroup.Webhooks, null)).ToList();

        var first = attempts[0].Refused(retryAfter: null);
        foreach (var attempt in attempts[1..8]) attempt.Refused(retryAfter: null).ShouldBe(first);
        _limiters.States[0].PerSecond!.Value.ShouldBe(0.7 * rate, 0.001);
        _time.Advance(first);
        _cloud.Start(RequestGroup.Webhooks, null).Accepted();
        attempts[8].Refused(retryAfter: null);

        _limiters.States[0].Paused.ShouldBe(TimeSpan.Zero, "a late answer belongs to the pause that is over");
        _limiters.States[0].PerSecond!.Value.ShouldBe(0.7 * rate, 0.001);
    }

    [Fact]
    public void RetryAfter_IsKeptToAndALongerOneCounts()
    {
        var (first, second) = (_cloud.Start(RequestGroup.Webhooks, null), _cloud.Start(RequestGroup.Webhooks, null));

        first.Refused(TimeSpan.FromSeconds(90)).ShouldBe(TimeSpan.FromSeconds(90));
        second.Refused(TimeSpan.FromSeconds(120)).ShouldBe(TimeSpan.FromSeconds(120));

        _time.Advance(TimeSpan.FromSeconds(119));
        Fault(_cloud).RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        _cloud.TryReserve(One, WorkClass.Cleanup, out var wait).ShouldBeNull();
        wait.TotalSeconds.ShouldBeInRange(1, 1.1);
    }

    [Fact]
    public void OneProbeGoes_AndTheOthersWaitForIt()
    {
        _time.Advance(_server.Start(RequestGroup.Webhooks, null).Refused(retryAfter: null));

        using var probe = _server.TryReserve(new(3, 0), WorkClass.Missing, out _);
        _server.TryReserve(One, WorkClass.Cleanup, out var wait).ShouldBeNull();
        Fault(_server).RetryAfter.ShouldBe(TimeSpan.FromSeconds(0.5));
        using var attempt = _server.Start(RequestGroup.Webhooks, probe);
        Should.Throw<FaultException>(() => _server.Start(RequestGroup.Webhooks, probe)).Fault.Reason.Name.ShouldBe("RateLimited");

        wait.TotalSeconds.ShouldBeInRange(0.5, 0.55);
        attempt.IsProbe.ShouldBeTrue();
        attempt.Accepted();
        _server.Start(RequestGroup.Webhooks, probe).IsProbe.ShouldBeFalse();
    }

    [Fact]
    public void ProbeThatIsNotSentOrNotAnswered_LeavesItToTheNext()
    {
        _time.Advance(_server.Start(RequestGroup.Webhooks, null).Refused(retryAfter: null));

        _server.TryReserve(One, WorkClass.Missing, out _)!.Dispose();
        using (var unanswered = _server.Start(RequestGroup.Webhooks, null)) unanswered.IsProbe.ShouldBeTrue();

        _server.Start(RequestGroup.Webhooks, null).IsProbe.ShouldBeTrue();
    }

    [Fact]
    public void ItemUnderWay_StopsInAPauseAndOnlyThen()
    {
        using var item = _cloud.TryReserve(One, WorkClass.Missing, out _);
        using var all = _cloud.TryReserve(new(194, 0), WorkClass.Missing, out _);
        for (var i = 0; i < 5; i++) _cloud.Start(RequestGroup.Webhooks, item).Accepted();
        _limiters.States[0].Tokens!.Value.ShouldBeLessThan(0, "more than reserved is owed");

        _cloud.Start(RequestGroup.Webhooks, all).Refused(retryAfter: null);

        Should.Throw<FaultException>(() => _cloud.Start(RequestGroup.Webhooks, item)).Fault.Reason.Name.ShouldBe("RateLimited");
        _cloud.Start(RequestGroup.Repositories, item).Accepted();
    }

    [Fact]
    public async Task OtherAccountsRoutesAndGroups_AreNotHeldUp()
    {
        var other = _limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud, account: "user OTHER"));
        var route = _limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud, route: "proxy"));
        for (var i = 0; i < 8; i++) await _cloud.EnterAsync(TestContext.Current.CancellationToken);
        using var all = _cloud.TryReserve(new(196, 0), WorkClass.Missing, out _).ShouldNotBeNull();
        _cloud.Start(RequestGroup.Webhooks, all).Refused(TimeSpan.FromHours(1));

        foreach (var limiter in new[] { other, route })
        {
            limiter.EnterAsync(TestContext.Current.CancellationToken).IsCompletedSuccessfully.ShouldBeTrue();
            using var item = limiter.TryReserve(new(196, 196), WorkClass.Missing, out _).ShouldNotBeNull();
        }

        using var group = _cloud.TryReserve(new(0, 196), WorkClass.Missing, out _).ShouldNotBeNull();
        _cloud.EnterAsync(TestContext.Current.CancellationToken).IsCompleted.ShouldBeFalse();
        _limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud)).ShouldBeSameAs(_cloud);
    }

    [Fact]
    public async Task WaitForAPlace_CanBeCancelled()
    {
        for (var i = 0; i < 8; i++) await _server.EnterAsync(TestContext.Current.CancellationToken);
        using var cancellation = new CancellationTokenSource();

        var waiting = _server.EnterAsync(cancellation.Token);
        await cancellation.CancelAsync();

        await waiting.ShouldThrowAsync<OperationCanceledException>();
    }

    private static Fault Fault(AccountLimiter limiter) =>
        Should.Throw<FaultException>(() => limiter.Start(RequestGroup.Webhooks, null)).Fault;
}
