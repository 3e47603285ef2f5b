using System.Text.Json.Nodes;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests;

public sealed class PlanTests(ClusterFixture fixture)
{
    [Fact]
    public async Task ModePlan_TellsWhatWouldChangeAndWritesNothing_ThenEnforceDoesIt()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        scenario.Bitbucket.Change(w => w.AddWebhook(w.RepositoryAt("PLAT/web"), h => (h.Name, h.Url) = ("jenkins", "https://jenkins.example.com/")));
        await scenario.ApplyAsync(spec => spec["mode"] = "Plan");
        var planned = await scenario.WaitReasonAsync(ConditionTypes.WebhooksReady, "ChangesPlanned");
        planned.Status!.Plan!.Select(p => $"{p.Action} {p.Webhook} {p.Repository}").ShouldBe(
            ["Create ci PLAT/api", "Create ci PLAT/cli", "Create ci PLAT/web", "Create ci TOOLS/api", "Create ci TOOLS/cli", "Create ci TOOLS/web"]);
        planned.Status.Bookkeeping!.ManagedIn.ShouldBeNull();
        Scenario.MessageOf(planned, ConditionTypes.WebhooksReady).ShouldBe("6 webhooks would be created; mode is Plan");
        KStatus.Of(planned).ShouldBe(KStatusState.Current);
        await scenario.EndAsync();
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(0);

        await scenario.ApplyAsync();
        var enforced = await scenario.WaitReadyAsync(6);
        enforced.Status!.Plan.ShouldBeNull();
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(6, "what was listed, and nothing else");
        await scenario.EndAsync();
    }

    [Fact]
    public async Task DeletedInModePlan_LeavesTheWebhooksOfBeforeAndSaysSo()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        await scenario.ApplyAsync(spec => spec["mode"] = "Plan");
        await scenario.WaitReasonAsync(ConditionTypes.Ready, "PlanOnly");
        var attempts = scenario.Bitbucket.Counters.WebhookWriteAttempts;
        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--timeout=180s");
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(attempts);
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(6);
        await scenario.UntilAsync(
            "the event that webhooks were left",
            async () => (await scenario.KubectlAsync("get", "events", "-o", "json"))
                .Contains("Webhooks left in place: spec.mode is Plan", StringComparison.Ordinal),
            () => "no such event");
    }

    [Fact]
    public async Task PlannedOnCloud_WritesNothing()
    {
        await using var scenario = await CloudScenario.StartAsync(fixture);
        await scenario.ApplyAsync(spec => spec["mode"] = "Plan");
        var planned = await scenario.WaitReasonAsync(ConditionTypes.WebhooksReady, "ChangesPlanned");
        planned.Status!.Plan!.Count.ShouldBe(4);
        await scenario.EndAsync();
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(0);
    }

    [Fact]
    public async Task ListingThatLostTooMuch_RemovesNothingUntilItsNumberIsConfirmed()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        scenario.Bitbucket.Change(w => w.UserNamed("bot").ProjectGrants.Remove(w.ProjectAt("TOOLS").Id));
        await scenario.ApplyAsync(LeaveWebOut);
        var doubted = await scenario.WaitReasonAsync(ConditionTypes.RepositoriesDiscovered, "InventorySuspect");
        Scenario.MessageOf(doubted, ConditionTypes.RepositoriesDiscovered).ShouldContain("Repository count dropped from 6 to 3");
        doubted.Status!.Bookkeeping!.Baseline!.Repositories.ShouldBe(6);

        // A restart, and a number that is not this one, make no listing better.
        await scenario.Operator.KillAsync();
        await scenario.StartAfterKilledAsync();
        await scenario.AnnotateAsync("bitbucketoperator.dev/confirm-inventory=2");
        await scenario.FullPassAsync();
        (await scenario.WaitReasonAsync(ConditionTypes.RepositoriesDiscovered, "InventorySuspect")).Status!.Bookkeeping!.ManagedIn.ShouldBe(["PLAT", "TOOLS"]);
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(6);

        await scenario.AnnotateAsync("bitbucketoperator.dev/confirm-inventory=3");
        await scenario.WaitReadyAsync(2);
        scenario.Webhooks("PLAT/web").ShouldBeEmpty();
        scenario.Webhooks("TOOLS/web").ShouldHaveSingleItem("out of sight is not out of place");
        await scenario.EndAsync();
    }

    [Fact]
    public async Task RenamedRepository_KeepsItsWebhook()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        var before = (scenario.Webhooks("PLAT/api").Single().Id, scenario.Bitbucket.Counters.WebhookWriteAttempts);
        scenario.Bitbucket.Change(w => w.MoveRepository(w.RepositoryAt("PLAT/api"), slug: "api-v2"));
        var after = await scenario.FullPassAsync();
        (scenario.Webhooks("PLAT/api-v2").Single().Id, scenario.Bitbucket.Counters.WebhookWriteAttempts).ShouldBe(before);
        after.Status!.Webhooks!.ReadyOfDesired().ShouldBe("6/6");
        await scenario.EndAsync();
    }

    private static void LeaveWebOut(JsonObject spec) =>
        spec["discovery"] = new JsonObject { ["exclude"] = new JsonArray("*/web"), ["maxShrinkPercent"] = 40 };
}
