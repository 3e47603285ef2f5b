using System.Net;
using System.Net.Sockets;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.BitbucketSimulator.Tests;

public sealed class FaultTests
{
    private const string Repos = "rest/api/1.0/repos";

    [Theory]
    [InlineData(ServerStatus.Running, 200, "RUNNING")]
    [InlineData(ServerStatus.Starting, 503, "STARTING")]
    [InlineData(ServerStatus.FirstRun, 200, "FIRST_RUN")]
    [InlineData(ServerStatus.Maintenance, 200, "MAINTENANCE")]
    [InlineData(ServerStatus.Error, 500, "ERROR")]
    public async Task Status_page_and_rest_follow_the_state(ServerStatus state, int status, string text)
    {
        await using var sim = await Given.SimulatorAsync(change: w => w.Status = state);
        using var client = sim.CreateClient();

        var reply = await client.GetReplyAsync("status");

        ((int)reply.Status).ShouldBe(status);
        ((string?)reply.Json!["state"]).ShouldBe(text);
        ((int)(await client.GetReplyAsync("rest/api/1.0/application-properties")).Status).ShouldBe(state == ServerStatus.Running ? 200 : 503);
    }

    [Theory]
    [InlineData(UnavailableAnswer.Html, 503, "text/html")]
    [InlineData(UnavailableAnswer.Json, 503, "application/json")]
    [InlineData(UnavailableAnswer.Redirect, 302, null)]
    public async Task Maintenance_answers_as_chosen_by_state_or_by_fault(UnavailableAnswer answer, int status, string? type)
    {
        await using var sim = await Given.SimulatorAsync(change: w => w.Quirks.Unavailable = answer);
        using var client = sim.CreateClient("user-token");
        sim.Faults.Add(new Fault { Kind = FaultKind.Maintenance, Count = 1 });

        var byFault = await client.GetReplyAsync(Repos);
        sim.Change(w => w.Status = ServerStatus.Maintenance);
        var byState = await client.GetReplyAsync(Repos);

        foreach (var reply in new[] { byFault, byState })
        {
            ((int)reply.Status).ShouldBe(status);
            reply.Message.Content.Headers.ContentType?.MediaType.ShouldBe(type);
        }
    }

    [Theory]
    [InlineData(FaultKind.Reset)]
    [InlineData(FaultKind.EmptyReply)]
    [InlineData(FaultKind.Truncated)]
    public async Task Broken_connection_is_seen_by_the_client_and_logged_without_status(FaultKind kind)
    {
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { Tls = true });
        using var client = sim.CreateClient("user-token");
        sim.Faults.Add(new Fault { Id = "f", Kind = kind });

        // .NET's client itself asks again when a connection ends before the first byte, so the rule has no count.
        await Should.ThrowAsync<HttpRequestException>(() => client.GetReplyAsync(Repos));

