using System.Text.Json;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests;

/// <summary>BitbucketInventory on a real API server.</summary>
public sealed class InventoryTests(ClusterFixture fixture)
{
    [Fact]
    public async Task Connection_HasAnInventoryOfEachProject_ThatNothingRewrites()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        var inventories = await WaitAsync(scenario, "two inventories with all webhooks", i => i.Count == 2 && i.TrueForAll(IsReady));
        inventories.Select(i => $"{i.Spec.Connection} {i.Spec.Project} {i.Status!.Summary!.Repositories}").ShouldBe(["platform PLAT 3", "platform TOOLS 3"]);
        inventories.ShouldAllBe(i => i.Metadata.OwnerReferences.Single().Name == "platform"
            && i.Metadata.Labels[BitbucketInventory.ConnectionLabel] == "platform");
        var table = await scenario.KubectlAsync("get", "bbi");
        table.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .ShouldBe(["NAME", "CONNECTION", "PROJECT", "REPOS", "SELECTED", "WEBHOOKS", "REASON", "AGE"]);
        await scenario.FullPassAsync();
        (await ReadAsync(scenario)).ConvertAll(i => i.Metadata.ResourceVersion).ShouldBe(inventories.ConvertAll(i => i.Metadata.ResourceVersion));
        await scenario.EndAsync();
    }

    [Fact]
    public async Task DeletedOrEdited_ComesBackWithTheNextDiscovery()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync(spec => spec["interval"] = "1m");
        await scenario.WaitReadyAsync(6);
        var before = await WaitAsync(scenario, "two inventories with all webhooks", i => i.Count == 2 && i.TrueForAll(IsReady));
        await scenario.KubectlAsync("delete", "bbi", before[0].Metadata.Name);
        await scenario.Operator.KillAsync();
        await fixture.PatchStatusAsync(
            $"{Path(scenario)}/{before[1].Metadata.Name}", new System.Text.Json.Nodes.JsonObject { ["desired"] = "forged", ["repositories"] = null });
        var writes = scenario.Bitbucket.Counters.WebhookWriteAttempts;
        await scenario.StartAfterKilledAsync();
        await WaitAsync(scenario, "both as they were", i => i.ConvertAll(Content).SequenceEqual(before.ConvertAll(Content), StringComparer.Ordinal));
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(writes, "no webhook is written for the sake of an inventory");
        await scenario.EndAsync();
    }

    // The control plane of the tests may have no garbage collector: the test deletes what that would, before the clean-up.
    [Fact]
    public async Task ForegroundDeletion_RemovesEveryWebhook()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        await WaitAsync(scenario, "two inventories", i => i.Count == 2);
        await scenario.Operator.KillAsync();
        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--cascade=foreground", "--wait=false");
        await scenario.KubectlAsync("delete", "bbi", "--all");
        await scenario.StartAfterKilledAsync();
        await scenario.UntilAsync(
            "every webhook to be removed", () => Task.FromResult(scenario.Bitbucket.Read(w => !w.Webhooks.Any())), () => "some are left");
        (await ReadAsync(scenario)).ShouldBeEmpty("a connection that goes makes none again");
    }

    private static bool IsReady(BitbucketInventory inventory) => inventory.Status?.Summary?.Webhooks == "3/3";

    private static string Content(BitbucketInventory inventory) =>
        JsonSerializer.Serialize(inventory.Status!, ApiJsonContext.Default.BitbucketInventoryStatus);

    private static string Path(Scenario scenario) => $"apis/bitbucketoperator.dev/v1alpha1/namespaces/{scenario.Namespace}/bitbucketinventories";

    private async Task<List<BitbucketInventory>> ReadAsync(Scenario scenario)
    {
        var text = (await fixture.ReadAsync(Path(scenario)))!;
        var items = JsonSerializer.Deserialize(text, ApiJsonContext.Default.BitbucketInventoryList)!.Items;
        return [.. items.OrderBy(i => i.Spec.Project, StringComparer.Ordinal)];
    }

    private async Task<List<BitbucketInventory>> WaitAsync(Scenario scenario, string transition, Predicate<List<BitbucketInventory>> isSo)
    {
        List<BitbucketInventory> last = [];
        await scenario.UntilAsync(transition, async () => isSo(last = await ReadAsync(scenario)), () => string.Join('\n', last.ConvertAll(Content)));
        return last;
    }
}
