using System.Net;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Tests;

/// <summary>What version 10 answers otherwise.</summary>
public sealed class Platform10Tests
{
    private const string Required = "com.atlassian.plugins.rest.api.security.exception.AuthenticationRequiredException";

    [Theory]
    [InlineData("rest/api/1.0/projects")]
    [InlineData("rest/api/1.0/repos")]
    [InlineData("rest/api/1.0/profile/recent/repos")]
    [InlineData(Given.Hooks)]
    public async Task Without_login_nothing_is_listed_where_there_is_no_public_access(string path)
    {
        await using var sim = await Version10Async();
        using var client = sim.CreateClient();

        var reply = await client.GetReplyAsync(path);

        (reply.Status, reply.Exception).ShouldBe((HttpStatusCode.Unauthorized, Required));
        sim.Change(w => w.PublicAccess = true);
        (await client.GetReplyAsync("rest/api/1.0/repos")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Unrouted_address_is_another_404()
    {
        await using var sim = await Version10Async();
        using var client = sim.CreateClient("user-token");

        (await client.GetReplyAsync("rest/api/1.0/nothing")).Text.ShouldBe("""{"message":"HTTP 404 Not Found","status-code":404,"sub-code":-1}""");
    }

    [Fact]
    public async Task Webhook_needs_an_event_and_a_url()
    {
        await using var sim = await Version10Async();
        using var client = sim.CreateClient("user-token");
        var (withoutEvents, withoutUrl) = (Given.Webhook(), Given.Webhook());
        withoutEvents.Remove("events");
        withoutUrl.Remove("url");

        (await client.SendAsync("POST", Given.Hooks, withoutEvents)).Error.ShouldBe("At least one event must be provided");
        (await client.SendAsync("POST", Given.Hooks, withoutUrl)).Error.ShouldBe("No URL was specified");
        var unknown = await client.SendAsync("POST", Given.Hooks, Given.Webhook(events: ["repo:refs_changed", "repo:pushed"]));
        ((string?)unknown.Json!["errors"]![0]!["context"]).ShouldBe("events[1].id");
        sim.Read(w => w.Webhooks.Count()).ShouldBe(0);
    }

    [Fact]
    public async Task Creation_answers_without_the_configuration_that_it_stores()
    {
        await using var sim = await Version10Async();
        using var client = sim.CreateClient("user-token");

        var created = await client.SendAsync("POST", Given.Hooks, Given.Webhook(secret: "s3cr3t"));

        created.Json!["configuration"]!.AsObject().ShouldBeEmpty();
        ((string?)(await client.GetReplyAsync($"{Given.Hooks}/{created.Json["id"]}")).Json!["configuration"]!["secret"]).ShouldBe("s3cr3t");
        sim.Change(w => w.Quirks.AnswersWithConfigurationEvery = 1);
        ((string?)(await client.SendAsync("POST", Given.Hooks, Given.Webhook(secret: "s3cr3t"))).Json!["configuration"]!["secret"]).ShouldBe("s3cr3t");
    }

    [Fact]
    public async Task Creation_can_be_stored_and_answered_with_400()
    {
        await using var sim = await Version10Async();
        sim.Change(w => w.Quirks.StoresWithoutAnswerEvery = 1);
        using var client = sim.CreateClient("user-token");

        var reply = await client.SendAsync("POST", Given.Hooks, Given.Webhook());

        (reply.Status, reply.Exception).ShouldBe((HttpStatusCode.BadRequest, "com.fasterxml.jackson.databind.JsonMappingException"));
        sim.Read(w => w.Webhooks.Count()).ShouldBe(1);
    }

    [Fact]
    public async Task Account_without_license_gets_no_access()
    {
        await using var sim = await Version10Async();
        sim.Change(w => w.UserNamed("ci").Global = GlobalRight.None);
        using var client = sim.CreateClient("user-token");

        var reply = await client.GetReplyAsync("rest/api/1.0/repos");

        reply.Status.ShouldBe(HttpStatusCode.Unauthorized);
        reply.Exception.ShouldBe("com.atlassian.bitbucket.auth.NoAccessAuthenticationException");
        reply.Login.ShouldBeNull();
    }

    [Fact]
    public async Task Rate_limit_has_a_body()
    {
        await using var sim = await Version10Async();
        sim.Change(w => (w.RateLimit.Enabled, w.RateLimit.Capacity, w.RateLimit.FillRate) = (true, 0, 0.001));
        using var client = sim.CreateClient("user-token");

        var reply = await client.GetReplyAsync("rest/api/1.0/repos");

        (reply.Status, reply.Error).ShouldBe((HttpStatusCode.TooManyRequests, "You have exceeded the rate limit for this instance."));
        reply.Header("Retry-After").ShouldNotBeNull();
    }

    [Fact]
    public async Task Test_without_url_is_500()
    {
        await using var sim = await Version10Async();
        using var client = sim.CreateClient("user-token");

        (await client.SendAsync("POST", $"{Given.Hooks}/test", new JsonObject())).Status.ShouldBe(HttpStatusCode.InternalServerError);
    }

    private static Task<Simulator> Version10Async() => Given.SimulatorAsync(new SimulatorOptions { Version = "10.4.0" });
}
