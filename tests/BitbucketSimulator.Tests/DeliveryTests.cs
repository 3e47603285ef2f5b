using System.Net;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.Receiving;
using BitbucketOperator.BitbucketSimulator.State;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.BitbucketSimulator.Tests;

public sealed class DeliveryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Push_reaches_active_webhooks_of_repository_and_project_signed()
    {
        await using var receiver = await WebhookReceiver.StartAsync(() => "s3cr3t", cancel: Cancel);
        await using var sim = await Given.SimulatorAsync(change: w =>
        {
            AddHook(w, w.RepositoryAt("PLAT/api"), receiver.Url, "s3cr3t");
            AddHook(w, w.ProjectAt("PLAT"), receiver.Url, "another");
            AddHook(w, w.RepositoryAt("PLAT/api"), receiver.Url, "s3cr3t").Active = false;
            AddHook(w, w.RepositoryAt("PLAT/api"), receiver.Url, "s3cr3t").Events = ["pr:opened"];
            AddHook(w, w.RepositoryAt("PLAT/fork"), receiver.Url, "s3cr3t");
        });

        var deliveries = await sim.PushAsync("PLAT/api", cancel: Cancel);

        deliveries.Count.ShouldBe(2);
        deliveries.ShouldAllBe(d => d.Outcome == Outcome.Success);
        receiver.Deliveries.Select(d => d.SignatureValid).ShouldBe([true, false], ignoreOrder: true);
        receiver.Deliveries.ShouldAllBe(d => d.Event == "repo:refs_changed" && d.Repository == "PLAT/api" && Guid.Parse(d.RequestId) != Guid.Empty);
        receiver.Deliveries[0].ContentType.ShouldBe("application/json; charset=utf-8");
    }

    [Fact]
    public async Task Unsigned_without_secret_and_with_basic_credentials_when_set()
    {
        await using var receiver = await WebhookReceiver.StartAsync(() => "s3cr3t", cancel: Cancel);
        await using var sim = await Given.SimulatorAsync(change: w =>
        {
            var hook = AddHook(w, w.RepositoryAt("PLAT/api"), receiver.Url, null);
            (hook.Username, hook.Password) = ("u", "p");
        });

        await sim.PushAsync("PLAT/api", cancel: Cancel);

        var delivery = receiver.Deliveries.ShouldHaveSingleItem();
        delivery.Signed.ShouldBeFalse();
        delivery.SignatureValid.ShouldBeNull();
        delivery.Authorization.ShouldBe("Basic dTpw");
    }

    [Theory]
    [InlineData("9.4.2", "946684800000")]
    [InlineData("10.2.1", "\"2000-01-01T00:00:00.000Z\"")]
    public async Task Dates_inside_a_push_changed_in_version_10(string version, string timestamp)
    {
        await using var receiver = await WebhookReceiver.StartAsync(() => null, cancel: Cancel);
        await using var sim = await Given.SimulatorAsync(
            new SimulatorOptions { Version = version, TimeProvider = new FakeTimeProvider() },
            w => AddHook(w, w.RepositoryAt("PLAT/api"), receiver.Url, null));

        await sim.PushAsync("PLAT/api", cancel: Cancel);

        var body = JsonNode.Parse(receiver.Deliveries[0].Body)!;
        body["toCommit"]!["authorTimestamp"]!.ToJsonString().ShouldBe(timestamp);
        ((string?)body["date"]).ShouldBe("2000-01-01T00:00:00+0000");
    }

    [Fact]
    public async Task Results_are_told_by_latest_and_statistics()
    {
        await using var receiver = await WebhookReceiver.StartAsync(() => null, cancel: Cancel);
        var id = 0;
        await using var sim = await Given.SimulatorAsync(change: w => id = AddHook(w, w.RepositoryAt("PLAT/api"), receiver.Url, null).Id);
        using var client = sim.CreateClient("user-token");
        (await client.GetReplyAsync($"{Given.Hooks}/{id}/latest")).Status.ShouldBe(HttpStatusCode.NoContent);

        await sim.PushAsync("PLAT/api", cancel: Cancel);
        receiver.AnswerStatus = 500;
        await sim.PushAsync("PLAT/api", cancel: Cancel);

        var latest = (await client.GetReplyAsync($"{Given.Hooks}/{id}/latest")).Json!;
        ((string?)latest["result"]!["outcome"]).ShouldBe("FAILURE");
        ((string?)latest["event"]).ShouldBe("repo:refs_changed");
        ((long)latest["finish"]!).ShouldBeGreaterThan(0);
        ((string?)(await client.GetReplyAsync($"{Given.Hooks}/{id}/latest?outcome=SUCCESS")).Json!["result"]!["description"]).ShouldBe("200");
        (await client.GetReplyAsync($"{Given.Hooks}/{id}/latest?outcome=ERROR")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await client.GetReplyAsync($"{Given.Hooks}/{id}/latest?event=pr:opened")).Status.ShouldBe(HttpStatusCode.NoContent);
        var counts = (await client.GetReplyAsync($"{Given.Hooks}/{id}/statistics")).Json!["counts"]!;
        (((int)counts["successes"]!, (int)counts["failures"]!, (int)counts["errors"]!)).ShouldBe((1, 1, 0));
        (await client.GetReplyAsync($"{Given.Hooks}/{id}/statistics/summary")).Json!["repo:refs_changed"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Statistics_count_a_day_and_keep_the_last_of_each_outcome()
    {
        var clock = new FakeTimeProvider();
        var id = 0;
        await using var receiver = await WebhookReceiver.StartAsync(() => null, cancel: Cancel);
        await using var sim = await Given.SimulatorAsync(
            new SimulatorOptions { TimeProvider = clock }, w => id = AddHook(w, w.RepositoryAt("PLAT/api"), receiver.Url, null).Id);
        using var client = sim.CreateClient("user-token");
        await PushAsync(sim);
        clock.Advance(TimeSpan.FromHours(25));
        receiver.AnswerStatus = 500;
        await PushAsync(sim);

        var statistics = (await client.GetReplyAsync($"{Given.Hooks}/{id}/statistics")).Json!;

        var counts = statistics["counts"]!;
        (((int)counts["successes"]!, (int)counts["failures"]!, (long)counts["window"]!["duration"]!)).ShouldBe((0, 1, 86_400_000));
        ((string?)statistics["lastSuccess"]!["result"]!["description"]).ShouldBe("200");
        ((string?)statistics["lastFailure"]!["result"]!["description"]).ShouldBe("500");
    }

    [Fact]
    public async Task Test_button_for_a_webhook_sends_its_credentials()
    {
        await using var receiver = await WebhookReceiver.StartAsync(() => null, cancel: Cancel);
        var id = 0;
        await using var sim = await Given.SimulatorAsync(change: w =>
        {
            var hook = AddHook(w, w.RepositoryAt("PLAT/api"), receiver.Url, "s3cr3t");
            (id, hook.Username, hook.Password) = (hook.Id, "u", "p");
        });
        using var client = sim.CreateClient("user-token");

        await client.SendAsync("POST", $"{Given.Hooks}/test?url={receiver.Url}&webhookId={id}");

        receiver.Deliveries.ShouldHaveSingleItem().Authorization.ShouldBe("Basic dTpw");
    }

    [Fact]
    public async Task Five_failures_open_the_circuit_for_ten_seconds_and_then_twice_as_long()
    {
        var clock = new FakeTimeProvider();
        await using var receiver = await WebhookReceiver.StartAsync(() => null, cancel: Cancel);
        await using var sim = await Given.SimulatorAsync(
            new SimulatorOptions { TimeProvider = clock }, w => AddHook(w, w.RepositoryAt("PLAT/api"), receiver.Url, null));
        receiver.AnswerStatus = 503;
        for (var i = 0; i < 5; i++) (await PushAsync(sim)).ShouldBe(Outcome.Failure);

        (await PushAsync(sim)).ShouldBeNull();
        clock.Advance(TimeSpan.FromSeconds(10));
        (await PushAsync(sim)).ShouldBe(Outcome.Failure);
        clock.Advance(TimeSpan.FromSeconds(19));
        (await PushAsync(sim)).ShouldBeNull();
        clock.Advance(TimeSpan.FromSeconds(1));
        receiver.AnswerStatus = 200;
        (await PushAsync(sim)).ShouldBe(Outcome.Success);
        (await PushAsync(sim)).ShouldBe(Outcome.Success);
        sim.Read(w => w.Webhooks.Single().Active).ShouldBeTrue();
    }

    [Fact]
    public async Task Pause_after_failures_ends_at_ten_hours()
    {
        var clock = new FakeTimeProvider();
        await using var receiver = await WebhookReceiver.StartAsync(() => null, cancel: Cancel);
        await using var sim = await Given.SimulatorAsync(
            new SimulatorOptions { TimeProvider = clock }, w => AddHook(w, w.RepositoryAt("PLAT/api"), receiver.Url, null));
        receiver.AnswerStatus = 503;
        for (var i = 0; i < 30; i++)
        {
            (await PushAsync(sim)).ShouldBe(Outcome.Failure);
            clock.Advance(TimeSpan.FromHours(10));
        }
    }

    [Theory]
    [InlineData(true, Outcome.Error)]
    [InlineData(false, Outcome.Success)]
    public async Task Receiver_with_a_private_certificate_needs_verification_off(bool verify, Outcome outcome)
    {
        using var authority = new Authority();
        await using var receiver = await WebhookReceiver.StartAsync(() => null, authority: authority, cancel: Cancel);
        await using var sim = await Given.SimulatorAsync(
            change: w => AddHook(w, w.RepositoryAt("PLAT/api"), receiver.Url, null).SslVerificationRequired = verify);

        (await PushAsync(sim)).ShouldBe(outcome);
        receiver.Url.Scheme.ShouldBe("https");
    }

    [Fact]
    public async Task Deliveries_beyond_250_in_flight_are_skipped_and_the_others_time_out_after_ten_seconds()
    {
        var clock = new FakeTimeProvider();
        await using var silent = await Given.SimulatorAsync();
        silent.Faults.Add(new Fault { Kind = FaultKind.Hang });
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { TimeProvider = clock }, w =>
        {
            for (var i = 0; i < 260; i++) AddHook(w, w.RepositoryAt("PLAT/api"), silent.BaseUrl, null);
        });

        var push = sim.PushAsync("PLAT/api", cancel: Cancel);
        var deliveries = await Eventually.EndsAsync("the end of all deliveries", push, meanwhile: () => clock.Advance(TimeSpan.FromSeconds(10)));

        deliveries.Count(d => d.Skipped).ShouldBe(10);
        deliveries.Count(d => d is { Outcome: Outcome.Error, Description: "timed out" }).ShouldBe(250);
    }

    [Fact]
    public async Task Test_button_pings_without_signature_and_shows_what_it_sent()
    {
        await using var receiver = await WebhookReceiver.StartAsync(() => "s3cr3t", cancel: Cancel);
        await using var sim = await Given.SimulatorAsync(change: w => AddHook(w, w.RepositoryAt("PLAT/api"), receiver.Url, "s3cr3t"));
        using var client = sim.CreateClient("user-token");

        var reply = await client.SendAsync("POST", $"{Given.Hooks}/test?url={receiver.Url}", new JsonObject { ["username"] = "u", ["password"] = "p" });

        reply.Status.ShouldBe(HttpStatusCode.OK);
        ((int)reply.Json!["response"]!["statusCode"]!).ShouldBe(200);
        ((string?)reply.Json["request"]!["headers"]!["Authorization"]).ShouldBe("Basic dTpw");
        var ping = receiver.Deliveries.ShouldHaveSingleItem();
        (ping.Event, ping.Body, ping.Signed).ShouldBe(("diagnostics:ping", """{"test": true}""", false));
        (await client.SendAsync("POST", $"{Given.Hooks}/test")).Status.ShouldBe(HttpStatusCode.InternalServerError);
        sim.Counters.WebhookWriteAttempts.ShouldBe(0);
    }

    private static async Task<Outcome?> PushAsync(Simulator sim) => (await sim.PushAsync("PLAT/api", cancel: Cancel)).Single().Outcome;

    private static Webhook AddHook(World world, WebhookOwner owner, Uri url, string? secret) => world.AddWebhook(owner, hook =>
    {
        (hook.Name, hook.Url, hook.Events) = ("hook", url.AbsoluteUri, ["repo:refs_changed"]);
        if (secret is not null) hook.Configuration["secret"] = secret;
    });
}
