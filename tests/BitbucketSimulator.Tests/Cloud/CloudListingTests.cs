using System.Net;
using BitbucketOperator.BitbucketSimulator.Cloud;

namespace BitbucketOperator.BitbucketSimulator.Tests.Cloud;

public sealed class CloudListingTests
{
    [Fact]
    public async Task Pages_are_of_ten_and_only_next_says_where_to_go_on()
    {
        await using var cloud = await GeneratedAsync(25);
        using var client = cloud.Ada();

        var pages = await client.AllPagesAsync("repositories/acme?q=project.key%3D%22GEN01%22");

        pages.Select(p => p.Values.Count).ShouldBe([10, 10, 5]);
        pages.SelectMany(p => p.Slugs()).Distinct().Count().ShouldBe(25);
        pages[^1].Json!.AsObject().ContainsKey("next").ShouldBeFalse();
        ((string?)pages[0].Json!["next"])!.ShouldStartWith(cloud.ApiUrl + "/repositories/acme?q=project.key%3D%22GEN01%22&pagelen=10&after=");
        ((int)pages[0].Json!["size"]!).ShouldBe(25);
        pages[0].Json!["page"].ShouldBeNull();
    }

    [Theory]
    [InlineData("", 10)]
    [InlineData("?pagelen=1", 10)]
    [InlineData("?pagelen=30", 30)]
    [InlineData("?pagelen=1000", 100)]
    public async Task Page_length_is_kept_between_ten_and_a_hundred(string query, int expected)
    {
        await using var cloud = await GeneratedAsync(120);
        using var client = cloud.Ada();

        var reply = await client.GetReplyAsync("repositories/acme" + query);

        reply.Values.Count.ShouldBe(expected);
        ((int)reply.Json!["pagelen"]!).ShouldBe(expected);
    }

