using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.Receiving;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests;

/// <summary>Delivery health from a receiver that fails to the status in the cluster.</summary>
public sealed class DeliveryTests(ClusterFixture fixture)
{
    [Fact]
    public async Task ReceiverThatAnswers500_DegradesTheConnectionUntilItIsWellAgain()
    {
        using var authority = new Authority();
        await using var receiver = await WebhookReceiver.StartAsync(
            () => Scenario.HookSecret, authority: authority, cancel: TestContext.Current.CancellationToken);
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync(spec =>
        {
            var webhook = spec["webhooks"]![0]!;
            webhook["url"] = receiver.Url.AbsoluteUri;
            webhook["sslVerification"] = false;
            webhook["testPing"] = true;
        });
        await scenario.WaitReadyAsync(6);
        await Eventually.IsTrueAsync("a test of each webhook", () => receiver.Deliveries.Count >= 6);
        receiver.Deliveries.Select(d => d.Event).ShouldBe([.. Enumerable.Repeat("diagnostics:ping", 6)]);
        receiver.AnswerStatus = 500;
        await PushAsync(scenario, 5);
        receiver.Deliveries[^1].SignatureValid.ShouldBe(true);

        await scenario.FullPassAsync();
        var failing = await scenario.WaitReasonAsync(ConditionTypes.Ready, "Degraded");

        failing.Status!.Conditions[0].Status.ShouldBe(ConditionState.True);
        failing.Status.Failures.ShouldHaveSingleItem().Message.ShouldStartWith($"Last 5 or more deliveries failed: 500 from {receiver.Url.Authority}");
        await WaitForEventAsync(scenario, "DeliveriesFailing");
        await scenario.EndAsync();

        receiver.AnswerStatus = 200;
        await PushAsync(scenario, 1);
        await scenario.FullPassAsync();
        await scenario.WaitReasonAsync(ConditionTypes.Ready, "Succeeded");
        await WaitForEventAsync(scenario, "DeliveriesRecovered");
        await scenario.EndAsync();
    }

    // Pauses of the circuit breaker are not waited for.
    private static async Task PushAsync(Scenario scenario, int times)
    {
        scenario.Bitbucket.Change(w => w.RepositoryAt("PLAT/api").Webhooks.Single().SkippedUntil = null);
        for (var i = 0; i < times; i++)
        {
            await scenario.Bitbucket.PushAsync("PLAT/api", cancel: TestContext.Current.CancellationToken);
        }
    }

    private static Task WaitForEventAsync(Scenario scenario, string reason) => scenario.UntilAsync(
        $"the event {reason}",
        async () => (await scenario.KubectlAsync("get", "events", "-o", "jsonpath={.items[*].reason}")).Split(' ').Contains(reason, StringComparer.Ordinal),
        () => "it did not come");
}
