using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Time.Testing;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.Cloud;

/// <summary>Budgets and 429, over the wire and under a clock of our own.</summary>
public sealed class RateLimitTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BudgetThatIsUsedUp_IsNotSentAndComesBack()
    {
        await using var given = await GivenCloud.ServerAsync(new() { CloudLimitPerHour = 55 }, _time);
        using var one = given.Client();
        using var other = given.Client();
        for (var i = 0; i < 5; i++)
        {
            await Given.ListAsync(one);
            await Given.ListAsync(other);
        }

        var fault = await Given.FaultAsync(() => Given.ListAsync(one));
        (await Given.FaultAsync(() => Given.ListAsync(other))).Reason.Name.ShouldBe("RateLimited");

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "RateLimited"));
        given.Server.Counters.Requests.ShouldBe(10);
        (await one.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation)).ShouldBeEmpty();
        using var stranger = given.Client(GivenCloud.WorkspaceToken);
        (await Given.ListAsync(stranger)).Count.ShouldBe(3);
        _time.Advance(fault.RetryAfter!.Value);
        (await Given.ListAsync(one)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task BudgetIsKept_BitbucketNeverSaysTooMany()
    {
        await using var given = await GivenCloud.ServerAsync(time: _time);
        given.Server.Change(world => world.RateLimit.Enabled = true);
        using var bitbucket = given.Client();
        var end = _time.GetUtcNow().AddHours(3);
        while (_time.GetUtcNow() < end)
        {
            try
            {
                await bitbucket.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation);
            }
            catch (FaultException)
            {
                _time.Advance(TimeSpan.FromMinutes(5));
            }
        }

        given.Server.Requests.Entries.ShouldAllBe(entry => entry.Status == 200);
        given.Server.Counters.Requests.ShouldBeGreaterThan(1500);
    }

    [Theory]
    [InlineData("Rate limit for this resource has been exceeded", "text/plain")]
    [InlineData("", "text/plain")]
    [InlineData("<html/>", "text/html")]
    public async Task TooManyRequests_StopAllOfTheCredentialAndGroup(string body, string type)
    {
        await using var given = await GivenCloud.ServerAsync(time: _time);
        given.Server.Faults.Add(
            new SimulatedFault { Kind = FaultKind.Status, Status = 429, Body = body, ContentType = type, Path = "/2.0/repositories/acme", Count = 2 });
        using var one = given.Client();
        using var other = given.Client();

        var fault = await Given.FaultAsync(() => Given.ListAsync(one));
        (await Given.FaultAsync(() => Given.ListAsync(other))).RetryAfter.ShouldBe(fault.RetryAfter);

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "RateLimited"));
        fault.RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromSeconds(24), TimeSpan.FromSeconds(36));
        given.Server.Counters.Requests.ShouldBe(1);
        (await one.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation)).ShouldBeEmpty();

        _time.Advance(fault.RetryAfter.Value);
        (await Given.FaultAsync(() => Given.ListAsync(one))).RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromSeconds(48), TimeSpan.FromSeconds(72));
        _time.Advance(TimeSpan.FromSeconds(72));
        (await Given.ListAsync(other)).Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData("31536000", 600)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", 600)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", 1)]
    public async Task RetryAfter_IsKeptToUpToABound(string header, int seconds)
    {
        await using var given = await GivenCloud.ServerAsync(time: _time);
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.RateLimited, RetryAfter = header, Path = "/2.0/repositories/acme" });
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => Given.ListAsync(bitbucket))).RetryAfter.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task NewTokenOfTheSameUser_HasNoBudgetOfItsOwn()
    {
        await using var given = await GivenCloud.ServerAsync(new() { CloudLimitPerHour = 12 }, _time);
        given.Server.Change(world => world.AddApiToken(world.UserNamed("bot"), "second-5ecret", ["read:repository:bitbucket"]));
        using var first = given.Client();
        using var second = given.Client(new Credential.ApiToken(GivenCloud.Email.ToUpperInvariant(), new("second-5ecret")));
        await Given.ListAsync(first);
        await Given.ListAsync(second);

        (await Given.FaultAsync(() => Given.ListAsync(second))).Reason.Name.ShouldBe("RateLimited");
    }
}
