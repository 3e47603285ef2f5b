using System.Text.Json;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.Receiving;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>Whether deliveries get through, from the receiver's answers to status, over the wire.</summary>
public sealed class DeliveryHealthTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DeliveriesThatFail_DegradeAndRecover()
    {
        await using var given = await StartAsync();
        (await given.World.PassAsync()).Status.Webhooks!.Deliveries.ShouldNotBeNull().Failing.ShouldBe(0);
        given.Receiver.AnswerStatus = 500;
        await given.PushAsync(5);

        var failing = await given.World.PassAsync();

        Ready(failing.Status).ShouldBe((ConditionState.True, "Degraded"));
        failing.Status.Conditions.Find(c => c.Type == ConditionTypes.WebhooksReady)!.Status.ShouldBe(ConditionState.True);
        (failing.Status.Webhooks!.Deliveries!.Failing, failing.Status.Webhooks.Deliveries.CircuitBroken).ShouldBe((1, 1));
        var failure = failing.Status.Failures.ShouldHaveSingleItem();
        (failure.Examples.Single(), failure.Reason).ShouldBe(("PLAT/api (ci)", "DeliveriesFailing"));
        failure.Message.ShouldBe(
            $"Last 5 or more deliveries failed: 500 from {given.Receiver.Url.Authority}; Bitbucket skips deliveries after 5 failures in a row");
        failing.Events.Select(e => (e.Warning, e.Reason)).ShouldBe([(true, "DeliveriesFailing")]);

        given.Receiver.AnswerStatus = 200;
        given.World.DataCenter.Change(w => w.RepositoryAt("PLAT/api").Webhooks.Single().SkippedUntil = null);
        await given.PushAsync(1);
        var well = await given.World.PassAsync();

        Ready(well.Status).ShouldBe((ConditionState.True, "Succeeded"));
        well.Status.Failures.ShouldBeNull();
        (well.Status.Webhooks!.Deliveries!.Failing, well.Status.Webhooks.Deliveries.LastError).ShouldBe((0, null));
        well.Events.Select(e => (e.Warning, e.Reason)).ShouldBe([(false, "DeliveriesRecovered")]);
    }

    [Fact]
    public async Task MoreOfTheSame_WritesNoStatusAndTellsNoEvent()
    {
        await using var given = await StartFailingAsync();
        var first = Text((await given.World.PassAsync()).Status);
        for (var more = 0; more < 3; more++)
        {
            given.World.DataCenter.Change(w => w.RepositoryAt("PLAT/api").Webhooks.Single().SkippedUntil = null);
            await given.PushAsync(1);

            var (status, _, events) = await given.World.PassAsync();

            Text(status).ShouldBe(first);
            events.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Restart_TellsTheSame()
    {
        await using var given = await StartFailingAsync();
        var before = (await given.World.PassAsync()).Status;

        await ShouldSayTheSameAfterARestartAsync(given.World, before);
    }

    [Fact]
    public async Task RestartWhileTheServerTellsNothing_KeepsWhatWasReported()
    {
        await using var given = await StartFailingAsync();
        var before = (await given.World.PassAsync()).Status;

        given.World.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 500, Path = "/rest/api/*/projects/*/repos/*/webhooks/*/latest" });

        await ShouldSayTheSameAfterARestartAsync(given.World, before);
    }

    [Fact]
    public async Task WebhookTurnedOffByHand_IsTurnedOnAgain()
    {
        await using var given = await StartAsync();
        await given.World.PassAsync();
        given.World.DataCenter.Change(w => w.RepositoryAt("PLAT/api").Webhooks.Single().Active = false);

        await given.World.VerifyAgainAsync();

        given.World.DataCenter.Read(w => w.RepositoryAt("PLAT/api").Webhooks.Single().Active).ShouldBeTrue();
    }

    [Fact]
    public async Task WebhookTested_AfterItWasMadeAndChangedAndNotInBetween()
    {
        await using var given = await StartAsync(test: true);
        await given.World.PassAsync();
        given.Receiver.Deliveries.Select(d => d.Event).ShouldBe(["diagnostics:ping", "diagnostics:ping"], "one for each of two repositories");
        await given.World.PassAsync();
        await given.World.RestartedPassAsync();
        await given.World.VerifyAgainAsync();
        given.Receiver.Deliveries.Count.ShouldBe(2);

        given.World.Webhook.Events = ["repo:refs_changed"];
        await given.World.PassAsync();

        given.Receiver.Deliveries.Count.ShouldBe(4);
    }

    [Fact]
    public async Task TestThatFails_IsReportedUntilTheReceiverAnswers()
    {
        await using var given = await StartAsync(test: true);
        given.Receiver.AnswerStatus = 404;

        var failing = await given.World.PassAsync();

        Ready(failing.Status).ShouldBe((ConditionState.True, "Degraded"));
        failing.Status.Webhooks!.Deliveries!.Failing.ShouldBe(2);
        failing.Status.Failures!.ShouldAllBe(f => f.Message == $"Webhook test failed: 404 from {given.Receiver.Url.Authority}");
        await ShouldSayTheSameAfterARestartAsync(given.World, failing.Status);

        given.Receiver.AnswerStatus = 200;
        Ready((await given.World.PassAsync()).Status).ShouldBe((ConditionState.True, "Succeeded"));
        var tests = given.Receiver.Deliveries.Count;
        await given.World.PassAsync();
        given.Receiver.Deliveries.Count.ShouldBe(tests);
    }

    [Fact]
    public async Task WithoutTestPing_NobodyIsPinged()
    {
        await using var given = await StartAsync();
        await given.World.PassAsync();
        given.Receiver.Deliveries.ShouldBeEmpty();
    }

    [Fact]
    public async Task Cloud_SaysThatNothingIsTold()
    {
        await using var world = await PassWorld.StartAsync(Hosting.Cloud);
        world.Webhook.TestPing = true;

        var (status, _, _) = await world.PassAsync();

        (status.Webhooks!.Deliveries!.Checked, status.Webhooks.Deliveries.Note)
            .ShouldBe((0, "This Bitbucket does not report deliveries; spec.webhooks[].testPing has no effect"));
        var first = Text(status);
        Text((await world.PassAsync()).Status).ShouldBe(first);
    }

    private static async Task<DeliveryWorld> StartAsync(bool test = false)
    {
        var world = await PassWorld.StartAsync(Hosting.DataCenter);
        var receiver = await WebhookReceiver.StartAsync(() => null, authority: new(), cancel: Cancellation);
        world.Webhook.Url = receiver.Url.AbsoluteUri;
        world.Webhook.SslVerification = false;
        world.Webhook.TestPing = test;
        return new DeliveryWorld(world, receiver);
    }

    // A webhook was made, and its latest five deliveries failed since.
    private static async Task<DeliveryWorld> StartFailingAsync()
    {
        var given = await StartAsync();
        await given.World.PassAsync();
        given.Receiver.AnswerStatus = 500;
        await given.PushAsync(5);
        return given;
    }

    private static (ConditionState State, string Reason) Ready(BitbucketConnectionStatus status)
    {
        var ready = status.Conditions.Find(c => c.Type == ConditionTypes.Ready)!;
        return (ready.Status, ready.Reason);
    }

    // Neither when a new process takes up what is on record, without a request, nor when it looks at the webhooks in their turn.
    private static async Task ShouldSayTheSameAfterARestartAsync(PassWorld world, BitbucketConnectionStatus before)
    {
        var (record, text) = (Json(before), Text(before));
        var ((status, _, events), reads) = await world.RestartedPassAsync();
        Json(status).ShouldBe(record);
        events.ShouldBeEmpty();
        reads.ShouldBe(0);

        (status, _, events) = await world.VerifyAgainAsync();
        Text(status).ShouldBe(text);
        events.ShouldBeEmpty();
        world.WebhookReads.ShouldBeGreaterThan(0);
    }

    private static string Json(BitbucketConnectionStatus status) => JsonSerializer.Serialize(status, ApiJsonContext.Default.BitbucketConnectionStatus);

    // Without what is not reason enough to write.
    private static string Text(BitbucketConnectionStatus status)
    {
        var copy = JsonSerializer.Deserialize(Json(status), ApiJsonContext.Default.BitbucketConnectionStatus)!;
        copy.Webhooks!.LastFullCheck = null;
        copy.Webhooks.Deliveries!.Checked = 0;
        return Json(copy);
    }

    private sealed record DeliveryWorld(PassWorld World, WebhookReceiver Receiver) : IAsyncDisposable
    {
        public async Task PushAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                await World.DataCenter.PushAsync("PLAT/api", cancel: Cancellation);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await World.DisposeAsync();
            await Receiver.DisposeAsync();
        }
    }
}
