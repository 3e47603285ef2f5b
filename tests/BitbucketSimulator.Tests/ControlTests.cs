using System.Net;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.Receiving;

namespace BitbucketOperator.BitbucketSimulator.Tests;

public sealed class ControlTests
{
    [Fact]
    public async Task Server_settings_change_one_by_one_and_unknown_ones_are_named()
    {
        await using var sim = await Given.SimulatorAsync();
        using var control = Client(sim);

        var changed = await control.SendAsync(
            "PATCH", "server", JsonNode.Parse("""{"version":"7.14.0","status":"Maintenance","publicAccess":true,"quirks":{"pageCap":7}}"""));
        var wrong = await control.SendAsync("PATCH", "server", JsonNode.Parse("""{"quirks":{"pageCup":7}}"""));

        changed.Status.ShouldBe(HttpStatusCode.OK);
        sim.Read(w => (w.Version.ToString(), w.Status.ToString(), w.PublicAccess, w.Quirks.PageCap, w.Quirks.CaptchaAfter))
            .ShouldBe(("7.14.0", "Maintenance", true, 7, 5));
        wrong.Status.ShouldBe(HttpStatusCode.BadRequest);
        ((string?)wrong.Json!["error"])!.ShouldContain("\"pageCup\"");
        (await control.SendAsync("PATCH", "server", JsonNode.Parse("""{"version":"nine"}"""))).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task State_is_shown_extended_and_replaced()
    {
        await using var sim = await Given.SimulatorAsync();
        using var control = Client(sim);
        var seed = JsonNode.Parse(
            """{"users":[{"name":"eve","password":"x","projects":{"NEW":"PROJECT_ADMIN"}}],"projects":[{"key":"NEW","repositories":[{"name":"one"}]}]}""");

        (await control.SendAsync("PATCH", "state", seed)).Status.ShouldBe(HttpStatusCode.OK);
        sim.Read(w => w.Repositories.Count).ShouldBe(6);
        (await control.SendAsync("PUT", "state", seed)).Status.ShouldBe(HttpStatusCode.OK);
        var state = (await control.GetReplyAsync("state")).Json!;

        state["repositories"]!.AsArray().Select(r => $"{r!["project"]}/{r["slug"]}").ShouldBe(["NEW/one"]);
        state["users"]!.AsArray().Count.ShouldBe(1);
        var bad = await control.SendAsync("PATCH", "state", JsonNode.Parse("""{"projects":[{"key":"B","repos":[]}]}"""));
        bad.Status.ShouldBe(HttpStatusCode.BadRequest);
        ((string?)bad.Json!["error"])!.ShouldContain("repos");
    }

    [Fact]
    public async Task Repositories_are_added_archived_renamed_moved_and_removed()
    {
        await using var sim = await Given.SimulatorAsync();
        using var control = Client(sim);
        using var client = sim.CreateClient("user-token");

        (await control.SendAsync("POST", "repositories/PLAT", new JsonObject { ["name"] = "extra" })).Status.ShouldBe(HttpStatusCode.Created);
        (await control.SendAsync("PATCH", "repositories/PLAT/api", new JsonObject { ["archived"] = true })).Status.ShouldBe(HttpStatusCode.OK);
        (await control.SendAsync("PATCH", "repositories/PLAT/fork", new JsonObject { ["name"] = "Spoon" })).Status.ShouldBe(HttpStatusCode.OK);
        (await control.SendAsync("PATCH", "repositories/OPEN/pub", new JsonObject { ["project"] = "PLAT" })).Status.ShouldBe(HttpStatusCode.OK);
        (await control.SendAsync("DELETE", "repositories/PLAT/old")).Status.ShouldBe(HttpStatusCode.NoContent);

        (await client.GetReplyAsync("rest/api/1.0/repos?projectkey=PLAT")).Names("slug").ShouldBe(["spoon", "extra", "pub"], ignoreOrder: true);
        (await client.GetReplyAsync("rest/api/1.0/repos?archived=ARCHIVED")).Names("slug").ShouldBe(["api"]);
        var missing = await control.SendAsync("DELETE", "repositories/PLAT/old");
        ((string?)missing.Json!["error"])!.ShouldContain("PLAT/old");
        (await control.SendAsync("PATCH", "projects/PLAT", new JsonObject { ["key"] = "CORE" })).Status.ShouldBe(HttpStatusCode.OK);
        (await client.GetReplyAsync("rest/api/1.0/projects/CORE/repos/api")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Tokens_and_users_change_at_once()
    {
        await using var sim = await Given.SimulatorAsync();
        using var control = Client(sim);
        using var client = sim.CreateClient("user-token");
        using var extra = sim.CreateClient("extra-token");

        await control.SendAsync("PATCH", "tokens/user", JsonNode.Parse("""{"permissions":["REPO_READ"]}"""));
        (await client.GetReplyAsync(Given.Hooks)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        await control.SendAsync("PATCH", "tokens/user", JsonNode.Parse("""{"permissions":["REPO_ADMIN"]}"""));
        (await client.GetReplyAsync(Given.Hooks)).Status.ShouldBe(HttpStatusCode.OK);
        await control.SendAsync("PATCH", "users/ci", JsonNode.Parse("""{"repositories":{"PLAT/api":"REPO_READ"}}"""));
        (await client.GetReplyAsync(Given.Hooks)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        await control.SendAsync("PATCH", "tokens/user", JsonNode.Parse("""{"expired":true}"""));
        (await client.GetReplyAsync("rest/api/1.0/repos")).Status.ShouldBe(HttpStatusCode.Unauthorized);

        var token = JsonNode.Parse("""{"name":"extra","repository":"PLAT/api","token":"extra-token","permissions":["REPO_ADMIN"]}""");
        (await control.SendAsync("POST", "tokens", token)).Status.ShouldBe(HttpStatusCode.Created);
        (await extra.GetReplyAsync(Given.Hooks)).Status.ShouldBe(HttpStatusCode.OK);
        await control.SendAsync("PATCH", "tokens/extra", JsonNode.Parse("""{"revoked":true}"""));
        (await extra.GetReplyAsync(Given.Hooks)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        var wide = JsonNode.Parse("""{"name":"wide","repository":"PLAT/api","permissions":["PROJECT_READ"]}""");
        (await control.SendAsync("POST", "tokens", wide)).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Webhooks_are_seen_changed_and_added_from_the_back()
    {
        await using var sim = await Given.SimulatorAsync();
        using var control = Client(sim);
        using var client = sim.CreateClient("user-token");

        var foreign = await control.SendAsync(
            "POST", "webhooks/PLAT/api", JsonNode.Parse("""{"name":"jenkins","url":"http://j.example","events":["pr:opened"],"secret":"j"}"""));
        var project = await control.SendAsync("POST", "webhooks/PLAT", JsonNode.Parse("""{"name":"above","url":"http://a.example"}"""));
        await control.SendAsync("PATCH", $"webhooks/{foreign.Json!["id"]}", JsonNode.Parse("""{"active":false,"url":"http://k.example"}"""));

        var read = (await client.GetReplyAsync(Given.Hooks)).Values.ShouldHaveSingleItem()!;
        ((string?)read["url"], (bool)read["active"]!, (string?)read["configuration"]!["secret"]).ShouldBe(("http://k.example", false, "j"));
        (await control.GetReplyAsync("webhooks")).Json!.AsArray().Count.ShouldBe(2);
        (await control.GetReplyAsync("webhooks?owner=PLAT/api")).Json!.AsArray().Count.ShouldBe(1);
        (await control.SendAsync("DELETE", $"webhooks/{project.Json!["id"]}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await control.SendAsync("DELETE", $"webhooks/{project.Json["id"]}")).Status.ShouldBe(HttpStatusCode.NotFound);
        sim.Counters.WebhookWriteAttempts.ShouldBe(0);
    }

    [Fact]
    public async Task Faults_log_and_counters_work_over_http()
    {
        await using var sim = await Given.SimulatorAsync();
        using var control = Client(sim);
        using var client = sim.CreateClient("user-token");
        var id = (string)(await control.SendAsync("POST", "faults", JsonNode.Parse("""{"kind":"Status","status":502,"path":"/rest/**"}"""))).Json!["id"]!;

        await client.SendAsync("POST", Given.Hooks, Given.Webhook(secret: "hidden-secret"));
        (await control.GetReplyAsync("faults")).Json!.AsArray().Count.ShouldBe(1);
        (await control.SendAsync("DELETE", $"faults/{id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        await client.SendAsync("POST", Given.Hooks, Given.Webhook(secret: "hidden-secret"));

        var log = await control.GetReplyAsync("requests?last=1");
        var entry = log.Json!.AsArray().ShouldHaveSingleItem()!;
        ((string?)entry["method"], (int)entry["status"]!, (string?)entry["user"], (bool)entry["credentialSent"]!).ShouldBe(("POST", 201, "ci", true));
        log.Text.ShouldNotContain("user-token");
        log.Text.ShouldNotContain("hidden-secret");
        var counters = (await control.GetReplyAsync("counters")).Json!;
        ((int)counters["webhookPosts"]!, (int)counters["webhookWriteAttempts"]!).ShouldBe((1, 2));
        await control.SendAsync("POST", "counters/reset");
        sim.Counters.Requests.ShouldBe(0);
        (await control.SendAsync("POST", "faults", JsonNode.Parse("""{"kind":"Nonsense"}"""))).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Request_log_is_bounded_and_counters_go_on()
    {
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { RequestLogCapacity = 5 });
        using var client = sim.CreateClient();

        for (var i = 0; i < 9; i++) await client.GetReplyAsync("status");

        sim.Requests.Entries.Select(e => e.Number).ShouldBe([5L, 6, 7, 8, 9]);
        sim.Counters.Requests.ShouldBe(9);
    }

    [Fact]
    public async Task Counters_tell_requests_by_kind()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        await client.GetReplyAsync("rest/api/1.0/repos?limit=1");
        await client.GetReplyAsync("rest/api/1.0/repos?limit=1&start=1");
        await client.GetReplyAsync(Given.Hooks);
        await client.SendAsync("POST", Given.Hooks, Given.Webhook());
        sim.Faults.Add(new Fault { Kind = FaultKind.RateLimited });
        await client.GetReplyAsync(Given.Hooks);

        var counters = sim.Counters;
        (counters.Listings, counters.WebhookReads, counters.WebhookPosts, counters.RateLimited, counters.Requests).ShouldBe((2, 2, 1, 1, 5));
    }

    [Fact]
    public async Task Push_over_http_waits_for_the_delivery()
    {
        await using var receiver = await WebhookReceiver.StartAsync(() => "s", cancel: TestContext.Current.CancellationToken);
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        using var control = Client(sim);
        await client.SendAsync("POST", Given.Hooks, Given.Webhook(url: receiver.Url.AbsoluteUri, secret: "s"));

        var reply = await control.SendAsync("POST", "push", JsonNode.Parse("""{"project":"PLAT","repository":"api"}"""));

        ((string?)reply.Json![0]!["outcome"]).ShouldBe("Success");
        receiver.Deliveries.ShouldHaveSingleItem().SignatureValid.ShouldBe(true);
        (await control.SendAsync("POST", "push", JsonNode.Parse("""{"project":"PLAT","repository":"none"}"""))).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    private static HttpClient Client(Simulator sim) => new() { BaseAddress = sim.ControlUrl };
}