    [Theory]
    [InlineData("pagelen=101")]
    [InlineData("pagelen=0")]
    [InlineData("pagelen=x")]
    [InlineData("page=0")]
    [InlineData("after=nonsense")]
    public async Task Nonsense_in_paging_is_400(string query)
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => w.Quirks.RefuseLargePagelen = true);
        using var client = cloud.Ada();

        (await client.StatusAsync("repositories/acme?" + query)).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Page_numbers_lengths_and_sizes_are_quirks()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w =>
        {
            (w.Quirks.OpaqueNext, w.Quirks.OmitSize, w.Quirks.EmptyNextAtEnd, w.Quirks.MaxPagelen) = (false, true, true, 3);
        });
        using var client = cloud.Ada();

        var first = await client.GetReplyAsync("repositories/acme?pagelen=50");
        var second = await client.GetReplyAsync("repositories/acme?page=2");

        ((int)first.Json!["page"]!, (string?)first.Json["next"]).ShouldBe((1, $"{cloud.ApiUrl}/repositories/acme?pagelen=3&page=2"));
        first.Json["size"].ShouldBeNull();
        second.Slugs().ShouldBe(["pub"]);
        ((string?)second.Json!["next"]).ShouldBe("");
        ((string?)second.Json["previous"]).ShouldBe($"{cloud.ApiUrl}/repositories/acme?pagelen=3&page=1");
    }

    [Fact]
    public async Task Fields_filter_the_answer_so_that_a_forgotten_next_cuts_the_listing()
    {
        await using var cloud = await GeneratedAsync(25);
        using var client = cloud.Ada();

        var cut = await client.AllPagesAsync("repositories/acme?fields=values.slug,values.links.clone.href,values.mainbranch.name");
        var whole = await client.AllPagesAsync("repositories/acme?fields=values.slug,next");

        cut.Count.ShouldBe(1);
        cut[0].Json!.AsObject().Select(f => f.Key).ShouldBe(["values"]);
        cut[0].Values[0]!.ToJsonString().ShouldBe(
            """{"slug":"api","mainbranch":{"name":"main"},"links":{"clone":[{"href":"https://ada@bitbucket.org/acme/api.git"},"""
                + """{"href":"git@bitbucket.org:acme/api.git"}]}}""");
        cut[0].Values[1]!["mainbranch"].ShouldBeNull();
        whole.Sum(p => p.Values.Count).ShouldBe(29);
    }

    [Fact]
    public async Task Fields_remove_with_minus_take_stars_and_add_nothing_with_an_encoded_plus()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();

        var less = await client.GetReplyAsync("repositories/acme/api?fields=-links,-workspace.name,-owner");
        var more = await client.GetReplyAsync("repositories/acme/api?fields=%2Bparent");
        var star = await client.GetReplyAsync("repositories/acme/api?fields=project.*,uuid");

        (less.Json!["links"], less.Json["owner"], less.Json["workspace"]!["name"]).ShouldBe((null, null, null));
        ((string?)less.Json["workspace"]!["slug"]).ShouldBe("acme");
        more.Json!["links"].ShouldNotBeNull();
        star.Json!.AsObject().Select(f => f.Key).ShouldBe(["uuid", "project"]);
        ((string?)star.Json["project"]!["key"]).ShouldBe("PLAT");
    }

    [Theory]
    [InlineData("project.key=\"PLAT\"", "api,empty,fork")]
    [InlineData("project.key = \"PLAT\" AND name ~ \"P\"", "api,empty")]
    [InlineData("project.key=\"plat\"", "")]
    [InlineData("is_private=false OR slug=\"api\"", "api,pub")]
    [InlineData("(slug=\"api\" OR slug=\"pub\") AND is_private=true", "api")]
    [InlineData("slug IN (\"api\", \"fork\")", "api,fork")]
    [InlineData("slug NOT IN (\"api\",\"fork\")", "empty,pub")]
    [InlineData("mainbranch.name=null", "empty")]
    [InlineData("parent!=null", "fork")]
    [InlineData("slug!~\"p\"", "fork")]
    [InlineData("created_on>2020-01-01T00:00:00+00:00 and slug>=\"fork\"", "fork,pub")]
    [InlineData("name=\"a\\\"b\"", "")]
    public async Task Query_filters_rows(string query, string expected)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();

        (await client.GetReplyAsync("repositories/acme?q=" + Uri.EscapeDataString(query)))
            .Slugs().ShouldBe(expected.Split(',', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("q=nonsense%3D1")]
    [InlineData("q=slug")]
    [InlineData("q=slug%3D%22open")]
    [InlineData("q=slug%3Dbare")]
    [InlineData("q=(slug%3D%22a%22")]
    [InlineData("q=created_on%3E2026-01-01T00:00:00+00:00")]
    [InlineData("sort=nonsense")]
    [InlineData("role=king")]
    public async Task Query_that_cannot_be_read_is_400(string query)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();

        (await client.StatusAsync("repositories/acme?" + query)).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Repository_is_found_by_uuid_in_a_query_and_rows_are_sorted()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();
        var uuid = cloud.Read(w => w.RepositoryAt("acme/fork").Id);

        (await client.GetReplyAsync("repositories/acme?q=" + Uri.EscapeDataString($"uuid=\"{uuid}\""))).Slugs().ShouldBe(["fork"]);
        (await client.GetReplyAsync("repositories/acme?sort=-full_name")).Slugs().ShouldBe(["pub", "fork", "empty", "api"]);
        (await client.GetReplyAsync("repositories/acme?sort=created_on")).Slugs().ShouldBe(["api", "empty", "fork", "pub"]);
        (await client.GetReplyAsync("repositories/acme?sort=parent")).Slugs()[^1].ShouldBe("fork");
    }

    [Theory]
    [InlineData("ci-token", "", "api,empty,fork,pub")]
    [InlineData("ci-token", "?role=member", "api,empty,fork,pub")]
    [InlineData("ci-token", "?role=contributor", "api")]
    [InlineData("ci-token", "?role=admin", "api")]
    [InlineData("ci-token", "?role=owner", "")]
    [InlineData("eve-token", "", "pub")]
    [InlineData("eve-token", "?role=member", "")]
    [InlineData("repository-token", "", "api")]
    [InlineData("repository-token", "?role=member", "")]
    [InlineData("project-token", "", "api,empty,fork")]
    [InlineData("workspace-token", "", "api,empty,fork,pub")]
    public async Task Listing_has_what_the_credential_reaches_and_is_never_refused_for_being_empty(string token, string query, string expected)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        var name = token[..token.IndexOf('-', StringComparison.Ordinal)];
        using var client = cloud.Read(w => w.FindUser(name) is not null)
            ? cloud.CreateClient(basic: ($"{name}@example.com", token))
            : cloud.CreateClient(token);

        var reply = await client.GetReplyAsync("repositories/acme" + query);

        reply.Status.ShouldBe(HttpStatusCode.OK);
        reply.Slugs().ShouldBe(expected.Split(',', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Repository_token_may_be_refused_the_listing()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => w.Quirks.RepositoryTokenListing = RepositoryTokenListing.NeedsProjectFilter);
        using var client = cloud.CreateClient("repository-token");

        (await client.StatusAsync("repositories/acme")).ShouldBe(HttpStatusCode.Forbidden);
        (await client.GetReplyAsync("repositories/acme?q=project.key%3D%22PLAT%22")).Slugs().ShouldBe(["api"]);
        cloud.Change(w => w.Quirks.RepositoryTokenListing = RepositoryTokenListing.Refused);
        (await client.StatusAsync("repositories/acme?q=project.key%3D%22PLAT%22")).ShouldBe(HttpStatusCode.Forbidden);
        (await client.StatusAsync("repositories/acme/api")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Unknown_workspace_is_404_and_one_taken_for_spam_410()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => w.WorkspaceAt("other").Spam = true);
        using var client = cloud.Ada();

        (await client.StatusAsync("repositories/nobody")).ShouldBe(HttpStatusCode.NotFound);
        var spam = await client.GetReplyAsync("repositories/other");
        spam.Status.ShouldBe(HttpStatusCode.Gone);
        spam.Message()!.ShouldContain("spam");
    }

    [Fact]
    public async Task Pull_requests_are_listed_by_state_in_pages_of_fifty_at_most()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w =>
        {
            for (var i = 1; i <= 60; i++) w.RepositoryAt("acme/api").PullRequests.Add(new(i, $"Change {i}", i == 1 ? "MERGED" : "OPEN"));
        });
        using var client = cloud.CreateClient("repository-token");

        var open = await client.GetReplyAsync("repositories/acme/api/pullrequests?pagelen=100");
        var merged = await client.GetReplyAsync("repositories/acme/api/pullrequests?state=MERGED");

        (open.Values.Count, (int)open.Json!["size"]!).ShouldBe((50, 59));
        ((string?)merged.Values.ShouldHaveSingleItem()!["title"]).ShouldBe("Change 1");
    }

    private static Task<CloudSimulator> GeneratedAsync(int repositories) => CloudGiven.CloudAsync(change: w =>
        CloudSeedApplier.Generate(w, new CloudGeneration { Workspace = "acme", Repositories = repositories }));
}
