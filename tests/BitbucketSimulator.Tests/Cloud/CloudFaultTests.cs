using System.Net;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Tests.Cloud;

public sealed class CloudFaultTests
{
    [Theory]
    [InlineData(FaultKind.PagingWithoutNext, null)]
    [InlineData(FaultKind.PagingNotIncreasing, "{api}/repositories/acme?pagelen=2&sort=slug")]
    [InlineData(FaultKind.PagingToAnotherHost, "https://bitbucket.attacker.example/2.0/repositories/acme?pagelen=2&sort=slug")]
    public async Task Next_can_be_missing_loop_or_lead_astray(FaultKind kind, string? next)
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => w.Quirks.MaxPagelen = 2);
        using var client = cloud.Ada();
        cloud.Faults.Add(new Fault { Kind = kind, Path = "/2.0/repositories/*", Count = 1 });

        var spoilt = await client.GetReplyAsync("repositories/acme?pagelen=2&sort=slug");
        var whole = await client.AllPagesAsync("repositories/acme?pagelen=2&sort=slug");

        spoilt.Slugs().ShouldBe(["api", "empty"]);
        ((string?)spoilt.Json!["next"]).ShouldBe(next?.Replace("{api}", cloud.ApiUrl.AbsoluteUri, StringComparison.Ordinal));
        whole.SelectMany(p => p.Slugs()).ShouldBe(["api", "empty", "fork", "pub"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fault_can_strike_on_a_page_whether_it_has_a_number_or_a_cursor(bool opaque)
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => (w.Quirks.MaxPagelen, w.Quirks.OpaqueNext) = (2, opaque));
        using var client = cloud.Ada();
        cloud.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 502, Path = "/2.0/repositories/*", Page = 2, Count = 1 });

        var first = await client.GetReplyAsync("repositories/acme");
        var second = await client.GetReplyAsync((string)first.Json!["next"]!);

        (first.Status, second.Status).ShouldBe((HttpStatusCode.OK, HttpStatusCode.BadGateway));
        (await client.StatusAsync((string)first.Json["next"]!)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Next_can_be_led_to_a_chosen_place_and_single_answers_are_left_alone()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();
        cloud.Faults.Add(new Fault { Kind = FaultKind.PagingToAnotherHost, Location = "http://10.0.0.1/2.0/x" });

        ((string?)(await client.GetReplyAsync("repositories/acme")).Json!["next"]).ShouldBe("http://10.0.0.1/2.0/x");
        (await client.GetReplyAsync("repositories/acme/api")).Json!["next"].ShouldBeNull();
    }

    [Fact]
    public async Task Answers_are_replaced_lost_and_limited_as_on_the_other_flavour()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();
        cloud.Faults.Add(new Fault { Kind = FaultKind.Maintenance, Path = "/2.0/workspaces/*", Count = 1 });
        cloud.Faults.Add(new Fault { Kind = FaultKind.RateLimited, Path = "/2.0/**/hooks", Method = "GET", RetryAfter = "7", Count = 1 });
        cloud.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 504, Method = "POST", Path = "/2.0/**/hooks", AfterProcessing = true, Count = 1 });

        (await client.StatusAsync("workspaces/acme")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await client.GetReplyAsync(CloudGiven.Hooks)).Header("Retry-After").ShouldBe("7");
        (await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook())).Status.ShouldBe(HttpStatusCode.GatewayTimeout);
        (await client.GetReplyAsync(CloudGiven.Hooks)).Values.Count.ShouldBe(1);
        cloud.Counters.WebhookPosts.ShouldBe(1);
        cloud.Requests.Entries.Select(e => e.Fault).ShouldBe(["Maintenance", "RateLimited", "Status", null]);
    }
}
