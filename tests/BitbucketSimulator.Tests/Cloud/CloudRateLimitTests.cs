using System.Net;
using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.State;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.BitbucketSimulator.Tests.Cloud;

public sealed class CloudRateLimitTests
{
    [Fact]
    public async Task Hour_rolls_and_the_refusal_is_plain_text_without_a_hint()
    {
        var clock = new FakeTimeProvider();
        await using var cloud = await LimitedAsync(clock, 3, refusedCount: false);
        using var client = cloud.Ada();

        for (var i = 0; i < 3; i++)
        {
            (await client.StatusAsync("repositories/acme/api")).ShouldBe(HttpStatusCode.OK);
            clock.Advance(TimeSpan.FromMinutes(10));
        }

        var refused = await client.GetReplyAsync("repositories/acme");
        refused.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        (refused.Text, refused.Message.Content.Headers.ContentType!.MediaType).ShouldBe(("Rate limit for this resource has been exceeded", "text/plain"));
        refused.Header("Retry-After").ShouldBeNull();
        clock.Advance(TimeSpan.FromMinutes(30));

        (await client.StatusAsync("repositories/acme")).ShouldBe(HttpStatusCode.OK);
        (await client.StatusAsync("repositories/acme")).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Webhooks_and_repositories_have_budgets_of_their_own_and_the_rest_has_none()
    {
        await using var cloud = await LimitedAsync(new FakeTimeProvider(), 1);
        using var client = cloud.Ada();

        (await client.StatusAsync("repositories/acme")).ShouldBe(HttpStatusCode.OK);
        (await client.StatusAsync(CloudGiven.Hooks)).ShouldBe(HttpStatusCode.OK);
        (await client.StatusAsync("repositories/acme/api")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await client.StatusAsync(CloudGiven.WorkspaceHooks)).ShouldBe(HttpStatusCode.TooManyRequests);
        for (var i = 0; i < 3; i++) (await client.StatusAsync("workspaces/acme")).ShouldBe(HttpStatusCode.OK);
        (await cloud.TokenAsync()).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Budget_is_per_user_token_or_consumer()
    {
        await using var cloud = await LimitedAsync(new FakeTimeProvider(), 1);
        cloud.Change(w => w.AddApiToken(w.UserNamed("ada"), "second", CloudGiven.ApiScopes));
        using var ada = cloud.Ada();
        using var adaAgain = cloud.CreateClient(basic: ("ada@example.com", "second"));
        using var repository = cloud.CreateClient("repository-token");
        using var workspace = cloud.CreateClient("workspace-token");
        using var oauth = await cloud.ConsumerAsync();
        using var oauthAgain = await cloud.ConsumerAsync();

        foreach (var client in new[] { ada, repository, workspace, oauth }) (await client.StatusAsync("repositories/acme/api")).ShouldBe(HttpStatusCode.OK);
        foreach (var client in new[] { adaAgain, repository, oauthAgain })
            (await client.StatusAsync("repositories/acme/api")).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Anonymous_callers_share_the_budget_of_their_address()
    {
        await using var cloud = await LimitedAsync(new FakeTimeProvider(), 1000);
        cloud.Change(w => w.RateLimit.AnonymousPerHour = 2);
        using var one = cloud.CreateClient();
        using var other = cloud.CreateClient();

        (await one.StatusAsync("hook_events/repository")).ShouldBe(HttpStatusCode.OK);
        (await other.StatusAsync("repositories/acme")).ShouldBe(HttpStatusCode.OK);
        (await one.StatusAsync("repositories/acme/pub")).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Refused_calls_may_use_up_the_budget_and_hints_are_quirks()
    {
        var clock = new FakeTimeProvider();
        await using var cloud = await LimitedAsync(clock, 1, refusedCount: true);
        cloud.Change(w => (w.RateLimit.RetryAfter, w.RateLimit.EmptyBody) = (true, true));
        using var client = cloud.Ada();
        await client.StatusAsync("repositories/acme");
        clock.Advance(TimeSpan.FromMinutes(20));

        var refused = await client.GetReplyAsync("repositories/acme");
        clock.Advance(TimeSpan.FromMinutes(50));

        (refused.Status, refused.Text, refused.Header("Retry-After")).ShouldBe((HttpStatusCode.TooManyRequests, "", "3600"));
        (await client.StatusAsync("repositories/acme")).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData(NearLimitStyle.Word, "false", "true")]
    [InlineData(NearLimitStyle.Number, "8", "8")]
    public async Task Access_tokens_alone_get_headers(NearLimitStyle style, string first, string last)
    {
        await using var cloud = await LimitedAsync(new FakeTimeProvider(), 10);
        cloud.Change(w => w.RateLimit.NearLimit = style);
        using var repository = cloud.CreateClient("repository-token");
        using var ada = cloud.Ada();
        using var oauth = await cloud.ConsumerAsync();

        var replies = new List<Reply>();
        for (var i = 0; i < 8; i++) replies.Add(await repository.GetReplyAsync("repositories/acme/api"));

        (replies[0].Header("X-RateLimit-Limit"), replies[0].Header("X-RateLimit-Resource"), replies[0].Header("X-RateLimit-NearLimit"))
            .ShouldBe(("10", "api", first));
        replies[^1].Header("X-RateLimit-NearLimit").ShouldBe(last);
        (await repository.GetReplyAsync(CloudGiven.Hooks)).Header("X-RateLimit-Resource").ShouldBe("webhooks");
        foreach (var client in new[] { ada, oauth }) (await client.GetReplyAsync("repositories/acme/api")).Header("X-RateLimit-Limit").ShouldBeNull();
    }

    private static Task<CloudSimulator> LimitedAsync(TimeProvider clock, int perHour, bool refusedCount = true) =>
        CloudGiven.CloudAsync(new CloudOptions { TimeProvider = clock }, w => w.RateLimit = new CloudRateLimit
        {
            Enabled = true,
            RepositoriesPerHour = perHour,
            WebhooksPerHour = perHour,
            RefusedCallsCount = refusedCount,
        });
}
