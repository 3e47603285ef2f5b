using System.Net;
using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.State;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.BitbucketSimulator.Tests.Cloud;

public sealed class CloudRepositoryTests
{
    [Fact]
    public async Task Repository_has_the_fields_and_oddities_of_the_real_thing()
    {
        await using var cloud = await CloudGiven.CloudAsync(new CloudOptions { TimeProvider = new FakeTimeProvider() });
        using var client = cloud.Ci();

        var api = (await client.GetReplyAsync("repositories/acme/api")).Json!;
        var empty = (await client.GetReplyAsync("repositories/acme/empty")).Json!;
        var fork = (await client.GetReplyAsync("repositories/acme/fork")).Json!;

        ((string?)api["full_name"], (string?)api["project"]!["key"], (string?)api["workspace"]!["slug"]).ShouldBe(("acme/api", "PLAT", "acme"));
        ((string?)api["created_on"], (string?)api["updated_on"]).ShouldBe(("2000-01-01T00:00:00.000000+00:00", "2000-01-01T00:00:00.000000+00:00"));
        ((string?)api["links"]!["self"]!["href"]).ShouldBe($"{cloud.ApiUrl}/repositories/acme/api");
        ((string?)api["links"]!["clone"]![0]!["href"]).ShouldBe("https://ci@bitbucket.org/acme/api.git");
        ((string?)api["language"], api["website"], api["parent"]).ShouldBe(("", null, null));
        empty.AsObject().ContainsKey("mainbranch").ShouldBeTrue();
        (empty["mainbranch"], (int)empty["size"]!).ShouldBe((null, 0));
        ((string?)fork["parent"]!["full_name"]).ShouldBe("acme/api");
    }

    [Theory]
    [InlineData("workspace-token", "https://x-token-auth@bitbucket.org/acme/pub.git")]
    [InlineData(null, "https://bitbucket.org/acme/pub.git")]
    public async Task Clone_link_names_the_caller(string? token, string expected)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.CreateClient(token);

