using BitbucketOperator.Testing.Cluster;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests;

/// <summary>A status that an earlier version of the operator left.</summary>
public sealed class UpgradeTests(ClusterFixture fixture)
{
    [Fact]
    public async Task StatusOfAnEarlierVersion_LosesNothing_AndCostsDiscoveryAlone()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        var before = (await scenario.WaitReadyAsync(6)).Status!;
        await scenario.EndAsync();
        await scenario.Operator.KillAsync();
        var path = $"{ClusterFixture.Connections(scenario.Namespace)}/platform";
        await fixture.PatchStatusAsync(path, AsBefore(before, await HintsAsync(scenario)));
        await scenario.KubectlAsync("delete", "bbi", "--all");
        var (writes, reads) = (scenario.Bitbucket.Counters.WebhookWriteAttempts, WebhookReads(scenario));
        await scenario.StartAfterKilledAsync();

        var after = await scenario.WaitAsync("the status of this version", c => c.Status?.Bookkeeping is not null);
        after.Status!.Bookkeeping!.ManagedIn.ShouldBe(["PLAT", "TOOLS"]);
        after.Status.Bookkeeping.Baseline!.Repositories.ShouldBe(6);
        after.Status.OwnerId.ShouldBe(before.OwnerId);
        after.Status.Webhooks!.ReadyOfDesired().ShouldBe("6/6", "what status knew holds until its turn");
        var stored = JsonNode.Parse((await fixture.ReadAsync(path))!)!["status"]!;
        string[] former = ["webhooks.owner", "webhooks.managedIn", "webhooks.verified", "repositories.believed", "repositories.listedBy"];
        foreach (var (block, field) in former.Select(f => f.Split('.')).Select(f => (f[0], f[1])))
        {
            stored[block]![field].ShouldBeNull($"{block}.{field} is read once");
        }

        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(writes);
        WebhookReads(scenario).ShouldBe(reads, "each webhook keeps its turn");

        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--timeout=180s");
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(0);
    }

    // Deliveries are asked about after every start.
    private static int WebhookReads(Scenario scenario) => scenario.Bitbucket.Requests.Entries
        .Count(r => r.Method == "GET" && r.Path.EndsWith("/webhooks", StringComparison.Ordinal));

    private async Task<List<InventoryVerified>> HintsAsync(Scenario scenario)
    {
        var text = await fixture.ReadAsync($"apis/bitbucketoperator.dev/v1alpha1/namespaces/{scenario.Namespace}/bitbucketinventories");
        var items = JsonSerializer.Deserialize(text!, ApiJsonContext.Default.BitbucketInventoryList)!.Items;
        return [.. items.SelectMany(i => i.Status!.Hint!.Verified!)];
    }

    // Four bytes of a hash of each id, sorted.
    private static JsonObject Verified(List<InventoryVerified> hints) => new()
    {
        ["at"] = "2026-01-31T12:00:00Z",
        ["repositories"] = 6,
        ["desired"] = hints[0].Desired,
        ["set"] = Convert.ToBase64String([.. hints.SelectMany(h => h.Scopes)
            .Select(id => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 4)))
            .Order(StringComparer.Ordinal).SelectMany(Convert.FromHexString)]),
    };

    private static JsonObject AsBefore(BitbucketConnectionStatus status, List<InventoryVerified> hints) => new()
    {
        ["ownerId"] = null,
        ["bookkeeping"] = null,
        ["repositories"] = new JsonObject
        {
            ["covered"] = null,
            ["believed"] = status.Bookkeeping!.Baseline!.Repositories,
            ["listedBy"] = status.Bookkeeping.Baseline.ListedBy,
        },
        ["webhooks"] = new JsonObject
        {
            ["summary"] = "6/6",
            ["owner"] = status.OwnerId,
            ["verified"] = Verified(hints),
            ["managedIn"] = new JsonArray([.. status.Bookkeeping.ManagedIn!.Select(m => (JsonNode)m)]),
        },
    };
}
