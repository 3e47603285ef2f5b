using BitbucketOperator.Runtime.Leadership;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Testing;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Runtime.Tests;

public sealed class WriteFenceTests
{
    private readonly TwoClocks _clock = new();
    private readonly OperatorOptions _options = new() { LeaderElection = { Enabled = true } };
    private readonly WriteFence _fence;

    public WriteFenceTests() => _fence = new(_options, _clock);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fence_IsOpenFromTheSendOfARenewalUntilTheMarginBeforeTheLeaseEnds()
    {
        (await MayWriteAsync()).ShouldBeFalse("the Lease is not ours");
        _fence.Open(_fence.Now(), mustWait: false);
        _clock.Advance(TimeSpan.FromSeconds(23));
        (await MayWriteAsync()).ShouldBeTrue();
        _fence.Leads.ShouldBeTrue();

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        (await MayWriteAsync()).ShouldBeFalse();
        _fence.Leads.ShouldBeFalse();

        // The answer took 10 s: it counts from when the request was sent.
        var sent = _fence.Now();
        _clock.Advance(TimeSpan.FromSeconds(10));
        _fence.Renew(sent);
        _clock.Advance(TimeSpan.FromSeconds(13));
        (await MayWriteAsync()).ShouldBeTrue();
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await MayWriteAsync()).ShouldBeFalse();
    }

    [Fact]
    public void LeaseOfALeaderThatDidNotGiveItUp_IsATakeOver()
    {
        _fence.SinceTakeOver.ShouldBeNull();
        _fence.Open(_fence.Now(), mustWait: false);
        _fence.SinceTakeOver.ShouldBeNull("it was given up");

        _fence.Open(_fence.Now(), mustWait: true);
        _clock.Advance(TimeSpan.FromSeconds(10));
        _fence.Renew(_fence.Now());
        _clock.Advance(TimeSpan.FromSeconds(10));

        _fence.SinceTakeOver.ShouldBe(TimeSpan.FromSeconds(20));
        _fence.Close();
        _fence.SinceTakeOver.ShouldBeNull();
    }

    [Fact]
    public async Task Stall_ClosesIt_AndARenewalOpensItAgain()
    {
        _fence.Open(_fence.Now(), mustWait: false);
        _clock.Advance(TimeSpan.FromSeconds(60));
        (await MayWriteAsync()).ShouldBeFalse();

        _fence.Renew(_fence.Now());

        (await MayWriteAsync()).ShouldBeTrue();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task WallClockThatJumps_ClosesItUntilTheNextRenewal_WhichIsAskedForAtOnce(int hours)
    {
        _fence.Open(_fence.Now(), mustWait: false);
        _fence.Doubted.IsCompleted.ShouldBeFalse();

        _clock.Jump(TimeSpan.FromHours(hours));

        (await MayWriteAsync()).ShouldBeFalse();
        _fence.Doubted.IsCompleted.ShouldBeTrue();
        _fence.Renew(_fence.Now());
        _fence.Doubted.IsCompleted.ShouldBeFalse();
        (await MayWriteAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task WallClockThatIsAdjustedSlightly_DoesNotMatter()
    {
        _fence.Open(_fence.Now(), mustWait: false);
        _clock.Jump(TimeSpan.FromMilliseconds(900));

        (await MayWriteAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task NewLeaderThatTookTheLease_WritesAfterTheMargin()
    {
        _fence.Open(_fence.Now(), mustWait: true);
        var write = _fence.MayWriteAsync(Stop).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(6.9));
        write.IsCompleted.ShouldBeFalse();

        _clock.Advance(TimeSpan.FromSeconds(0.1));

        (await Eventually.EndsAsync("first write", write)).ShouldBeTrue();
        (await MayWriteAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task NewLeaderThatLosesTheLeaseWhileItWaits_DoesNotWrite()
    {
        _fence.Open(_fence.Now(), mustWait: true);
        var write = _fence.MayWriteAsync(Stop).AsTask();

        _fence.Close();
        _clock.Advance(TimeSpan.FromSeconds(7));

        (await Eventually.EndsAsync("refused write", write)).ShouldBeFalse();
    }

    [Fact]
    public async Task WithoutElection_ItIsAlwaysOpen()
    {
        _options.LeaderElection.Enabled = false;

        _fence.Leads.ShouldBeTrue();
        (await MayWriteAsync()).ShouldBeTrue();
    }

    /// <summary>Whatever the clocks do, who may write has a Lease that is valid for the margin.</summary>
    [Fact]
    public Task AnyHistory_NeverWritesPastTheMargin() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 40]).Array[1, 60].SampleAsync(async steps =>
        {
            var clock = new TwoClocks();
            var fence = new WriteFence(_options, clock);
            fence.Open(fence.Now(), mustWait: false);
            var renewedAt = clock.GetTimestamp();
            var never = true;
            foreach (var (action, number) in steps)
            {
                switch (action)
                {
                    case 0:
                        fence.Renew(fence.Now());
                        renewedAt = clock.GetTimestamp();
                        break;
                    case 1:
                        clock.Jump(TimeSpan.FromHours(number - 20));
                        break;
                    case 2:
                        clock.Advance(TimeSpan.FromSeconds(60));
                        break;
                    default:
                        clock.Advance(TimeSpan.FromSeconds(number) / 4);
                        break;
                }

                never &= clock.GetElapsedTime(renewedAt) <= TimeSpan.FromSeconds(23) || !await fence.MayWriteAsync(Stop);
            }

            return never;
        });

    private async Task<bool> MayWriteAsync() => await _fence.MayWriteAsync(Stop);

    /// <summary>A clock whose wall time can be set.</summary>
    private sealed class TwoClocks : TimeProvider
    {
        private readonly FakeTimeProvider _monotonic = new();
        private TimeSpan _offset;

        public override long TimestampFrequency => _monotonic.TimestampFrequency;

        public void Advance(TimeSpan by) => _monotonic.Advance(by);

        public void Jump(TimeSpan by) => _offset += by;

        public override DateTimeOffset GetUtcNow() => _monotonic.GetUtcNow() + _offset;

        public override long GetTimestamp() => _monotonic.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            _monotonic.CreateTimer(callback, state, dueTime, period);
    }
}
