using System.Net;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Tests;

public sealed class WebhookTests
{
    [Theory]
    [InlineData(201)]
    [InlineData(200)]
    public async Task Created_webhook_is_read_back_with_its_secret_in_clear(int status)
    {
        await using var sim = await Given.SimulatorAsync(change: w => w.Quirks.CreateStatus = status);
        using var client = sim.CreateClient("repository-token");

        var created = await client.SendAsync("POST", Given.Hooks, Given.Webhook(secret: "s3cr3t", events: ["pr:opened", "repo:refs_changed"]));
        var read = await client.GetReplyAsync($"{Given.Hooks}/{created.Json!["id"]}");

        ((int)created.Status).ShouldBe(status);
        ((string?)read.Json!["configuration"]!["secret"]).ShouldBe("s3cr3t");
        read.Json["events"]!.AsArray().Select(e => (string)e!).ShouldBe(["pr:opened", "repo:refs_changed"], ignoreOrder: true);
        ((string?)read.Json["scopeType"]).ShouldBe("repository");
        ((long)read.Json["createdDate"]!).ShouldBeGreaterThan(0);
        read.Json.AsObject().ContainsKey("statistics").ShouldBeFalse();
        (await client.GetReplyAsync($"{Given.Hooks}/{created.Json["id"]}?statistics=true")).Json!["statistics"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Order_of_events_is_the_servers()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        string[] sent = ["pr:opened", "pr:merged", "pr:declined", "repo:modified", "repo:forked", "repo:refs_changed"];
        string[] reversed = [.. sent.Reverse()];

        var one = await client.SendAsync("POST", Given.Hooks, Given.Webhook(events: sent));
        var two = await client.SendAsync("POST", Given.Hooks, Given.Webhook(events: reversed));

        one.Json!["events"]!.ToJsonString().ShouldBe(two.Json!["events"]!.ToJsonString());
        one.Json["events"]!.AsArray().Select(e => (string)e!).ShouldNotBe(sent);
    }

    [Fact]
    public async Task Put_replaces_everything_and_missing_configuration_clears_the_secret()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        var created = await client.SendAsync("POST", Given.Hooks, Given.Webhook(secret: "s3cr3t"));

        var bare = new JsonObject { ["name"] = "new", ["url"] = "http://recv.example/2" };
        var replaced = await client.SendAsync("PUT", $"{Given.Hooks}/{created.Json!["id"]}", bare);

        replaced.Status.ShouldBe(HttpStatusCode.OK);
        replaced.Json!["configuration"]!.AsObject().ShouldBeEmpty();
        replaced.Json["events"]!.AsArray().ShouldBeEmpty();
        ((string?)replaced.Json["name"]).ShouldBe("new");
    }

    [Fact]
    public async Task Put_with_user_name_only_keeps_the_stored_password_and_without_credentials_drops_it()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        var body = Given.Webhook();
        body["credentials"] = new JsonObject { ["username"] = "u", ["password"] = "p" };
        var id = (int)(await client.SendAsync("POST", Given.Hooks, body)).Json!["id"]!;

