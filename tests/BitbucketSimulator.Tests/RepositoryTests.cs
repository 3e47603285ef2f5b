using System.Net;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Tests;

public sealed class RepositoryTests
{
    private const string Repos = "rest/api/1.0/repos";

    [Theory]
    [InlineData("", "api,fork,pub")]
    [InlineData("?archived=ALL", "api,old,fork,pub")]
    [InlineData("?archived=archived", "old")]
    [InlineData("?projectkey=%20plat%20", "api,fork")]
    [InlineData("?projectkey=NONE", "")]
    [InlineData("?projectname=open", "pub")]
    [InlineData("?name=AP", "api")]
    [InlineData("?permission=REPO_READ", "api,fork")]
    [InlineData("?permission=REPO_ADMIN", "api")]
    [InlineData("?visibility=public", "pub")]
    [InlineData("?visibility=private&archived=ALL", "api,old,fork")]
    [InlineData("?state=INITIALISING", "")]
    public async Task Listing_filters_as_asked(string query, string expected)
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");

        var reply = await client.GetReplyAsync(Repos + query);

        string.Join(',', reply.Names("slug")).ShouldBe(expected);
    }

    [Theory]
    [InlineData("?visibility=all")]
    [InlineData("?permission=ADMIN")]
    [InlineData("?archived=maybe")]
    [InlineData("?limit=-1")]
    [InlineData("?start=x")]
    public async Task Bad_parameter_is_400(string query)
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");

        (await client.GetReplyAsync(Repos + query)).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Old_version_ignores_what_it_does_not_know()
    {
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { Version = "7.21.0" });
        using var client = sim.CreateClient("user-token");

        var reply = await client.GetReplyAsync(Repos + "?projectkey=OPEN&archived=ACTIVE");

        reply.Names("slug").ShouldBe(["api", "old", "fork", "pub"]);
        reply.Values[1]!.AsObject().ContainsKey("archived").ShouldBeFalse();
    }

    [Fact]
    public async Task Project_listing_mixes_archived_repositories_in()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");

        var reply = await client.GetReplyAsync("rest/api/latest/projects/plat/repos?archived=ACTIVE");

        reply.Names("slug").ShouldBe(["api", "old", "fork"]);
        ((bool)reply.Values[1]!["archived"]!).ShouldBeTrue();
        ((string?)reply.Values[2]!["origin"]!["slug"]).ShouldBe("api");
        ((string?)reply.Values[2]!["hierarchyId"]).ShouldBe((string?)reply.Values[0]!["hierarchyId"]);
    }

    [Fact]
    public async Task Missing_is_404_with_its_kind_and_hidden_is_401()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        using var nobody = sim.CreateClient();

        (await client.GetReplyAsync("rest/api/1.0/projects/NONE")).Exception.ShouldBe("com.atlassian.bitbucket.project.NoSuchProjectException");
        (await client.GetReplyAsync("rest/api/1.0/projects/NONE/repos/x")).Exception.ShouldBe("com.atlassian.bitbucket.project.NoSuchProjectException");
        (await client.GetReplyAsync("rest/api/1.0/projects/PLAT/repos/x")).Exception.ShouldBe("com.atlassian.bitbucket.repository.NoSuchRepositoryException");
        var hidden = await client.GetReplyAsync("rest/api/1.0/projects/SECRET/repos/vault");
        hidden.Status.ShouldBe(HttpStatusCode.Unauthorized);
        hidden.Exception.ShouldBe("com.atlassian.bitbucket.AuthorisationException");
        hidden.Login.ShouldBe("ci");
        var anonymous = await nobody.GetReplyAsync("rest/api/1.0/projects/PLAT/repos/api");
        anonymous.Exception.ShouldBe("com.atlassian.bitbucket.AuthorisationException");
        anonymous.Login.ShouldBeNull();
    }

    [Fact]
    public async Task Projects_show_what_can_be_viewed_and_filter_by_permission()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");

        (await client.GetReplyAsync("rest/api/1.0/projects")).Names("key").ShouldBe(["PLAT", "OPEN"]);
        (await client.GetReplyAsync("rest/api/1.0/projects?name=platf")).Names("key").ShouldBe(["PLAT"]);
        (await client.GetReplyAsync("rest/api/1.0/projects?permission=PROJECT_ADMIN")).Values.ShouldBeEmpty();
        (await client.GetReplyAsync("rest/api/1.0/projects?permission=NONSENSE")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("project-token", "api,fork")]
    [InlineData("repository-token", "api")]
    public async Task Scoped_token_reads_its_scope_and_what_is_public(string token, string expected)
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient(token);

        string.Join(',', (await client.GetReplyAsync(Repos + "?permission=REPO_READ")).Names("slug")).ShouldBe(expected);
        string.Join(',', (await client.GetReplyAsync(Repos)).Names("slug")).ShouldBe(expected + ",pub");
    }

    [Fact]
    public async Task Effective_right_is_the_smaller_of_token_and_user()
    {
        await using var sim = await Given.SimulatorAsync(change: w =>
        {
            w.AddToken("strong", w.UserNamed("ci"), ["PROJECT_ADMIN", "REPO_ADMIN"], "strong");
            w.AddToken("weak", w.UserNamed("admin"), ["PROJECT_READ", "REPO_READ"], "weak");
        });
        using var strong = sim.CreateClient("strong");
        using var weak = sim.CreateClient("weak");

        (await strong.GetReplyAsync(Repos + "?permission=REPO_ADMIN")).Names("slug").ShouldBe(["api"]);
        (await strong.GetReplyAsync(Given.ProjectHooks)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await weak.GetReplyAsync(Repos + "?permission=REPO_ADMIN")).Values.ShouldBeEmpty();
        (await weak.GetReplyAsync(Given.Hooks)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        sim.Change(w => w.Quirks.PermissionFilterUsesToken = false);
        (await weak.GetReplyAsync(Repos + "?permission=REPO_ADMIN&projectkey=PLAT")).Names("slug").ShouldBe(["api", "fork"]);
    }

    [Theory]
    [InlineData("PLAT/repos/api", HttpStatusCode.OK)]
    [InlineData("OPEN/repos/pub", HttpStatusCode.OK)]
    [InlineData("SECRET/repos/vault", HttpStatusCode.Unauthorized)]
    [InlineData("PLAT/repos/nope", HttpStatusCode.NotFound)]
    public async Task Pull_requests_are_an_empty_page_to_those_who_may_read(string repository, HttpStatusCode status)
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");

        var reply = await client.GetReplyAsync($"rest/api/1.0/projects/{repository}/pull-requests?state=ALL&limit=1");

        reply.Status.ShouldBe(status);
        if (status == HttpStatusCode.OK) reply.Values.ShouldBeEmpty();
    }

    [Fact]
    public async Task Personal_project_belongs_to_its_user()
    {
        await using var sim = await Given.SimulatorAsync(change: w =>
        {
            w.AddProject("~ci");
            w.AddRepository("~ci", "My Thing");
        });
        using var client = sim.CreateClient("user-token");

        var reply = await client.GetReplyAsync("rest/api/1.0/projects/~ci/repos/my-thing");

        ((string?)reply.Json!["name"]).ShouldBe("My Thing");
        ((string?)reply.Json["slug"]).ShouldBe("my-thing");
        ((string?)reply.Json["project"]!["type"]).ShouldBe("PERSONAL");
        (await client.GetReplyAsync("rest/api/1.0/projects/%7Eci")).Status.ShouldBe(HttpStatusCode.OK);
        (await client.GetReplyAsync("rest/api/1.0/projects/~ci/repos/my-thing/webhooks")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Renamed_repository_keeps_id_and_old_address_redirects_serves_or_is_gone()
    {
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { ContextPath = "/bitbucket" });
        using var client = sim.CreateClient("user-token");
        var id = sim.Read(w => w.RepositoryAt("PLAT/api").Id);
        sim.Change(w => w.MoveRepository(w.RepositoryAt("PLAT/api"), "Gateway"));

        var redirect = await client.GetReplyAsync(Given.Hooks + "?limit=7");
        redirect.Status.ShouldBe(HttpStatusCode.TemporaryRedirect);
        redirect.Header("Location").ShouldBe($"{sim.BaseUrl}/rest/api/1.0/projects/PLAT/repos/gateway/webhooks?limit=7");
        sim.Change(w => w.Quirks.Moved = MovedAnswer.Serve);
        var served = await client.GetReplyAsync("rest/api/1.0/projects/PLAT/repos/api");
        ((int)served.Json!["id"]!).ShouldBe(id);
        ((string?)served.Json["slug"]).ShouldBe("gateway");
        sim.Change(w => w.Quirks.Moved = MovedAnswer.NotFound);
        (await client.GetReplyAsync(Given.Hooks)).Exception!.ShouldContain("NoSuchRepositoryException");
    }

    [Fact]
    public async Task Renamed_project_redirects_its_repositories()
    {
        await using var sim = await Given.SimulatorAsync(change: w => w.RenameProject(w.ProjectAt("PLAT"), "CORE"));
        using var client = sim.CreateClient("user-token");

        (await client.GetReplyAsync("rest/api/1.0/projects/PLAT/repos")).Header("Location")!.ShouldEndWith("/rest/api/1.0/projects/CORE/repos");
        (await client.GetReplyAsync(Given.Hooks)).Header("Location")!.ShouldEndWith("/projects/CORE/repos/api/webhooks");
        (await client.GetReplyAsync("rest/api/1.0/projects/CORE/repos/api")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Links_come_from_the_configured_base_url()
    {
        await using var sim = await Given.SimulatorAsync(change: w => w.Quirks.LinksBase = "http://localhost:7990/bitbucket");
        using var client = sim.CreateClient("user-token");

        var links = (await client.GetReplyAsync("rest/api/1.0/projects/PLAT/repos/api")).Json!["links"]!;

        ((string?)links["self"]![0]!["href"]).ShouldBe("http://localhost:7990/bitbucket/projects/PLAT/repos/api/browse");
        ((string?)links["clone"]![0]!["href"]).ShouldBe("http://localhost:7990/bitbucket/scm/plat/api.git");
        ((string?)links["clone"]![1]!["name"]).ShouldBe("ssh");
    }

    [Fact]
    public async Task Context_path_is_required_and_unknown_resources_have_the_platform_shape()
    {
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { ContextPath = "/bitbucket/" });
        using var client = sim.CreateClient("user-token");

        sim.BaseUrl.AbsolutePath.ShouldBe("/bitbucket");
        (await client.GetReplyAsync("/rest/api/1.0/repos")).Status.ShouldBe(HttpStatusCode.NotFound);
        var reply = await client.GetReplyAsync("rest/api/1.0/nonsense");
        reply.Status.ShouldBe(HttpStatusCode.NotFound);
        ((int)reply.Json!["status-code"]!).ShouldBe(404);
        reply.Exception.ShouldBeNull();
    }
}