        ((string?)(await client.GetReplyAsync("repositories/acme/pub")).Json!["links"]!["clone"]![0]!["href"]).ShouldBe(expected);
    }

    [Fact]
    public async Task Uuid_outlives_a_rename_a_move_and_an_unknown_workspace()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();
        var uuid = CloudGiven.Escaped(cloud.Read(w => w.RepositoryAt("acme/api").Id));
        var workspace = CloudGiven.Escaped(cloud.Read(w => w.WorkspaceAt("acme").Id));
        cloud.Change(w => w.MoveRepository(w.RepositoryAt("acme/api"), name: "New Name", project: "acme/OPEN"));

        foreach (var path in new[] { $"repositories/acme/{uuid}", $"repositories/%7B%7D/{uuid}",
            $"repositories/{workspace}/{uuid}", $"repositories/{workspace}/new-name" })
        {
            var reply = await client.GetReplyAsync(path);
            ((string?)reply.Json!["full_name"], (string?)reply.Json["project"]!["key"]).ShouldBe(("acme/new-name", "OPEN"), path);
        }

        (await client.StatusAsync("repositories/acme/api")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Old_slug_may_redirect_or_be_served()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w =>
        {
            w.MoveRepository(w.RepositoryAt("acme/api"), slug: "renamed");
            w.Quirks.Moved = MovedAnswer.Redirect;
        });
        using var client = cloud.Ada();

        var redirect = await client.GetReplyAsync("repositories/acme/api/hooks?pagelen=50");
        redirect.Status.ShouldBe(HttpStatusCode.MovedPermanently);
        redirect.Message.Headers.Location!.AbsoluteUri.ShouldBe($"{cloud.ApiUrl}/repositories/acme/renamed/hooks?pagelen=50");
        cloud.Change(w => w.Quirks.Moved = MovedAnswer.Serve);
        (await client.GetReplyAsync("repositories/acme/api")).Json!["slug"]!.GetValue<string>().ShouldBe("renamed");
    }

    [Fact]
    public async Task Transfer_revokes_the_repository_s_access_tokens_and_keeps_its_webhooks()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w =>
        {
            w.AddWebhook(w.RepositoryAt("acme/api"), h => h.Url = "https://a.example");
            w.MoveRepository(w.RepositoryAt("acme/api"), project: "other/X");
        });
        using var client = cloud.CreateClient("repository-token");

        (await client.StatusAsync("repositories/other/api")).ShouldBe(HttpStatusCode.Unauthorized);
        cloud.Read(w => w.RepositoryAt("other/api").Webhooks.Count).ShouldBe(1);
        cloud.Change(w => w.RemoveRepository(w.RepositoryAt("other/api")));
        cloud.Read(w => w.Webhooks.Count).ShouldBe(0);
        cloud.Read(w => w.FindRepository("other", "api")).ShouldBeNull();
    }

    [Fact]
    public async Task Project_and_workspace_may_be_null()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => (w.Quirks.NullProject, w.Quirks.NullWorkspace) = (true, true));
        using var client = cloud.Ada();

        var json = (await client.GetReplyAsync("repositories/acme/api")).Json!.AsObject();

        (json.ContainsKey("project"), json["project"], json.ContainsKey("workspace"), json["workspace"]).ShouldBe((true, null, true, null));
    }

    [Fact]
    public async Task Workspaces_of_a_user_are_nested_and_have_no_name()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => w.UserNamed("ada").Join(w.WorkspaceAt("other")));
        using var client = cloud.Ada();

        var all = await client.GetReplyAsync("user/workspaces?sort=-slug");
        var own = await client.GetReplyAsync("user/workspaces?administrator=true");
        var other = await client.GetReplyAsync("user/workspaces?administrator=false");
        var bySlug = await client.GetReplyAsync("user/workspaces?q=" + Uri.EscapeDataString("slug=\"acme\""));

        all.Values.Select(v => (string?)v!["workspace"]!["slug"]).ShouldBe(["other", "acme"]);
        ((string?)all.Values[0]!["type"], (string?)all.Values[0]!["workspace"]!["type"]).ShouldBe(("workspace_access", "workspace_base"));
        all.Values[0]!["workspace"]!["name"].ShouldBeNull();
        own.Values.ShouldHaveSingleItem()!["administrator"]!.GetValue<bool>().ShouldBeTrue();
        other.Values.Count.ShouldBe(1);
        bySlug.Values.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Workspace_is_told_by_slug_and_uuid_to_whoever_is_in_it()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var ci = cloud.Ci();
        using var oauth = await cloud.ConsumerAsync();
        var uuid = CloudGiven.Escaped(cloud.Read(w => w.WorkspaceAt("acme").Id));

        var workspace = await ci.GetReplyAsync($"workspaces/{uuid}");
        ((string?)workspace.Json!["slug"], (string?)workspace.Json["name"], (bool)workspace.Json["is_private"]!).ShouldBe(("acme", "Acme", true));
        (await oauth.StatusAsync("workspaces/acme")).ShouldBe(HttpStatusCode.OK);
        (await ci.StatusAsync("workspaces/other")).ShouldBe(HttpStatusCode.NotFound);
        cloud.Change(w => w.WorkspaceAt("other").Private = false);
        (await ci.StatusAsync("workspaces/other")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Projects_are_listed_and_read_by_key()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.CreateClient("project-token");

        (await client.GetReplyAsync("workspaces/acme/projects?q=key%3D%22PLAT%22")).Names("name").ShouldBe(["Platform"]);
        (await client.GetReplyAsync("workspaces/acme/projects")).Names("key").ShouldBe(["PLAT", "OPEN"]);
        ((string?)(await client.GetReplyAsync("workspaces/acme/projects/plat")).Json!["workspace"]!["slug"]).ShouldBe("acme");
        (await client.StatusAsync("workspaces/acme/projects/NONE")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Permissions_of_a_user_are_told_for_the_workspace_and_each_repository()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var ci = cloud.Ci();
        using var ada = cloud.Ada();

        var role = await ci.GetReplyAsync("user/workspaces/acme/permission");
        var all = await ci.GetReplyAsync("user/workspaces/acme/permissions/repositories");
        var admin = await ci.GetReplyAsync("user/workspaces/acme/permissions/repositories?q=" + Uri.EscapeDataString("permission=\"admin\""));

        ((string?)role.Json!["permission"], (string?)role.Json["user"]!["nickname"]).ShouldBe(("member", "ci"));
        ((string?)(await ada.GetReplyAsync("user/workspaces/acme/permission")).Json!["permission"]).ShouldBe("owner");
        all.Names("permission").ShouldBe(["admin", "read", "read", "read"]);
        ((string?)admin.Values.ShouldHaveSingleItem()!["repository"]!["full_name"]).ShouldBe("acme/api");
        (await ci.GetReplyAsync("user/emails")).Names("email").ShouldBe(["ci@example.com"]);
    }

    [Fact]
    public async Task App_user_of_a_consumer_is_no_user()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var oauth = await cloud.ConsumerAsync();

        ((string?)(await oauth.GetReplyAsync("user")).Json!["type"]).ShouldBe("app_user");
        (await oauth.GetReplyAsync("user/workspaces")).Values.Count.ShouldBe(1);
        (await oauth.GetReplyAsync("repositories/acme?role=admin")).Slugs().ShouldBe(["api", "empty", "fork", "pub"]);
        (await oauth.StatusAsync("repositories/other/vault")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("repositories")]
    [InlineData("workspaces?role=member")]
    [InlineData("snippets")]
    [InlineData("user/permissions/repositories")]
    [InlineData("user/permissions/workspaces?q=x")]
    [InlineData("user/permissions/anything/else")]
    public async Task Removed_endpoint_is_410_and_names_the_change(string path)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();

        var reply = await client.GetReplyAsync(path);

        reply.Status.ShouldBe(HttpStatusCode.Gone);
        reply.Message().ShouldBe("CHANGE-2770 - Functionality has been deprecated");
        ((string?)reply.Json!["error"]!["data"]!["announcement_url"])!.ShouldEndWith("#CHANGE-2770");
    }

    [Fact]
    public async Task Brownout_is_410_now_and_then()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => w.Quirks.Brownouts = ["/2.0/workspaces/*"]);
        using var client = cloud.Ada();
        var seen = new List<int>();

        for (var i = 0; i < 4; i++) seen.Add((int)await client.StatusAsync("workspaces/acme"));

        seen.ShouldBe([410, 200, 410, 200]);
        (await client.StatusAsync("workspaces/acme/projects")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("nothing/here", 404, "Resource not found")]
    [InlineData("../user", 403, "Forbidden")]
    [InlineData("../", 403, "Forbidden")]
    public async Task Address_outside_the_api_is_an_error_of_its_own(string path, int status, string message)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();

        var reply = await client.GetReplyAsync(path);

        ((int)reply.Status, reply.Message()).ShouldBe((status, message));
        if (status == 404) reply.Json!["error"]!["detail"]!.GetValue<string>().ShouldBe("There is no API hosted at this URL");
    }

    [Theory]
    [InlineData(WorkspaceGate.AllowList, "whitelist your IP")]
    [InlineData(WorkspaceGate.TwoStep, "two-step authentication")]
    public async Task Workspace_may_ask_for_more_than_a_credential(WorkspaceGate gate, string text)
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => w.WorkspaceAt("acme").Gate = gate);
        using var client = cloud.Ada();

        foreach (var path in new[] { "workspaces/acme", "repositories/acme", "repositories/acme/api", CloudGiven.Hooks })
        {
            var reply = await client.GetReplyAsync(path);
            reply.Status.ShouldBe(HttpStatusCode.Forbidden, path);
            reply.Message()!.ShouldContain(text);
        }
    }
}
