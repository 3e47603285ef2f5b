using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Operator.Tests;

/// <summary>Levels under the operator as a process, against the API server.</summary>
public sealed class LevelLifecycleTests(ClusterFixture fixture)
{
    [Fact]
    public async Task LevelOfTheSpecChanges_WebhooksMoveUpAndDown_AndDeletionRemovesThem()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);

        await scenario.ApplyAsync(spec => Hook(spec)["level"] = "Auto");
        var up = await scenario.WaitAsync("webhooks on the projects alone", c => c.Status?.Bookkeeping?.ManagedIn is ["project:PLAT", "project:TOOLS"]);
        Scenario.MessageOf(up, ConditionTypes.WebhooksReady).ShouldBe("2 webhooks in place (2 on projects)");
        Places(scenario).ShouldBe(["project PLAT", "project TOOLS"]);
        await scenario.EndAsync();

        await scenario.ApplyAsync(spec =>
        {
            Hook(spec)["level"] = "Auto";
            spec["discovery"] = new JsonObject { ["exclude"] = new JsonArray("TOOLS/sandbox-*") };
        });
        await scenario.WaitAsync("webhooks of TOOLS on its repositories", c => c.Status?.Bookkeeping?.ManagedIn is ["project:PLAT", "TOOLS"]);
        Places(scenario).ShouldBe(["TOOLS/api", "TOOLS/cli", "TOOLS/web", "project PLAT"]);
        await scenario.EndAsync();

        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--timeout=180s");
        Places(scenario).ShouldBeEmpty();
    }

    [Fact]
    public async Task ProjectNoLongerNamed_ItsWebhookGoes()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync(spec => Hook(spec)["level"] = "Project");
        await scenario.WaitReadyAsync(2);
        await scenario.ApplyAsync(spec =>
        {
            Hook(spec)["level"] = "Project";
            spec["discovery"] = new JsonObject { ["projects"] = new JsonArray("PLAT") };
        });
        await scenario.WaitAsync("the webhook of PLAT alone", c => c.Status?.Bookkeeping?.ManagedIn is ["project:PLAT"]);
        Places(scenario).ShouldBe(["project PLAT"]);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task BelowTheProjectWebhookOfAnother_NoneIsMade()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync(spec => Hook(spec)["level"] = "Auto");
        await scenario.WaitReadyAsync(2);
        await scenario.ApplyAsync(
            spec => (Hook(spec)["level"], spec["discovery"]) = ("Auto", new JsonObject { ["repositories"] = new JsonArray("PLAT/api") }),
            "other");
        await scenario.WaitReasonAsync(ConditionTypes.WebhooksReady, "WebhookConflict", "other");
        Places(scenario).ShouldBe(["project PLAT", "project TOOLS"], "a push to PLAT/api is delivered once");
        await scenario.EndAsync();
    }

    private static JsonNode Hook(JsonObject spec) => spec["webhooks"]![0]!;

    private static string[] Places(Scenario scenario) => scenario.Bitbucket.Read(w =>
        w.Webhooks.Select(h => h.Owner is Project p ? $"project {p.Key}" : ((Repository)h.Owner).Path).Order(StringComparer.Ordinal).ToArray());
}
