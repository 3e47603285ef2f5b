using System.Net;
using BitbucketOperator.BitbucketSimulator.State;
using CsCheck;

namespace BitbucketOperator.BitbucketSimulator.Tests;

public sealed class PagingTests
{
    [Fact]
    public async Task Default_limit_is_25_and_a_larger_one_is_silently_capped()
    {
        await using var sim = await Given.SimulatorAsync(
            new SimulatorOptions { Generate = new() { Repositories = 60, ArchivedEvery = 0 } }, w => w.Quirks.PageCap = 40);
        using var client = sim.Admin();

        var first = await client.GetReplyAsync("rest/api/1.0/repos?projectkey=GEN01");
        var capped = await client.GetReplyAsync("rest/api/1.0/repos?projectkey=GEN01&limit=1000");

        ((int)first.Json!["size"]!).ShouldBe(25);
        ((int)first.Json["nextPageStart"]!).ShouldBe(25);
        ((int)capped.Json!["limit"]!).ShouldBe(40);
        ((int)capped.Json["size"]!).ShouldBe(40);
    }

    [Fact]
    public async Task Pages_are_filtered_after_the_fetch_so_an_empty_one_is_not_the_last()
    {
        await using var sim = await Given.SimulatorAsync(change: w =>
        {
            for (var i = 0; i < 30; i++) w.AddRepository("SECRET", $"s{i}");
            w.AddRepository("PLAT", "late");
        });
        using var client = sim.CreateClient("user-token");

        var empty = await client.GetReplyAsync("rest/api/1.0/repos?start=5&limit=20");

        empty.Values.ShouldBeEmpty();
        ((bool)empty.Json!["isLastPage"]!).ShouldBeFalse();
        ((int)empty.Json["nextPageStart"]!).ShouldBe(25);
    }

    [Fact]
    public async Task Last_page_leaves_nextPageStart_out_or_says_null()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.Admin();

        (await client.GetReplyAsync("rest/api/1.0/repos")).Json!.AsObject().ContainsKey("nextPageStart").ShouldBeFalse();
        sim.Change(w => w.Quirks.NullNextPageStart = true);
        var page = (await client.GetReplyAsync("rest/api/1.0/repos")).Json!.AsObject();
        page.ContainsKey("nextPageStart").ShouldBeTrue();
        page["nextPageStart"].ShouldBeNull();
    }

    [Fact]
    public async Task Following_nextPageStart_finds_everything_once_for_any_limit_cap_and_stride()
    {
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { Generate = new() { Projects = 3, Repositories = 17 } }, HideSome);
        using var client = sim.CreateClient("user-token");
        var visible = sim.Read(w => w.Repositories.Where(r => !r.Archived && (r.Public || r.Project.Key is "PLAT" or "GEN02")).Select(r => r.Id).ToArray());

        await Gen.Select(Gen.Int[1, 60], Gen.Int[1, 60], Gen.Int[1, 9]).SampleAsync(async (limit, cap, stride) =>
        {
            sim.Change(w => (w.Quirks.PageCap, w.Quirks.CursorStride) = (cap, stride));
            (await WalkAsync(client, limit)).ShouldBe(visible);
        }, iter: 60, threads: 1);
    }

    [Fact]
    public async Task Ten_thousand_repositories_take_eleven_pages()
    {
        await using var sim = await Given.SimulatorAsync(
            new SimulatorOptions { Generate = new() { Projects = 100, Repositories = 100, ArchivedEvery = 0, KeyPrefix = "BIG" } });
        using var client = sim.Admin();
        var before = sim.Counters.Requests;

        var ids = await WalkAsync(client, 1000);

        ids.Count.ShouldBe(10_004);
        (sim.Counters.Requests - before).ShouldBe(11);
    }

    [Fact]
    public async Task Webhooks_are_paged_with_their_own_cap()
    {
        await using var sim = await Given.SimulatorAsync(change: w =>
        {
            w.Quirks.WebhookPageCap = 5;
            for (var i = 0; i < 8; i++) w.AddWebhook(w.RepositoryAt("PLAT/api"), h => h.Name = $"h{i}");
        });
        using var client = sim.CreateClient("user-token");

        var page = await client.GetReplyAsync(Given.Hooks + "?limit=100");

        page.Status.ShouldBe(HttpStatusCode.OK);
        page.Values.Count.ShouldBe(5);
        (await client.GetReplyAsync(Given.Hooks + "?start=5")).Names("name").ShouldBe(["h5", "h6", "h7"]);
    }

    private static void HideSome(World world)
    {
        world.UserNamed("ci").ProjectGrants[world.ProjectAt("GEN02").Id] = Level.Write;
        world.ProjectAt("GEN03").Repositories[3].Public = true;
    }

    private static async Task<List<int>> WalkAsync(HttpClient client, int limit)
    {
        var ids = new List<int>();
        for (int? start = 0; start is not null;)
        {
            var page = (await client.GetReplyAsync($"rest/api/1.0/repos?start={start}&limit={limit}")).Json!;
            ids.AddRange(page["values"]!.AsArray().Select(v => (int)v!["id"]!));
            var next = (int?)page["nextPageStart"];
            ((bool)page["isLastPage"]!).ShouldBe(next is null);
            (next ?? int.MaxValue).ShouldBeGreaterThan(start.Value);
            start = next;
        }

        return ids;
    }
}
