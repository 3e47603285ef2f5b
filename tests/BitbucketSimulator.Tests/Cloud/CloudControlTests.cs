using System.Net;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Receiving;

namespace BitbucketOperator.BitbucketSimulator.Tests.Cloud;

public sealed class CloudControlTests
{
    [Fact]
    public async Task Settings_change_one_by_one_and_unknown_ones_are_named()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var control = Client(cloud);

        var changed = await control.SendAsync(
            "PATCH", "server", JsonNode.Parse("""{"quirks":{"maxPagelen":7,"brownouts":["/2.0/x"]},"rateLimit":{"enabled":true}}"""));
        var wrong = await control.SendAsync("PATCH", "server", JsonNode.Parse("""{"quirks":{"maxPagelan":7}}"""));

        ((int)changed.Json!["quirks"]!["maxPagelen"]!, (int)changed.Json["quirks"]!["minPagelen"]!).ShouldBe((7, 10));
        cloud.Read(w => (w.Quirks.MaxPagelen, w.RateLimit.Enabled, w.RateLimit.WebhooksPerHour)).ShouldBe((7, true, 1000));
        ((string?)wrong.Json!["error"])!.ShouldContain("\"maxPagelan\"");
        ((string?)(await control.SendAsync("PATCH", "server", JsonNode.Parse("""{"version":"9"}"""))).Json!["error"])!.ShouldContain("use quirks or rateLimit");
    }

    [Fact]
    public async Task State_is_shown_extended_and_replaced()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var control = Client(cloud);
        var seed = JsonNode.Parse(
            """{"workspaces":[{"slug":"new","projects":[{"key":"N","repositories":[{"name":"one"}]}]}],"users":["""
                + """{"name":"zoe","email":"z@example.com","roles":{"new":"Owner"}}]}""");

        ((int)(await control.SendAsync("PATCH", "state", seed)).Json!["repositories"]!).ShouldBe(6);
        (await control.SendAsync("PUT", "state", seed)).Status.ShouldBe(HttpStatusCode.OK);
        var state = (await control.GetReplyAsync("state")).Json!;

        state["repositories"]!.AsArray().Select(r => $"{r!["workspace"]}/{r["slug"]}").ShouldBe(["new/one"]);
        ((string?)state["users"]!.AsArray().ShouldHaveSingleItem()!["roles"]!["new"]).ShouldBe("Owner");
        ((string?)(await control.SendAsync("PATCH", "state", JsonNode.Parse("""{"workspaces":[{"slag":"x"}]}"""))).Json!["error"])!.ShouldContain("slag");
    }

    [Fact]
    public async Task Repositories_are_added_renamed_moved_and_removed()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var control = Client(cloud);
        using var client = cloud.Ada();

        (await control.SendAsync("POST", "repositories/acme/PLAT", new JsonObject { ["name"] = "extra", ["empty"] = true }))
            .Status.ShouldBe(HttpStatusCode.Created);
        (await control.SendAsync("PATCH", "repositories/acme/fork", new JsonObject { ["name"] = "Spoon" })).Status.ShouldBe(HttpStatusCode.OK);
        (await control.SendAsync("PATCH", "repositories/acme/pub", new JsonObject { ["project"] = "PLAT", ["private"] = true }))
            .Status.ShouldBe(HttpStatusCode.OK);
        (await control.SendAsync("PATCH", "repositories/acme/api", new JsonObject { ["project"] = "other/X" })).Status.ShouldBe(HttpStatusCode.OK);
        (await control.SendAsync("DELETE", "repositories/acme/empty")).Status.ShouldBe(HttpStatusCode.NoContent);

        (await client.GetReplyAsync("repositories/acme?sort=slug&q=project.key%3D%22PLAT%22")).Slugs().ShouldBe(["extra", "pub", "spoon"]);
        cloud.Read(w => (w.RepositoryAt("acme/extra").MainBranch, w.RepositoryAt("other/api").Project.Key)).ShouldBe((null, "X"));
        ((string?)(await control.SendAsync("DELETE", "repositories/acme/empty")).Json!["error"])!.ShouldContain("acme/empty");
        await control.SendAsync("PATCH", "workspaces/acme", JsonNode.Parse("""{"readOnly":true,"gate":"TwoStep"}"""));
        (await client.StatusAsync("workspaces/acme")).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Tokens_users_and_consumers_change_at_once()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var control = Client(cloud);
        using var ci = cloud.Ci();
        using var oauth = await cloud.ConsumerAsync();
        using var extra = cloud.CreateClient("extra-token");
        Task<Reply> Patch(string path, string json) => control.SendAsync("PATCH", path, JsonNode.Parse(json));

        await Patch("users/ci", """{"repositories":{"acme/api":"Read"}}""");
        (await ci.StatusAsync(CloudGiven.Hooks)).ShouldBe(HttpStatusCode.Forbidden);
        await Patch("users/ci", """{"roles":{"acme":"Owner"}}""");
        (await ci.StatusAsync(CloudGiven.Hooks)).ShouldBe(HttpStatusCode.OK);
        await Patch("tokens/ci", """{"scopes":["read:user:bitbucket"]}""");
        (await ci.StatusAsync(CloudGiven.Hooks)).ShouldBe(HttpStatusCode.Forbidden);
        await Patch("tokens/ci", """{"expired":true}""");
        (await ci.StatusAsync("user")).ShouldBe(HttpStatusCode.Unauthorized);
        (await Patch("tokens/ci", """{"scopes":["webhook"]}""")).Status.ShouldBe(HttpStatusCode.BadRequest);

        var token = JsonNode.Parse("""{"name":"extra","repository":"acme/api","token":"extra-token","scopes":["repository"]}""");
        (await control.SendAsync("POST", "tokens", token)).Status.ShouldBe(HttpStatusCode.Created);
        (await extra.StatusAsync("repositories/acme/api")).ShouldBe(HttpStatusCode.OK);
        await Patch("tokens/extra", """{"revoked":true}""");
        (await extra.StatusAsync("repositories/acme/api")).ShouldBe(HttpStatusCode.Unauthorized);

        await Patch("consumers/key", """{"revokeTokens":true,"secret":"rotated","scopes":["webhook"]}""");
        (await oauth.StatusAsync("repositories/acme")).ShouldBe(HttpStatusCode.Unauthorized);
        (await cloud.TokenAsync()).Status.ShouldBe(HttpStatusCode.BadRequest);
        ((string?)(await cloud.TokenAsync("key", "rotated")).Json!["scopes"]).ShouldBe("webhook");
        (await control.GetReplyAsync("tokens")).Json!.AsArray().Select(t => (string?)t!["kind"]).ShouldContain("WorkspaceAccessToken");
    }

    [Fact]
    public async Task Webhooks_are_seen_with_secrets_changed_and_added_from_the_back()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var control = Client(cloud);
        using var client = cloud.Ada();

        var foreign = await control.SendAsync(
            "POST", "webhooks/acme/api", JsonNode.Parse("""{"description":"jenkins","url":"http://j.example","secret":"j"}"""));
        var above = await control.SendAsync("POST", "webhooks/acme", JsonNode.Parse("""{"url":"http://a.example","events":["repo:fork"]}"""));
        var uuid = CloudGiven.Escaped((string?)foreign.Json!["uuid"]);
        var changed = await control.SendAsync("PATCH", $"webhooks/{uuid}", JsonNode.Parse("""{"active":false,"url":"http://k.example"}"""));

        ((string?)changed.Json!["secret"], (string?)changed.Json["owner"]).ShouldBe(("j", "acme/api"));
        var read = (await client.GetReplyAsync(CloudGiven.Hooks)).Values.ShouldHaveSingleItem()!;
        ((string?)read["url"], (bool)read["active"]!, (bool)read["secret_set"]!).ShouldBe(("http://k.example", false, true));
        (await control.SendAsync("PATCH", $"webhooks/{uuid}", JsonNode.Parse("""{"secret":""}"""))).Json!["secret"].ShouldBeNull();
        (await control.GetReplyAsync("webhooks")).Json!.AsArray().Count.ShouldBe(2);
        (await control.GetReplyAsync("webhooks?owner=acme")).Json!.AsArray().Count.ShouldBe(1);
        var other = CloudGiven.Escaped((string?)above.Json!["uuid"]);
        (await control.SendAsync("DELETE", $"webhooks/{other}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await control.SendAsync("DELETE", $"webhooks/{other}")).Status.ShouldBe(HttpStatusCode.NotFound);
        cloud.Counters.WebhookWriteAttempts.ShouldBe(0);
    }

    [Fact]
    public async Task Faults_log_counters_and_pushes_work_over_http()
    {
        await using var receiver = await WebhookReceiver.StartAsync(() => "s", cancel: TestContext.Current.CancellationToken);
        await using var cloud = await CloudGiven.CloudAsync(new CloudOptions { Tls = true });
        using var control = Client(cloud);
        using var client = cloud.Ada();
        await control.SendAsync("POST", "faults", JsonNode.Parse("""{"kind":"Status","status":502,"path":"/2.0/**/hooks","count":1}"""));
        for (var i = 0; i < 2; i++) await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook(receiver.Url.AbsoluteUri).With("secret", "s"));
        await cloud.TokenAsync();

        var counters = (await control.GetReplyAsync("counters")).Json!;
        var log = await control.GetReplyAsync("requests?last=2");
        var pushed = await control.SendAsync("POST", "push", JsonNode.Parse("""{"workspace":"acme","repository":"api","user":"ci"}"""));

        ((int)counters["webhookPosts"]!, (int)counters["webhookWriteAttempts"]!, (int)counters["tokenRequests"]!).ShouldBe((1, 2, 1));
        log.Json!.AsArray().Select(e => (string?)e!["path"]).ShouldBe(["/2.0/repositories/acme/api/hooks", "/site/oauth2/access_token"]);
        log.Text.ShouldNotContain("ada-token");
        ((string?)pushed.Json![0]!["outcome"]).ShouldBe("Success");
        receiver.Deliveries.ShouldHaveSingleItem().SignatureValid.ShouldBe(true);
    }

    private static HttpClient Client(CloudSimulator cloud) => new() { BaseAddress = cloud.ControlUrl };
}
