using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Time.Testing;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.RateLimiting;

/// <summary>Servers whose requests are reserved, over the wire.</summary>
public sealed class ReservedBitbucketTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReservedItem_IsPaidAndGivesBackTheRest()
    {
        // 196 of 1,000 requests may go at once.
        await using var given = await GivenCloud.ServerAsync(time: _time);
        using var bitbucket = given.Client();
        using (var all = bitbucket.TryReserve(new(190, 190), WorkClass.Missing, out var none))
        {
            none.ShouldBe(TimeSpan.Zero);
            (await all!.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation)).ShouldBeEmpty();
            bitbucket.TryReserve(new(7, 0), WorkClass.Cleanup, out var wait).ShouldBeNull();
            wait.TotalSeconds.ShouldBeInRange(4, 6);
        }

        (await bitbucket.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation)).ShouldBeEmpty();
        using var again = bitbucket.TryReserve(new(194, 196), WorkClass.Missing, out _).ShouldNotBeNull();
        bitbucket.TryReserve(new(1, 0), WorkClass.Missing, out _).ShouldBeNull();
    }

    [Fact]
    public async Task DataCenter_IsUnlimitedUntilItAnswers429()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();
        using (var item = bitbucket.TryReserve(new(100_000, 5), WorkClass.Missing, out _).ShouldNotBeNull())
        {
            given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.RateLimited, RetryAfter = "500", Count = 1 });
            (await Given.FaultAsync(() => item.ListWebhooksAsync(Given.ApiPlace, Cancellation))).RetryAfter.ShouldBe(TimeSpan.FromSeconds(500));
            var fault = await Given.FaultAsync(() => item.ListWebhooksAsync(Given.ApiPlace, Cancellation));
            (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "RateLimited"));
        }

        bitbucket.TryReserve(new(1, 0), WorkClass.Missing, out var wait).ShouldBeNull();
        wait.TotalSeconds.ShouldBeInRange(400, 550);
        given.Server.Counters.Requests.ShouldBe(1);
    }

    [Fact]
    public async Task ReservedServer_SharesWhatIsKnownAndLeavesTheOriginalOpen()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client(Given.Bearer("wrong"));
        using (var item = bitbucket.TryReserve(new(2, 0), WorkClass.Missing, out _).ShouldNotBeNull())
        {
            (await Given.FaultAsync(() => item.ListWebhooksAsync(Given.ApiPlace, Cancellation))).ShouldNotBeNull();
        }

        var requests = given.Server.Counters.Requests;
        await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation));
        given.Server.Counters.Requests.ShouldBe(requests, "a refused credential is not sent again");
        await bitbucket.GetServerAsync(Cancellation);
    }

    [Fact]
    public async Task Retries_AreCharged()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status, Status = 500, Path = "/2.0/repositories/acme", Count = 2 });
        using var bitbucket = given.Client();

        await Given.ListAsync(bitbucket);

        given.Server.Counters.Requests.ShouldBe(3);
        bitbucket.TryReserve(new(0, 194), WorkClass.Missing, out _).ShouldBeNull();
        using var rest = bitbucket.TryReserve(new(0, 193), WorkClass.Missing, out _).ShouldNotBeNull();
    }
}
