using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Bitbucket.Tests.RateLimiting;

/// <summary>What a limit makes of the work that connections tell it of.</summary>
public sealed class OutlookTests
{
    private const double PerSecond = 784 / 3600.0;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

    [Fact]
    public void Unlimited_SaysNothing() =>
        Account(LimitedWorld.DataCenter).Foresee("a", Work(waiting: 100_000, pages: 1000, scopes: 100_000)).ShouldBe(Outlook.Unlimited);

    [Fact]
    public void WaitingSyncs_EndWhenTheLimitHasGivenTheirRequests()
    {
        var account = Account(LimitedWorld.Cloud);
        account.Foresee("a", Work(waiting: 196)).UntilSynced.ShouldBeNull("all may go at once");
        Seconds(account.Foresee("a", Work(waiting: 1200)).UntilSynced).ShouldBe((1200 - 196) / PerSecond, 1);

        account.Start(RequestGroup.Webhooks, reservation: null).Refused(TimeSpan.FromMinutes(10));
        var slower = 0.7 * PerSecond;
        Seconds(account.Foresee("a", Work(waiting: 10)).UntilSynced).ShouldBe(600 + (10 / slower), 1);
    }

    [Fact]
    public void ConnectionsThatWait_ShareTheLimit()
    {
        var account = Account(LimitedWorld.Cloud);
        account.Foresee("small", Work(waiting: 300));
        Seconds(account.Foresee("large", Work(waiting: 1000)).UntilSynced).ShouldBe((1300 - 196) / PerSecond, 1);
        Seconds(account.Foresee("small", Work(waiting: 300)).UntilSynced).ShouldBe((600 - 196) / PerSecond, 1);

        account.Foresee("large", Work(waiting: 0)).UntilSynced.ShouldBeNull();
        Seconds(account.Foresee("small", Work(waiting: 300)).UntilSynced).ShouldBe((300 - 196) / PerSecond, 1);
    }

    [Fact]
    public void WhoDoesNotTellAgain_IsForgotten()
    {
        var account = Account(LimitedWorld.Cloud);
        account.Foresee("gone", Work(waiting: 5000));
        _time.Advance(TimeSpan.FromHours(2));
        Seconds(account.Foresee("here", Work(waiting: 300)).UntilSynced).ShouldBe((300 - 196) / PerSecond, 1);
    }