        var read = await client.GetReplyAsync($"{Given.Hooks}/{id}");
        read.Json!["credentials"]!.ToJsonString().ShouldBe("""{"username":"u"}""");
        await client.SendAsync("PUT", $"{Given.Hooks}/{id}", read.Json);
        sim.Read(w => w.FindWebhook(id)!.Password).ShouldBe("p");
        await client.SendAsync("PUT", $"{Given.Hooks}/{id}", Given.Webhook());
        sim.Read(w => w.FindWebhook(id)!.Password).ShouldBeNull();
        sim.Read(w => w.FindWebhook(id)!.Username).ShouldBeNull();
    }

    [Fact]
    public async Task Empty_secret_is_500_and_creates_nothing()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");

        var reply = await client.SendAsync("POST", Given.Hooks, Given.Webhook(secret: ""));

        reply.Status.ShouldBe(HttpStatusCode.InternalServerError);
        reply.Error.ShouldNotBeNull();
        reply.Exception.ShouldBeNull();
        sim.Read(w => w.Webhooks.Count()).ShouldBe(0);
    }

    [Theory]
    [InlineData("repo:pushed")]
    [InlineData("pr:to_ref_updated")]
    [InlineData("pr:reviewer:changes_requested")]
    [InlineData("repo:created")]
    public async Task Unknown_or_only_documented_event_fails_the_whole_creation(string key)
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");

        var reply = await client.SendAsync("POST", Given.Hooks, Given.Webhook(events: ["repo:refs_changed", key]));

        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Error.ShouldBe($"the event {key} is unknown");
        sim.Read(w => w.Webhooks.Count()).ShouldBe(0);
    }

    [Fact]
    public async Task Every_other_documented_event_is_taken()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        var advertised = (await client.GetReplyAsync("rest/webhooks/latest/capabilities"))
            .Json!["application-webhooks"]!.AsArray().Select(e => (string)e!).ToArray();
        string[] global = ["repo:created", "repo:deleted", "project:created", "project:deleted", "repo:default_branch_modified"];

        var reply = await client.SendAsync("POST", Given.Hooks, Given.Webhook(events: [.. advertised.Except(global)]));

        reply.Status.ShouldBe(HttpStatusCode.Created);
        reply.Json!["events"]!.AsArray().Count.ShouldBe(22);
        advertised.ShouldContain("repo:created");
    }

    [Theory]
    [InlineData("""{"url":"http://x.example","events":[]}""")]
    [InlineData("""{"name":" ","url":"http://x.example"}""")]
    [InlineData("""{"name":"n"}""")]
    [InlineData("""{"name":"n","url":"ftp://x.example"}""")]
    [InlineData("""{"name":"n","url":"http://x.example","active":"yes"}""")]
    [InlineData("""{"name":"n","url":"http://x.example","events":"repo:refs_changed"}""")]
    [InlineData("""{"name":"n","url":"http://x.example","configuration":[]}""")]
    [InlineData("""["name"]""")]
    [InlineData("""{"name":""")]
    public async Task Invalid_body_is_400_with_the_usual_envelope(string body)
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        using var request = new HttpRequestMessage(HttpMethod.Post, Given.Hooks) { Content = new StringContent(body, null, "application/json") };

        var reply = await client.ReadAsync(request);

        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Error.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Deleted_webhook_is_204_and_then_404()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        var id = (await client.SendAsync("POST", Given.Hooks, Given.Webhook())).Json!["id"];

        (await client.SendAsync("DELETE", $"{Given.Hooks}/{id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        var again = await client.SendAsync("DELETE", $"{Given.Hooks}/{id}");

        again.Status.ShouldBe(HttpStatusCode.NotFound);
        again.Error.ShouldNotBeNull();
        (await client.GetReplyAsync($"{Given.Hooks}/{id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        sim.Counters.WebhookDeletes.ShouldBe(1);
        sim.Counters.WebhookWriteAttempts.ShouldBe(3);
    }

    [Fact]
    public async Task Webhook_of_another_repository_is_not_found_here()
    {
        await using var sim = await Given.SimulatorAsync();
        var id = 0;
        sim.Change(w => id = w.AddWebhook(w.RepositoryAt("PLAT/fork"), h => h.Name = "x").Id);
        using var client = sim.CreateClient("project-token");

        (await client.GetReplyAsync($"{Given.Hooks}/{id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await client.GetReplyAsync($"rest/api/1.0/projects/PLAT/repos/fork/webhooks/{id}")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Identical_webhooks_can_be_created_concurrently()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.SendAsync("POST", Given.Hooks, Given.Webhook())));

        replies.ShouldAllBe(r => r.Status == HttpStatusCode.Created);
        sim.Read(w => w.RepositoryAt("PLAT/api").Webhooks.Select(h => h.Id).Distinct().Count()).ShouldBe(20);
        sim.Counters.WebhookPosts.ShouldBe(20);
    }

    [Fact]
    public async Task Reads_need_admin_rights_and_say_who_lacks_them()
    {
        await using var sim = await Given.SimulatorAsync(change: w => World.SetPermissions(w.TokenNamed("user"), ["REPO_WRITE"]));
        using var client = sim.CreateClient("user-token");

        var reply = await client.GetReplyAsync(Given.Hooks);

        reply.Status.ShouldBe(HttpStatusCode.Unauthorized);
        reply.Exception.ShouldBe("com.atlassian.bitbucket.AuthorisationException");
        reply.Login.ShouldBe("ci");
        (await client.GetReplyAsync("rest/api/1.0/projects/PLAT/repos/api")).Status.ShouldBe(HttpStatusCode.OK);
        (await client.SendAsync("POST", Given.Hooks, Given.Webhook())).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task List_can_be_narrowed_to_events()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        await client.SendAsync("POST", Given.Hooks, Given.Webhook("push"));
        await client.SendAsync("POST", Given.Hooks, Given.Webhook("pr", events: ["pr:opened"]));
        await client.SendAsync("POST", Given.Hooks, Given.Webhook("merge", events: ["pr:merged"]));

        var reply = await client.GetReplyAsync(Given.Hooks + "?event=pr:opened&event=pr:merged");

        reply.Names("name").ShouldBe(["pr", "merge"]);
    }

    [Fact]
    public async Task Project_webhooks_are_inherited_and_found_by_search()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("project-token");
        var created = await client.SendAsync("POST", Given.ProjectHooks, Given.Webhook("above"));
        await client.SendAsync("POST", Given.Hooks, Given.Webhook("here"));

        ((string?)created.Json!["scopeType"]).ShouldBe("project");
        (await client.GetReplyAsync(Given.Hooks)).Names("name").ShouldBe(["here"]);
        (await client.GetReplyAsync(Given.Hooks + "/search")).Names("name").ShouldBe(["here", "above"]);
        (await client.GetReplyAsync(Given.Hooks + "/search?scopeType=project")).Names("name").ShouldBe(["above"]);
        (await client.GetReplyAsync($"{Given.ProjectHooks}/{created.Json["id"]}/statistics/summary")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await client.SendAsync("DELETE", $"{Given.ProjectHooks}/{created.Json["id"]}")).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("7.21.0", false, false)]
    [InlineData("8.5.0", false, true)]
    [InlineData("8.8.0", true, true)]
    [InlineData("10.2.1", true, true)]
    public async Task Fields_and_levels_depend_on_the_version(string version, bool projectLevel, bool ssl)
    {
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { Version = version });
        using var client = sim.CreateClient("project-token");
        var body = Given.Webhook();
        (body["sslVerificationRequired"], body["credentials"]) = (false, new JsonObject { ["username"] = "u" });

        var created = (await client.SendAsync("POST", Given.Hooks, body)).Json!.AsObject();

        created.ContainsKey("scopeType").ShouldBe(projectLevel);
        created.ContainsKey("credentials").ShouldBe(projectLevel);
        created.ContainsKey("sslVerificationRequired").ShouldBe(ssl);
        foreach (var path in new[] { Given.ProjectHooks, Given.Hooks + "/search" })
        {
            var reply = await client.GetReplyAsync(path);
            reply.Status.ShouldBe(projectLevel ? HttpStatusCode.OK : HttpStatusCode.NotFound);
            reply.Exception.ShouldBeNull();
        }
    }

    [Fact]
    public async Task Version_can_change_while_running()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");

        (await client.SendAsync("POST", Given.Hooks, Given.Webhook(events: ["repo:secret_detected"]))).Status.ShouldBe(HttpStatusCode.Created);
        sim.Change(w => w.Version = ServerVersion.Parse("7.21"));

        (await client.SendAsync("POST", Given.Hooks, Given.Webhook(events: ["repo:secret_detected"]))).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await client.GetReplyAsync("rest/api/1.0/application-properties")).Text.ShouldContain("7.21.0");
    }

    [Fact]
    public async Task Restricted_project_refuses_writes_of_repository_admins()
    {
        await using var sim = await Given.SimulatorAsync(change: w => w.ProjectAt("PLAT").RestrictsRepositoryAdmins = true);
        using var repository = sim.CreateClient("user-token");
        using var project = sim.CreateClient(basic: ("admin", "admin-pw"));

        (await repository.GetReplyAsync(Given.Hooks)).Status.ShouldBe(HttpStatusCode.OK);
        (await repository.SendAsync("POST", Given.Hooks, Given.Webhook())).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await project.SendAsync("POST", Given.Hooks, Given.Webhook())).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Archived_repository_takes_webhooks_unless_told_otherwise()
    {
        const string hooks = "rest/api/1.0/projects/PLAT/repos/old/webhooks";
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.Admin();

        (await client.SendAsync("POST", hooks, Given.Webhook())).Status.ShouldBe(HttpStatusCode.Created);
        sim.Change(w => w.Quirks.ArchivedIsReadOnly = true);
        (await client.SendAsync("POST", hooks, Given.Webhook())).Status.ShouldBe(HttpStatusCode.Conflict);
        (await client.GetReplyAsync(hooks)).Values.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Secret_can_be_masked_and_empty_configuration_left_out()
    {
        await using var sim = await Given.SimulatorAsync(change: w => (w.Quirks.MaskSecrets, w.Quirks.OmitEmptyConfiguration) = (true, true));
        using var client = sim.CreateClient("user-token");

        (await client.SendAsync("POST", Given.Hooks, Given.Webhook(secret: "s3cr3t"))).Text.ShouldNotContain("s3cr3t");
        (await client.SendAsync("POST", Given.Hooks, Given.Webhook())).Json!.AsObject().ContainsKey("configuration").ShouldBeFalse();
    }

    [Fact]
    public async Task Capabilities_name_the_product_and_the_caller()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");

        var reply = await client.GetReplyAsync("rest/capabilities");

        ((string?)reply.Json!["application"]).ShouldBe("stash");
        ((string?)reply.Json["capabilities"]!["webhooks"]).ShouldEndWith("/rest/webhooks/latest/capabilities");
        reply.Login.ShouldBe("ci");
    }
}
