using System.Globalization;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;

namespace BitbucketOperator.Core.Tests;

public sealed class DeliveryScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<int, string> Sizes => new()
    {
        { 10, "10m" }, { 60, "10m" }, { 1_000, "1m" }, { 10_000, "10m" }, { 10_000, "3h" }, { 300, "24h" },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void EveryWebhook_IsAskedAboutWithinADay(int webhooks, string interval)
    {
        var step = Api.GoDuration.Parse(interval);
        var known = Webhooks(webhooks);
        var longest = TimeSpan.Zero;
        for (var now = Start; now < Start.AddHours(72); now += step)
        {
            var due = DeliverySchedule.Due(known, now, step);
            longest = due.Select(t => now - (t.Check.CheckedAt ?? Start)).Append(longest).Max();
            known = Ask(known, due, _ => DeliveryHealth.NeverInvoked, now);
        }

        longest.ShouldBeLessThanOrEqualTo(TimeSpan.FromHours(24));
        known.ShouldAllBe(t => t.Check.CheckedAt > Start.AddHours(72 - 24) - step);
    }

    [Fact]
    public void APass_AsksAboutAFewOfMany()
    {
        var first = DeliverySchedule.Due(Webhooks(10_000), Start, TimeSpan.FromMinutes(10));
        first.Count.ShouldBeLessThanOrEqualTo(500);
        DeliverySchedule.Due(Webhooks(60), Start, TimeSpan.FromMinutes(10)).Count.ShouldBe(50);
    }

    [Fact]
    public void WhatWasAskedAboutAndIsWell_Rests()
    {
        var known = Webhooks(20);
        known = Ask(known, known, _ => DeliveryHealth.NeverInvoked, Start);
        DeliverySchedule.Due(known, Start.AddHours(5), TimeSpan.FromMinutes(10)).ShouldBeEmpty();
        DeliverySchedule.Due(known, Start.AddHours(12), TimeSpan.FromMinutes(10)).Count.ShouldBe(20);
    }

    [Fact]
    public void WhatFailed_IsAskedAboutInEveryPass()
    {
        var known = Webhooks(20);
        known = Ask(known, known, t => t.Check.Id.EndsWith('3') ? Failing(1) : DeliveryHealth.NeverInvoked, Start);
        DeliverySchedule.Due(known, Start.AddMinutes(1), TimeSpan.FromMinutes(10)).Select(t => t.Check.Id).ShouldBe(["3", "13"], ignoreOrder: true);
    }

    [Fact]
    public void WhenAllFail_TheyTakeTurns()
    {
        var known = Webhooks(200);
        known = Ask(known, known, _ => Failing(1), Start);
        var asked = new HashSet<string>(StringComparer.Ordinal);
        for (var outcome = 1; outcome <= 4; outcome++)
        {
            var due = DeliverySchedule.Due(known, Start.AddMinutes(10 * outcome), TimeSpan.FromMinutes(10));
            due.Count.ShouldBe(50);
            asked.UnionWith(due.Select(t => t.Check.Id));
            known = Ask(known, due, _ => Failing(1), Start.AddMinutes(10 * outcome));
        }

        asked.Count.ShouldBe(200);
    }

    [Fact]
    public void WhatIsToBeTested_IsAlwaysDue()
    {
        var known = Webhooks(200).Select(t => t with { Check = t.Check.Answered(DeliveryHealth.NeverInvoked, Start) with { TestDue = true } }).ToList();
        DeliverySchedule.Due(known, Start, TimeSpan.FromMinutes(10)).Count.ShouldBe(200);
    }

    [Fact]
    public void FailuresSinceASuccessOfTheDay_AreCountedFromLookToLook()
    {
        var check = new DeliveryCheck("ci", "7");
        for (var look = 1; look <= 4; look++)
        {
            check = check.Answered(Failing(look, successes: 9, at: look), Start.AddMinutes(10 * look));
            check.FailuresInRow.ShouldBe(look);
        }

        check = check.Answered(Failing(4, successes: 9, at: 4), Start.AddHours(1));
        check.FailuresInRow.ShouldBe(4, "nothing was delivered in between");
        check.IsCircuitBroken.ShouldBeFalse();
        check = check.Answered(Failing(5, successes: 9, at: 5), Start.AddHours(2));
        check.IsCircuitBroken.ShouldBeTrue();
        check.Answered(Failing(2, at: 6) with { LastSuccess = Start.AddHours(-1) }, Start.AddHours(30))
            .IsCircuitBroken.ShouldBeTrue("pauses grow, so that a day has few failures");
    }

    [Fact]
    public void SuccessBetweenTwoLooks_StartsTheCountAnew()
    {
        var check = new DeliveryCheck("ci", "7").Answered(Failing(9), Start);
        check.FailuresInRow.ShouldBe(9);
        check = check.Answered(Failing(3, successes: 1, at: 2) with { LastSuccess = Start }, Start.AddMinutes(10));
        check.FailuresInRow.ShouldBe(1);
        check.Answered(DeliveryHealth.NeverInvoked, Start.AddMinutes(20)).Failure.ShouldBeNull();
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(5, 200)]
    public void Message_DoesNotGrowWithTheCount(int one, int other) =>
        Describe(one).ShouldBe(Describe(other));

    private static string? Describe(int failures) => new DeliveryCheck("ci", "7").Answered(Failing(failures), Start).Failure;

    private static DeliveryHealth Failing(int failures, int successes = 0, int at = 1) =>
        new(successes > 0 ? Start.AddHours(-1) : null, Start.AddMinutes(at), new DeliveryCounts(successes, failures), "500 from ci.example.com");

    private static List<TrackedWebhook> Webhooks(int count) =>
        [.. Enumerable.Range(1, count).Select(i => i.ToString(CultureInfo.InvariantCulture))
            .Select(i => new TrackedWebhook(WebhookScope.Of(new Repository(i, new("PLAT", i))), new DeliveryCheck("ci", i)))];

    private static List<TrackedWebhook> Ask(
        IReadOnlyList<TrackedWebhook> known, IReadOnlyList<TrackedWebhook> due, Func<TrackedWebhook, DeliveryHealth> answer, DateTimeOffset now)
    {
        var answers = due.ToDictionary(t => t.Check.Id, t => t with { Check = t.Check.Answered(answer(t), now) }, StringComparer.Ordinal);
        return [.. known.Select(t => answers.GetValueOrDefault(t.Check.Id, t))];
    }
}
