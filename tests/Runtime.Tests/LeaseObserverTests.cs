using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Leadership;
using BitbucketOperator.Runtime.Model;
using Microsoft.Extensions.Time.Testing;
using k8s.Models;

namespace BitbucketOperator.Runtime.Tests;

public sealed class LeaseObserverTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly LeaseObserver _observer;

    public LeaseObserverTests() => _observer = new(new() { Identity = "me" }, _clock);

    [Fact]
    public void LeaseOfAnother_IsTakenOnceItWasNotRenewedForItsDuration()
    {
        _observer.CanTake(Lease("other", version: "1")).ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(29));
        _observer.CanTake(Lease("other", version: "1")).ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));
        _observer.CanTake(Lease("other", version: "1")).ShouldBeTrue();
    }

    [Fact]
    public void RenewedLease_StartsTheWaitAnew()
    {
        _observer.CanTake(Lease("other", version: "1"));
        _clock.Advance(TimeSpan.FromSeconds(29));
        _observer.CanTake(Lease("other", version: "2"));
        _clock.Advance(TimeSpan.FromSeconds(29));

        _observer.CanTake(Lease("other", version: "2")).ShouldBeFalse();
    }

    [Fact]
    public void TimesOfAWrongClock_DoNotMatter()
    {
        var lease = Lease("other", version: "1");
        lease.Spec.RenewTime = new DateTime(1999, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        _observer.CanTake(lease).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("me")]
    public void LeaseOfNobodyOrOurs_IsTakenAtOnce(string? holder) => _observer.CanTake(Lease(holder, version: "1")).ShouldBeTrue();

    [Fact]
    public void Claim_CountsTheChangeOfHands()
    {
        var claim = _observer.Claim(Lease("other", version: "7"));

        claim.Spec.HolderIdentity.ShouldBe("me");
        claim.Spec.LeaseTransitions.ShouldBe(4);
        claim.Spec.LeaseDurationSeconds.ShouldBe(30);
        claim.Metadata.ResourceVersion.ShouldBe("7");
        _observer.Claim(Lease("me", version: "7")).Spec.LeaseTransitions.ShouldBe(3);
        _observer.Claim(null).Spec.LeaseTransitions.ShouldBe(0);
    }

    [Fact]
    public void Renewal_ChangesTheRenewTimeOnly()
    {
        var held = _observer.Claim(null);
        _clock.Advance(TimeSpan.FromSeconds(5));

        var renewal = _observer.Renewal(held);

        renewal.Spec.ShouldBe(held.Spec with { RenewTime = held.Spec.RenewTime + TimeSpan.FromSeconds(5) });
    }

    [Fact]
    public void Release_LeavesALeaseThatAnybodyMayTake()
    {
        var released = _observer.Release(_observer.Claim(null));

        released.Spec.HolderIdentity.ShouldBe("");
        released.Spec.LeaseDurationSeconds.ShouldBe(1);
        new LeaseObserver(new() { Identity = "next" }, _clock).CanTake(released).ShouldBeTrue();
    }

    [Fact]
    public void Identities_AreUniquePerProcess() =>
        new LeaderElectionOptions().Identity.ShouldNotBe(new LeaderElectionOptions().Identity);

    private static V1Lease Lease(string? holder, string version) => new()
    {
        Metadata = new() { Name = "operator", ResourceVersion = version },
        Spec = new() { HolderIdentity = holder, LeaseDurationSeconds = 30, LeaseTransitions = 3 },
    };
}
