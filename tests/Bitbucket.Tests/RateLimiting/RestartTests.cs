using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Bitbucket.Tests.RateLimiting;

/// <summary>What is known after a restart, and what goes in its first minute.</summary>
public sealed class RestartTests
{
    private static readonly byte[] IdKey = [1, 2, 3];
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void ColdStart_SendsAHandfulInTheFirstMinute() => SentInAMinute(new RateLimiters(8, _time)).ShouldBeGreaterThanOrEqualTo(5);

    [Theory]
    [InlineData(0.1)]
    [InlineData(10)]
    [InlineData(90)]
    [InlineData(600)]
    public void RestartAfterAWhile_SendsInTheFirstMinute(double minutes)
    {
        var before = new RateLimiters(8, _time);
        SentInAMinute(before);
        var records = before.Export(IdKey);
        _time.Advance(TimeSpan.FromMinutes(minutes));

        var sent = SentInAMinute(Imported(records));

        sent.ShouldBeInRange(1, 30, "what was saved up may have been sent before");
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(10)]
    [InlineData(90)]
    public void HandOver_ChargesWhatWasCounted_AndKeepsTheRest(double minutes)
    {
        var before = new RateLimiters(8, _time);
        Send(before, 30);
        var left = before.States[0].Tokens!.Value;
        var records = before.Export(IdKey, isFinal: true);
        _time.Advance(TimeSpan.FromMinutes(minutes));

        var after = Imported(records);
        after.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud));

        after.States[0].Tokens!.Value.ShouldBeInRange(Math.Min(195, left - 2), 196);
        SentInAMinute(after).ShouldBeInRange((int)left - 2, 210);
    }

    [Fact]
    public void HandOverLoop_UsesTheHourAndNoMore()
    {
        var sent = 0;
        IReadOnlyList<RateLimitRecord> records = [];
        for (var turn = 0; turn < 12; turn++)
        {
            var process = Imported(records);
            sent += SentInAMinute(process);
            records = process.Export(IdKey, isFinal: true);
            _time.Advance(TimeSpan.FromMinutes(4));
        }

        sent.ShouldBeInRange(700, 800);
    }

    [Fact]
    public void FinalMark_OfAnAccountThatIsNotUsed_IsPassedOnAtAHandOverAlone()
    {
        var before = new RateLimiters(8, _time);
        SentInAMinute(before);
        var after = Imported(before.Export(IdKey, isFinal: true));

        after.Export(IdKey).ShouldAllBe(r => !r.IsFinal);
        after.Export(IdKey, isFinal: true).ShouldAllBe(r => r.IsFinal);
        Imported(before.Export(IdKey)).Export(IdKey, isFinal: true).ShouldAllBe(r => !r.IsFinal);
    }

    [Fact]
    public void CrashLoop_StaysBelowTheLimit()
    {
        var sent = 0;
        IReadOnlyList<RateLimitRecord> records = [];
        for (var minute = 0; minute < 60; minute++)
        {
            var process = Imported(records);
            process.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud));
            records = process.Export(IdKey);
            sent += SentInAMinute(process);
        }

        sent.ShouldBeInRange(400, 800);
    }

    [Fact]
    public void Pause_IsKeptForAnHourAtMost()
    {
        var before = new RateLimiters(8, _time);
        before.Rent(LimitedWorld.KeyOf(LimitedWorld.DataCenter)).Start(RequestGroup.Webhooks, null).Refused(TimeSpan.FromHours(5));

        var after = Imported(before.Export(IdKey));
        after.Rent(LimitedWorld.KeyOf(LimitedWorld.DataCenter));

        after.States[0].Paused.ShouldBe(TimeSpan.FromHours(1));
        _time.Advance(TimeSpan.FromHours(1));
        after.Rent(LimitedWorld.KeyOf(LimitedWorld.DataCenter)).Start(RequestGroup.Webhooks, null).IsProbe.ShouldBeTrue();
    }

    [Fact]
    public void LearnedRate_IsKept()
    {
        var server = new ServerBucket(60, 5);
        var world = new LimitedWorld(LimitedWorld.DataCenter, server.Take);
        world.Work(8, new(2, 0));
        world.RunFor(TimeSpan.FromMinutes(10));

        var after = new RateLimiters(8, world.Time);
        after.Import(world.Limiters.Export(IdKey), IdKey);
        after.Rent(LimitedWorld.KeyOf(LimitedWorld.DataCenter));

        after.States[0].PerSecond.ShouldBe(world.Limiters.States[0].PerSecond);
    }

    [Fact]
    public void Records_NameNobodyAndJoinRoutes()
    {
        var limiters = new RateLimiters(8, _time);
        foreach (var route in new[] { "direct", "proxy" })
        {
            for (var i = 0; i < 3; i++) limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud, route: route)).Start(RequestGroup.Webhooks, null).Accepted();
        }

        var records = limiters.Export(IdKey);

        records.Count.ShouldBe(2);
        records.Select(r => r.Sent[0]).Order().ShouldBe([0, 6]);
        records.ShouldAllBe(r => r.Id.Length == 32 && r.Sent.Count == 12);
        records.Select(r => r.ToString()).ShouldAllBe(text => !text.Contains("BOT", StringComparison.OrdinalIgnoreCase));
        limiters.Export([4]).Select(r => r.Id).Intersect(records.Select(r => r.Id)).ShouldBeEmpty();
    }

    [Fact]
    public void RecordsThatMakeNoSense_DoNoHarm()
    {
        var limiters = new RateLimiters(8, _time);
        limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud));
        var id = limiters.Export(IdKey)[0].Id;
        var now = _time.GetUtcNow();
        RateLimitRecord[] records =
        [
            new(id, now.AddYears(3), [int.MaxValue, -5]) { PerSecond = double.NaN, Tokens = double.NaN, PausedUntil = now.AddYears(9) },
            new(id, DateTimeOffset.MinValue, []) { PerSecond = -1, Tokens = double.PositiveInfinity, PausedUntil = DateTimeOffset.MinValue },
            new(id, now, [.. Enumerable.Repeat(1, 100)]) { PerSecond = double.MaxValue, Tokens = -9 },
        ];

        foreach (var record in records)
        {
            var after = Imported([record, new("another", now, [])]);
            after.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud));
            _time.Advance(TimeSpan.FromHours(2));
            SentInAMinute(after).ShouldBeGreaterThan(5);
        }
    }

    [Fact]
    public void LimiterThatIsLongUnused_IsForgotten()
    {
        var limiters = new RateLimiters(8, _time);
        var account = limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud));
        account.Start(RequestGroup.Webhooks, null).Accepted();
        limiters.GiveBack(account);
        _time.Advance(TimeSpan.FromMinutes(59));
        limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud, account: "user OTHER"));
        limiters.States.Count.ShouldBe(4);

        _time.Advance(TimeSpan.FromMinutes(3));
        limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.DataCenter));

        limiters.States.Count.ShouldBe(3, "one account in use with two groups, and one server");
    }

    [Fact]
    public void PausedLimiterOfAConnectionThatIsGone_IsForgotten()
    {
        var limiters = new RateLimiters(8, _time);
        for (var i = 0; i < 20; i++)
        {
            var account = limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.DataCenter, account: $"token {i}"));
            account.Start(RequestGroup.Webhooks, null).Refused(TimeSpan.FromMinutes(10));
            limiters.GiveBack(account);
        }

        _time.Advance(TimeSpan.FromMinutes(9));
        limiters.GiveBack(limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.DataCenter)));
        limiters.States.Count(s => s.Paused > TimeSpan.Zero).ShouldBe(20, "they are paused");
        _time.Advance(TimeSpan.FromMinutes(70));
        limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.DataCenter, account: "user OTHER"));

        limiters.States.ShouldHaveSingleItem();
        limiters.Export(new byte[32]).ShouldBeEmpty();
    }

    [Fact]
    public void RecordsThatNobodyUsedYet_ArePassedOn_ForAnHour()
    {
        var before = new RateLimiters(8, _time);
        SentInAMinute(before);
        var records = before.Export(IdKey);
        var after = Imported(records);

        after.Export(IdKey).Select(r => r.At).ShouldBe(records.Select(r => r.At));
        after.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud));
        after.Export(IdKey).Count.ShouldBe(records.Count, "the account is in use now, and not there twice");

        var later = Imported(records);
        _time.Advance(TimeSpan.FromMinutes(61));
        later.Export(IdKey).ShouldBeEmpty();
    }

    [Fact]
    public void UnlimitedServer_LeavesNoRecord()
    {
        var limiters = new RateLimiters(8, _time);
        limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.DataCenter)).Start(RequestGroup.Webhooks, null).Accepted();

        limiters.Export(IdKey).ShouldBeEmpty();
    }

    [Fact]
    public void RequestThatNothingIsOnRecordOf_AndEach429_AreUrgent()
    {
        var urgent = 0;
        var limiters = new RateLimiters(8, _time);
        limiters.Urgent = () =>
        {
            urgent++;
            limiters.Export(IdKey);
        };
        var account = limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud));
        account.Start(RequestGroup.Webhooks, null).Accepted();
        account.Start(RequestGroup.Webhooks, null).Accepted();
        urgent.ShouldBe(1);

        account.Start(RequestGroup.Webhooks, null).Refused(retryAfter: null);

        (urgent, limiters.Requests).ShouldBe((2, 3));

        _time.Advance(TimeSpan.FromHours(2));
        limiters.Export(IdKey).ShouldBeEmpty();
        account.Start(RequestGroup.Webhooks, null).Accepted();
        (urgent, limiters.Requests).ShouldBe((3, 4));
    }

    [Fact]
    public void Document_GivesBackWhatWasWritten_AndIsBounded()
    {
        var before = new RateLimiters(8, _time);
        SentInAMinute(before);
        var records = before.Export(IdKey);
        RateLimitDocument.Read(RateLimitDocument.Write(records))!.Select(r => $"{r with { Sent = [] }} {string.Join(',', r.Sent)}")
            .ShouldBe(records.Select(r => $"{r with { Sent = [] }} {string.Join(',', r.Sent)}"));

        var many = Enumerable.Range(0, 3000).Select(i => records[0] with { Id = $"{i:x32}", At = records[0].At.AddSeconds(i) });
        var text = RateLimitDocument.Write(many);

        text.Length.ShouldBeLessThan(400_000);
        RateLimitDocument.Read(text)!.Min(r => r.At).ShouldBe(records[0].At.AddSeconds(2000));
    }

    private RateLimiters Imported(IEnumerable<RateLimitRecord> records)
    {
        var limiters = new RateLimiters(8, _time);
        limiters.Import(records, IdKey);
        return limiters;
    }

    private static void Send(RateLimiters limiters, int count)
    {
        var account = limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud));
        using var all = account.TryReserve(new(count, 0), WorkClass.Missing, out _);
        for (var i = 0; i < count; i++) account.Start(RequestGroup.Webhooks, all).Accepted();
    }

    // As fast as it goes.
    private int SentInAMinute(RateLimiters limiters)
    {
        var account = limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud));
        var sent = 0;
        for (var second = 0; second < 60; second++)
        {
            for (var more = true; more;)
            {
                using var one = account.TryReserve(new(1, 0), WorkClass.Missing, out _);
                more = one is not null;
                if (!more) continue;
                account.Start(RequestGroup.Webhooks, one).Accepted();
                sent++;
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        return sent;
    }
}
