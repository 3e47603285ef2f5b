using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.RateLimiting;

/// <summary>How fast requests go, and how soon again after a limit.</summary>
public sealed class RateTests
{
    private static readonly RequestCost Item = new(2, 0);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static ITestOutputHelper? Output => TestContext.Current.TestOutputHelper;

    [Theory]
    [InlineData(60, 5, 500, 1.2)]
    [InlineData(60, 5, 100, 1.2)]
    [InlineData(600, 5, 1000, 1.2)]
    [InlineData(60, 50, 5000, 1.4)]
    [InlineData(10, 0.5, 200, 1.3)]
    [InlineData(4, 0.1, 40, 1.5)]
    public void LimitedDataCenter_IsUsedToItsShareWithFewRefusals(double capacity, double perSecond, int items, double most)
    {
        var server = new ServerBucket(capacity, perSecond);
        var world = new LimitedWorld(LimitedWorld.DataCenter, server.Take);
        world.Work(8, Item, until: items);

        world.RunUntil(TimeSpan.FromDays(1));

        var end = world.Sent[^1].At;
        var refused = world.Sent.Count(s => !s.Accepted);
        var bound = items * 2 / (0.8 * perSecond);
        Output?.WriteLine($"{capacity}+{perSecond}/s: {world.Sent.Count} requests, {refused} 429s, {end.TotalSeconds:F1} s, bound {bound:F1} s");
        world.Done.ShouldBeInRange(items, items + 8);
        end.TotalSeconds.ShouldBeLessThan(most * bound);
        // A probe a minute is much for a server that takes six requests in it.
        refused.ShouldBeLessThanOrEqualTo((int)((perSecond < 1 ? 0.2 : 0.15) * world.Sent.Count));
    }

    [Fact]
    public void UnlimitedDataCenter_IsNotHeldUp()
    {
        var world = new LimitedWorld(LimitedWorld.DataCenter, _ => true);
        world.Work(8, Item, until: 5000);

        world.RunUntil(TimeSpan.FromHours(1));

        // Two requests of 50 ms by eight workers.
        world.Sent[^1].At.TotalSeconds.ShouldBeInRange(62, 63);
    }

    [Theory]
    [InlineData(20, 0)]
    [InlineData(10, 1)]
    [InlineData(25, 0.5)]
    public void DataCenterWhoseQuotaReturns_IsBackWithinThreeMinutes(int minutes, double perSecondMeanwhile)
    {
        var server = new ServerBucket(60, 5);
        var world = new LimitedWorld(LimitedWorld.DataCenter, server.Take);
        world.Work(8, Item);
        world.RunFor(10 * Minute);
        (server.IsTaken, server.PerSecond) = (perSecondMeanwhile == 0, perSecondMeanwhile);
        world.RunFor(minutes * Minute);
        (server.IsTaken, server.PerSecond) = (false, 5);
        var returned = world.Now;
        world.RunFor(10 * Minute);

        var rate = world.AcceptedBetween(returned + (3 * Minute), returned + (10 * Minute)) / (7 * 60.0);
        Output?.WriteLine($"{rate:F2}/s of 4/s");
        rate.ShouldBeGreaterThan(0.9 * 4);
        if (perSecondMeanwhile == 0) world.Sent.Count(s => s.At > 10 * Minute && s.At < returned).ShouldBeLessThan(120);
    }

    [Fact]
    public void LimitOfDataCenterInTheLongRun_IsNotTakenBeyondItsShare()
    {
        var server = new ServerBucket(60, 5);
        var world = new LimitedWorld(LimitedWorld.DataCenter, server.Take);
        world.Work(8, Item);
        world.RunFor(5 * 60 * Minute);

        var rate = world.AcceptedBetween(60 * Minute, 300 * Minute) / (240 * 60.0);
        Output?.WriteLine($"{rate:F2}/s of 5/s, {world.Sent.Count(s => !s.Accepted)} of {world.Sent.Count} refused");
        rate.ShouldBeInRange(3.6, 4.2);
        world.Sent.Count(s => !s.Accepted).ShouldBeLessThan(world.Sent.Count / 100);
    }