    [Fact]
    public void WithoutALimit_ItEndsAsFastAsRequestsWent()
    {
        var account = Account(LimitedWorld.DataCenter);
        account.Foresee("a", Work(waiting: 6000)).UntilSynced.ShouldBeNull("nothing tells yet");
        for (var second = 0; second < 120; second++)
        {
            for (var i = 0; i < 2; i++) account.Start(RequestGroup.Webhooks, reservation: null).Accepted();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Seconds(account.Foresee("a", Work(waiting: 6000)).UntilSynced).ShouldBe(3000, 300);
    }

    [Fact]
    public void TenThousandRepositoriesOfCloud_AreListedWithinAQuarterAndVerifiedWithinTheLimit()
    {
        var outlook = Account(LimitedWorld.Cloud).Foresee("a", Work(pages: 103, scopes: 10_000));
        Seconds(outlook.Interval).ShouldBe(103 / (PerSecond / 4), 1);
        Seconds(outlook.WebhookInterval).ShouldBe(10_000 / PerSecond, 1);
    }

    [Fact]
    public void WhatFits_IsNotStretched() =>
        Account(LimitedWorld.Cloud).Foresee("a", Work(pages: 9, scopes: 500)).ShouldBe(Outlook.Unlimited);

    [Fact]
    public void SmallConnection_KeepsItsIntervalsBesideALargeOne()
    {
        var account = Account(LimitedWorld.Cloud);
        account.Foresee("large", Work(pages: 103, scopes: 10_000));
        account.Foresee("small", Work(pages: 6, scopes: 100)).ShouldBe(Outlook.Unlimited);

        var outlook = account.Foresee("large", Work(pages: 103, scopes: 10_000));
        Seconds(outlook.Interval).ShouldBe(103 / ((PerSecond / 4) - (6 / 600.0)), 1);
        Seconds(outlook.WebhookInterval).ShouldBe(10_000 / (PerSecond - (100 / 2700.0)), 1);
    }

    [Fact]
    public void AsManyWebhooksAsExpected_AreInPlaceWhenExpected()
    {
        var world = new LimitedWorld(LimitedWorld.Cloud, _ => true);
        var expected = world.Account.Foresee("a", Work(waiting: 1200)).UntilSynced!.Value;
        world.Work(4, new(2, 0), until: 600);
        world.RunUntil(TimeSpan.FromDays(1));
        (world.Sent[^1].At / expected).ShouldBeInRange(0.9, 1.1);
    }

    [Fact]
    public void ListingsOfTenThousandRepositories_TakeAQuarterOfAnyHourAndAreNotStarvedBySyncsThatWait()
    {
        var account = Account(LimitedWorld.Cloud);
        var (listings, syncs, sent) = (new List<TimeSpan>(), 0, new List<TimeSpan>());
        var (start, left, began) = (_time.GetUtcNow(), 103, TimeSpan.Zero);
        for (var now = TimeSpan.Zero; now < TimeSpan.FromHours(12); now = _time.GetUtcNow() - start)
        {
            while (Sync(account)) syncs++;
            for (; left > 0 && Send(account); left--) sent.Add(now);
            var interval = account.Foresee("a", Work(waiting: 1000, pages: 103, scopes: 10_000)).Interval!.Value;
            if (left == 0 && now >= began + interval)
            {
                listings.Add(now);
                (left, began) = (103, now);
            }

            _time.Advance(TimeSpan.FromSeconds(10));
        }

        MostInAnHour(sent).ShouldBeLessThanOrEqualTo(250);
        listings.Count.ShouldBeInRange(12 * 60 / 32 - 1, 12 * 60 / 31);
        (2 * syncs).ShouldBeGreaterThan(11 * 760);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 1)]
    [InlineData(1, 8)]
    [InlineData(8, 8)]
    public void Discovery_NeverTakesMoreThanAQuarterOfAnHourInWhichSyncsWait_AndIsNeverStarved(int discoverers, int workers)
    {
        var world = new LimitedWorld(LimitedWorld.Cloud, _ => true);
        world.Work(workers, new(0, 2));
        world.Work(discoverers, new(0, 1), WorkClass.Discovery);
        world.RunFor(8 * 60 * Minute);

        // What there is at the start goes before anybody has to wait.
        var discovery = world.Sent.Where(s => s.Class == WorkClass.Discovery && s.At > Minute).Select(s => s.At).ToList();
        MostInAnHour(discovery).ShouldBeLessThanOrEqualTo(200);
        discovery.Count.ShouldBeGreaterThan(8 * 120);
        world.Sent.Count(s => s.Class != WorkClass.Discovery).ShouldBeGreaterThan(8 * 560);
    }

    private static int MostInAnHour(List<TimeSpan> sent) => sent.Max(first => sent.Count(at => at >= first && at < first + (60 * Minute)));

    private static Workload Work(int waiting = 0, int pages = 0, int scopes = 0) => new()
    {
        Waiting = waiting,
        Discovery = new RepeatedWork(pages, TimeSpan.FromMinutes(10)),
        Verification = new RepeatedWork(scopes, TimeSpan.FromMinutes(45)),
    };

    private static double Seconds(TimeSpan? time) => time.ShouldNotBeNull().TotalSeconds;

    private static bool Sync(AccountLimiter account)
    {
        using var reservation = account.TryReserve(new(2, 0), WorkClass.Missing, out _);
        for (var i = 0; reservation is not null && i < 2; i++) account.Start(RequestGroup.Webhooks, reservation).Accepted();
        return reservation is not null;
    }

    private static bool Send(AccountLimiter account)
    {
        try
        {
            account.Start(RequestGroup.Repositories, reservation: null).Accepted();
            return true;
        }
        catch (FaultException)
        {
            return false;
        }
    }

    private AccountLimiter Account(RatePolicy policy) => new RateLimiters(8, _time).Rent(LimitedWorld.KeyOf(policy));
}
