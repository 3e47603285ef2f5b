using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Runtime.Events;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Runtime.Tests;

public sealed class EventCorrelatorTests
{
    private static readonly EventIdentity Identity = new("u", "one", "Failed", "it broke", EventType.Warning);
    private readonly FakeTimeProvider _clock = new();
    private readonly EventCorrelator _correlator;

    public EventCorrelatorTests() => _correlator = new(_clock, capacity: 2);

    [Fact]
    public void BudgetOfAnObject_IsABurstThenOnePerFiveMinutes()
    {
        Enumerable.Range(0, 30).Count(_ => _correlator.TryTake("u")).ShouldBe(25);
        _correlator.TryTake("other").ShouldBeTrue();

        _clock.Advance(TimeSpan.FromMinutes(4));
        _correlator.TryTake("u").ShouldBeFalse();
        _clock.Advance(TimeSpan.FromMinutes(1));
        _correlator.TryTake("u").ShouldBeTrue();
        _correlator.TryTake("u").ShouldBeFalse();
    }

    [Fact]
    public void SameEvent_IsFoundUntilTheServerForgetsIt()
    {
        _correlator.Remember(Identity, new("ns", "one.1", 1));

        _correlator.Find(Identity).ShouldBe(new("ns", "one.1", 1));
        _correlator.Find(Identity with { Message = "other" }).ShouldBeNull();
        _correlator.Find(Identity with { Type = EventType.Normal }).ShouldBeNull();
        _clock.Advance(TimeSpan.FromHours(1));
        _correlator.Find(Identity).ShouldBeNull();
    }

    [Fact]
    public void Memory_IsBounded()
    {
        for (var i = 0; i < 3; i++)
        {
            _correlator.Remember(Identity with { Reason = $"r{i}" }, new("ns", $"e{i}", 1));
        }

        _correlator.Find(Identity with { Reason = "r0" }).ShouldBeNull();
        _correlator.Find(Identity with { Reason = "r2" }).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("x")]
    [InlineData("ä")]
    [InlineData("€")]
    [InlineData("😀")]
    public void LongMessage_IsCutBetweenCharacters(string character)
    {
        for (var prefix = 0; prefix < 4; prefix++)
        {
            var message = new string('-', prefix) + string.Concat(Enumerable.Repeat(character, 1100));
            var cut = EventRecorder.Cut(message);
            Encoding.UTF8.GetByteCount(cut).ShouldBeInRange(1018, 1024);
            message.ShouldStartWith(cut[..^3]);
            cut.ShouldEndWith("...");
        }
    }

    [Fact]
    public void ShortMessage_StaysAsItIs() => EventRecorder.Cut(new string('x', 1024)).Length.ShouldBe(1024);
}
