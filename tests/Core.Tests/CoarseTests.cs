using BitbucketOperator.Core.Status;
using CsCheck;

namespace BitbucketOperator.Core.Tests;

/// <summary>Estimates as status tells them.</summary>
public sealed class CoarseTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(4, null)]
    [InlineData(5, "12:05")]
    [InlineData(31, "12:35")]
    [InlineData(61, "13:15")]
    [InlineData(355, "18:00")]
    [InlineData(361, "19:00")]
    public void End_IsRoundedUp(int minutes, string? expected) =>
        Coarse.End(Now, TimeSpan.FromMinutes(minutes), before: null)?.ToString("HH:mm").ShouldBe(expected);

    [Fact]
    public void End_StaysUntilItIsTooFarOff()
    {
        var told = Coarse.End(Now, TimeSpan.FromMinutes(31), before: null);
        Coarse.End(Now, TimeSpan.FromMinutes(39), told).ShouldBe(told);
        Coarse.End(Now, TimeSpan.FromMinutes(26), told).ShouldBe(told);
        Coarse.End(Now, TimeSpan.FromMinutes(42), told).ShouldBe(Now + TimeSpan.FromMinutes(45));
        Coarse.End(Now, TimeSpan.FromMinutes(11), told).ShouldBe(Now + TimeSpan.FromMinutes(15));
        Coarse.End(Now, TimeSpan.FromMinutes(1), told).ShouldBe(Now + TimeSpan.FromMinutes(5));
        Coarse.End(Now + TimeSpan.FromMinutes(35), TimeSpan.FromMinutes(3), told).ShouldBe(Now + TimeSpan.FromMinutes(40), "it has passed");
    }

    [Fact]
    public void EndThatNeverComesNearer_ChangesAtMostOncePerStep() => Gen.Select(Gen.Int[6, 600], Gen.Int[-120, 120].Array[500]).Sample((minutes, noise) =>
    {
        var (told, changes) = (default(DateTimeOffset?), 0);
        for (var i = 0; i < noise.Length; i++)
        {
            var now = Now + TimeSpan.FromSeconds(10 * i);
            var next = Coarse.End(now, TimeSpan.FromMinutes(minutes) + TimeSpan.FromSeconds(noise[i]), told);
            changes += next == told ? 0 : 1;
            told = next;
            told.ShouldNotBeNull().ShouldBeGreaterThan(now);
        }

        return changes <= 2 + (noise.Length * 10 / 60 / 5);
    });

    [Fact]
    public void EndThatIsReachedAsEstimated_OnlyBecomesMorePrecise() => Gen.Select(Gen.Int[6, 600], Gen.Int[-100, 100].Array[400]).Sample((minutes, noise) =>
    {
        var end = Now + TimeSpan.FromMinutes(minutes);
        var told = new List<DateTimeOffset?>();
        for (var i = 0; i < noise.Length; i++)
        {
            var now = Now + ((end - Now) * ((double)i / noise.Length));
            told.Add(Coarse.End(now, end - now + TimeSpan.FromSeconds(noise[i]), told.LastOrDefault()));
        }

        // Hours, quarters of an hour, five minutes, and once more where the first estimate was too early.
        return told.Distinct().Count() <= 4;
    });

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(10.0, null, null)]
    [InlineData(10.4, null, null)]
    [InlineData(10.4, "15m", "15m")]
    [InlineData(9.0, "15m", null)]
    [InlineData(31.5, null, "35m")]
    [InlineData(38.0, "35m", "35m")]
    [InlineData(28.0, "35m", "35m")]
    [InlineData(41.0, "35m", "45m")]
    [InlineData(70.0, null, "1h15m")]
    [InlineData(765.0, null, "13h")]
    public void Interval_IsToldWhereItIsLonger(double? minutes, string? before, string? expected) =>
        Coarse.Interval(minutes is { } m ? TimeSpan.FromMinutes(m) : null, TimeSpan.FromMinutes(10), before).ShouldBe(expected);
}