        var hits = sim.Faults.Hits("f");
        sim.Faults.Clear();
        (await client.GetReplyAsync(Repos)).Status.ShouldBe(HttpStatusCode.OK);
        hits.ShouldBeGreaterThan(0);
        sim.Requests.Entries.Select(e => (e.Status, e.Fault)).ShouldBe([.. Enumerable.Repeat((0, (string?)kind.ToString()), hits), (200, null)]);
    }

    [Fact]
    public async Task Reset_and_empty_reply_differ_on_the_wire()
    {
        await using var sim = await Given.SimulatorAsync();
        sim.Faults.Add(new Fault { Kind = FaultKind.EmptyReply, Count = 1 });
        (await RawAsync(sim.BaseUrl)).ShouldBe(0);

        sim.Faults.Add(new Fault { Kind = FaultKind.Reset, Count = 1 });
        var error = await Should.ThrowAsync<SocketException>(() => RawAsync(sim.BaseUrl));
        error.SocketErrorCode.ShouldBe(SocketError.ConnectionReset);
    }

    [Fact]
    public async Task Rule_matches_method_path_and_query_after_n_and_count_times()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        sim.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 502,
            Method = "PUT,GET", Path = "/rest/api/*/projects/*/repos", QueryContains = "limit=5", After = 1, Count = 2 });
        async Task<int> Ask(string path) => (int)(await client.GetReplyAsync(path)).Status;

        (await Ask("rest/api/1.0/projects/PLAT/repos/api?limit=5")).ShouldBe(200);
        (await Ask("rest/api/1.0/projects/PLAT/repos")).ShouldBe(200);
        var matching = new List<int>();
        for (var i = 0; i < 4; i++) matching.Add(await Ask("rest/api/1.0/projects/PLAT/repos?limit=5"));

        matching.ShouldBe([200, 502, 502, 200]);
        sim.Faults.Active.ShouldBeEmpty();
    }

    [Fact]
    public async Task Double_star_spans_segments_and_method_is_checked()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        sim.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 500, Method = "POST", Path = "/rest/**/webhooks" });

        (await client.GetReplyAsync(Given.Hooks)).Status.ShouldBe(HttpStatusCode.OK);
        (await client.SendAsync("POST", Given.Hooks, Given.Webhook())).Status.ShouldBe(HttpStatusCode.InternalServerError);
        sim.Read(w => w.Webhooks.Count()).ShouldBe(0);
        sim.Faults.Clear();
        (await client.SendAsync("POST", Given.Hooks, Given.Webhook())).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Work_can_be_done_although_the_answer_is_lost()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        sim.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 504, Method = "POST", AfterProcessing = true, Count = 1 });
        sim.Faults.Add(new Fault { Kind = FaultKind.EmptyReply, Method = "POST", AfterProcessing = true, Count = 1 });

        (await client.SendAsync("POST", Given.Hooks, Given.Webhook())).Status.ShouldBe(HttpStatusCode.GatewayTimeout);
        await Should.ThrowAsync<HttpRequestException>(() => client.SendAsync("POST", Given.Hooks, Given.Webhook()));

        sim.Read(w => w.Webhooks.Count()).ShouldBe(2);
        sim.Counters.WebhookPosts.ShouldBe(2);
    }

    [Fact]
    public async Task Chance_is_the_same_for_the_same_seed()
    {
        async Task<string> RunAsync(int seed)
        {
            await using var sim = await Given.SimulatorAsync(new SimulatorOptions { RandomSeed = seed });
            using var client = sim.CreateClient("user-token");
            sim.Faults.Add(new Fault { Kind = FaultKind.Status, Probability = 0.5 });
            var seen = "";
            for (var i = 0; i < 40; i++) seen += (await client.GetReplyAsync(Repos)).Status == HttpStatusCode.OK ? '.' : 'x';
            return seen;
        }

        var first = await RunAsync(7);

        first.ShouldBe(await RunAsync(7));
        first.ShouldContain('.');
        first.ShouldContain('x');
    }

    [Fact]
    public async Task Listing_breaks_half_way()
    {
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { Generate = new() { Repositories = 40, ArchivedEvery = 0 } });
        using var client = sim.Admin();
        sim.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 500, Path = "/rest/api/*/repos", Page = 3 });

        var codes = new List<int>();
        foreach (var start in new[] { 0, 10, 20, 30 }) codes.Add((int)(await client.GetReplyAsync($"{Repos}?start={start}&limit=10")).Status);

        codes.ShouldBe([200, 200, 500, 200]);
    }

    [Fact]
    public async Task Paging_can_be_malformed()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        sim.Faults.Add(new Fault { Kind = FaultKind.PagingWithoutNext, Count = 1 });
        sim.Faults.Add(new Fault { Kind = FaultKind.PagingNotIncreasing, Count = 1 });
        sim.Faults.Add(new Fault { Kind = FaultKind.PagingEndless, Count = 1 });

        var without = (await client.GetReplyAsync(Repos)).Json!.AsObject();
        var stuck = (await client.GetReplyAsync(Repos + "?start=2")).Json!.AsObject();

        ((bool)without["isLastPage"]!).ShouldBeFalse();
        without.ContainsKey("nextPageStart").ShouldBeFalse();
        without["values"]!.AsArray().Count.ShouldBe(3);
        ((int)stuck["nextPageStart"]!).ShouldBe(2);
        var endless = (await client.GetReplyAsync(Repos + "?start=9000")).Json!.AsObject();
        ((int)endless["nextPageStart"]!).ShouldBe(10_000);
        ((bool)endless["isLastPage"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task Replaced_answers_look_as_asked_for()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        sim.Faults.Add(new Fault { Kind = FaultKind.Html, Count = 1 });
        sim.Faults.Add(new Fault { Kind = FaultKind.Redirect, Location = "https://elsewhere.example/", Count = 1 });
        sim.Faults.Add(new Fault { Kind = FaultKind.RateLimited, RetryAfter = "17", Count = 1 });
        sim.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 503, Body = "<h1>busy</h1>", Count = 1 });
        sim.Faults.Add(new Fault { Kind = FaultKind.BrokenJson, Count = 1 });

        var html = await client.GetReplyAsync(Repos);
        (html.Status, html.Message.Content.Headers.ContentType!.MediaType).ShouldBe((HttpStatusCode.OK, "text/html"));
        var redirect = await client.GetReplyAsync(Repos);
        (redirect.Status, redirect.Header("Location")).ShouldBe((HttpStatusCode.Found, "https://elsewhere.example/"));
        var limited = await client.GetReplyAsync(Repos);
        (limited.Status, limited.Header("Retry-After"), limited.Text).ShouldBe((HttpStatusCode.TooManyRequests, "17", ""));
        var busy = await client.GetReplyAsync(Repos);
        (busy.Status, busy.Text).ShouldBe((HttpStatusCode.ServiceUnavailable, "<h1>busy</h1>"));
        await Should.ThrowAsync<System.Text.Json.JsonException>(() => client.GetReplyAsync(Repos));
    }

    [Fact]
    public async Task Late_answer_comes_when_its_time_has_come()
    {
        var clock = new FakeTimeProvider();
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { TimeProvider = clock });
        using var client = sim.CreateClient("user-token");
        sim.Faults.Add(new Fault { Id = "slow", Kind = FaultKind.Latency, LatencyMilliseconds = 60_000, Count = 1 });

        var pending = client.GetReplyAsync(Repos);
        await Eventually.IsTrueAsync("the slow request", () => sim.Faults.Hits("slow") > 0);
        pending.IsCompleted.ShouldBeFalse();

        // The delay may begin a moment after the hit was counted, so time goes on until it is over.
        (await Eventually.EndsAsync("the answer", pending, meanwhile: () => clock.Advance(TimeSpan.FromMinutes(1)))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Hanging_request_ends_with_the_client_or_the_simulator()
    {
        var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        sim.Faults.Add(new Fault { Id = "silent", Kind = FaultKind.Hang });
        using var patience = new CancellationTokenSource();

        var cancelled = client.GetAsync(new Uri(Repos, UriKind.Relative), patience.Token);
        await Eventually.IsTrueAsync("the first request", () => sim.Faults.Hits("silent") == 1);
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(cancelled);
        var pending = client.GetReplyAsync(Repos);
        await Eventually.IsTrueAsync("the second request", () => sim.Faults.Hits("silent") == 2);
        await sim.DisposeAsync();

        await Should.ThrowAsync<HttpRequestException>(() => pending);
    }

    [Theory]
    [InlineData(RetryAfter.None, false)]
    [InlineData(RetryAfter.Seconds, false)]
    [InlineData(RetryAfter.Date, true)]
    public async Task Rate_limit_is_per_user_and_fills_with_time(RetryAfter retryAfter, bool html)
    {
        var clock = new FakeTimeProvider();
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { TimeProvider = clock }, w =>
            w.RateLimit = new RateLimit { Enabled = true, Capacity = 3, FillRate = 0.5, RetryAfter = retryAfter, HtmlBody = html, ExemptUsers = ["admin"] });
        using var ci = sim.CreateClient("user-token");
        using var admin = sim.Admin();
        using var nobody = sim.CreateClient();
        for (var i = 0; i < 3; i++) (await ci.GetReplyAsync(Repos)).Status.ShouldBe(HttpStatusCode.OK);

        var refused = await ci.GetReplyAsync(Repos);

        refused.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Header("Retry-After").ShouldBe(retryAfter switch { RetryAfter.None => null, RetryAfter.Seconds => "2", _ => "Sat, 01 Jan 2000 00:00:02 GMT" });
        (refused.Text.Length > 0).ShouldBe(html);
        for (var i = 0; i < 5; i++) (await admin.GetReplyAsync(Repos)).Status.ShouldBe(HttpStatusCode.OK);
        (await nobody.GetReplyAsync("rest/api/1.0/application-properties")).Status.ShouldBe(HttpStatusCode.OK);
        clock.Advance(TimeSpan.FromSeconds(2));
        (await ci.GetReplyAsync(Repos)).Status.ShouldBe(HttpStatusCode.OK);
        (await ci.GetReplyAsync(Repos)).Status.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    private static async Task<int> RawAsync(Uri url)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
        await socket.Client.SendAsync("GET /rest/api/1.0/repos HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        return await socket.Client.ReceiveAsync(new byte[1024], TestContext.Current.CancellationToken);
    }
}