    [Fact]
    public void CloudWhoseQuotaReturns_IsBackWithinThirtyMinutes()
    {
        var isTaken = false;
        var world = new LimitedWorld(LimitedWorld.Cloud, _ => !isTaken);
        world.Work(4, Item);
        world.RunFor(120 * Minute);
        isTaken = true;
        world.RunFor(150 * Minute);
        var probes = world.Sent.Count(s => !s.Accepted);
        isTaken = false;
        var returned = world.Now;
        world.RunFor(90 * Minute);

        world.AcceptedBetween(returned + (30 * Minute), returned + (90 * Minute)).ShouldBeGreaterThan(720);
        Output?.WriteLine($"{probes} probes and 429s in 2.5 hours");
        probes.ShouldBeLessThan(50);
    }

    [Theory]
    [InlineData(5, 4.5)]
    [InlineData(0.5, 0.45)]
    public void AnotherClientThatTakesNineTenthsOfADataCenter_LeavesTheRestAndIsNotDrivenOut(double perSecond, double others)
    {
        var other = new OtherClient(others);
        var server = new ServerBucket(60, perSecond) { Other = other };
        var world = new LimitedWorld(LimitedWorld.DataCenter, server.Take);
        world.Work(8, Item);
        world.RunFor(8 * 60 * Minute);

        Share(world, other, (perSecond - others) * 3600);
    }

    [Fact]
    public void AnotherClientThatTakesNineTenthsOfCloud_IsNotDrivenOut()
    {
        var other = new OtherClient(900 / 3600.0);
        var server = new ServerHour(1000, other);
        var world = new LimitedWorld(LimitedWorld.Cloud, server.Take);
        world.Work(8, Item);
        world.RunFor(8 * 60 * Minute);

        Share(world, other, 100);
        world.AcceptedBetween(7 * 60 * Minute, 8 * 60 * Minute).ShouldBeLessThan(500, "each 429 makes it slower");
    }

    // Whatever the server says of when to come again: a word that proved wrong does not count.
    [Theory]
    [InlineData(true, 0.0)]
    [InlineData(false, 0.0)]
    [InlineData(true, 1.0)]
    [InlineData(false, 1.0)]
    public void RetryAfterThatIsTooShort_IsNotAskedAgainAndAgain(bool cloud, double seconds)
    {
        var policy = cloud ? LimitedWorld.Cloud : LimitedWorld.DataCenter;
        var world = new LimitedWorld(policy, _ => false) { RetryAfter = TimeSpan.FromSeconds(seconds) };
        world.Work(8, Item);
        world.RunFor(60 * Minute);

        Output?.WriteLine($"{world.Sent.Count} requests");
        world.Sent.Count.ShouldBeLessThan(cloud ? 30 : 90);
    }

    // In each hour but the first two, in which limits are learned.
    private static void Share(LimitedWorld world, OtherClient other, double left)
    {
        for (var hour = 0; hour < 8; hour++)
        {
            var (from, to) = (60 * hour * Minute, 60 * (hour + 1) * Minute);
            var accepted = world.AcceptedBetween(from, to);
            var refused = world.Sent.Count(s => !s.Accepted && s.At >= from && s.At < to);
            Output?.WriteLine($"hour {hour}: {accepted} of {left}, {refused} refused");
            if (hour < 2) continue;
            accepted.ShouldBeGreaterThan((int)(0.5 * left));
            refused.ShouldBeLessThan(90);
        }

        Output?.WriteLine($"the other: {other.Refused} of {other.Sent} refused");
        ((double)other.Refused).ShouldBeLessThan(0.5 * other.Sent);
    }

    [Fact]
    public void Cloud_IsUsedToItsShareFromTheFirstMinute()
    {
        var world = new LimitedWorld(LimitedWorld.Cloud, _ => true);
        world.Work(4, Item);
        world.RunFor(240 * Minute);

        world.AcceptedBetween(TimeSpan.Zero, Minute).ShouldBeGreaterThan(100);
        for (var hour = 0; hour < 4; hour++) world.AcceptedBetween(60 * hour * Minute, 60 * (hour + 1) * Minute).ShouldBeInRange(720, 800);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Discovery_TakesAQuarterWhileOthersWaitAndAllOtherwise(bool othersWait)
    {
        var world = new LimitedWorld(LimitedWorld.Cloud, _ => true);
        world.Work(4, new(0, 1), WorkClass.Discovery);
        if (othersWait) world.Work(4, new(0, 2), WorkClass.Verification);
        world.RunFor(300 * Minute);

        var discovery = world.Sent.Count(s => s.Class == WorkClass.Discovery && s.At > 60 * Minute) / (4 * 800.0);
        Output?.WriteLine($"{discovery:P0}");
        if (othersWait) discovery.ShouldBeInRange(0.15, 0.25);
        else discovery.ShouldBeGreaterThan(0.9);
    }
}
