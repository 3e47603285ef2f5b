using BitbucketOperator.Testing.Cluster;
using System.Text.Json;
using System.Text.Json.Nodes;
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

    [Theory]
    [InlineData("deleted")]
    [InlineData("status")]
    [InlineData("label")]
    [InlineData("owner")]
    [InlineData("spec")]
    public async Task DeletedOrEdited_ComesBackAtOnce(string what)
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        var before = await WaitAsync(scenario, "two inventories with all webhooks", i => i.Count == 2 && i.TrueForAll(IsReady));
        var requests = (scenario.Bitbucket.Counters.WebhookWriteAttempts, Lists(scenario).Count());
        var name = before[0].Metadata.Name;
        await (what switch
        {
            "deleted" => scenario.KubectlAsync("delete", "bbi", name),
            "status" => scenario.KubectlAsync(
                "patch", "bbi", name, "--type=merge", "--patch", """{"status":{"desired":"forged","repositories":null,"hint":null}}"""),
            "label" => scenario.KubectlAsync("label", "bbi", name, $"{BitbucketInventory.ConnectionLabel}-"),
            "owner" => scenario.KubectlAsync("patch", "bbi", name, "--type=merge", "--patch", """{"metadata":{"ownerReferences":null}}"""),
            _ => scenario.KubectlAsync("patch", "bbi", name, "--type=merge", "--patch", """{"spec":{"project":"FORGED"}}"""),
        });
        await WaitAsync(scenario, "both as they were", i => i.ConvertAll(Whole).SequenceEqual(before.ConvertAll(Whole), StringComparer.Ordinal));
        (scenario.Bitbucket.Counters.WebhookWriteAttempts, Lists(scenario).Count())
            .ShouldBe(requests, "nothing is asked of Bitbucket for the sake of an inventory");
        await scenario.EndAsync();
    }

    [Fact]
    public async Task Restart_ReadsNoWebhook_AndOfAnInventoryThatIsLostItsProjectAlone()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync(spec => spec["discovery"] = new JsonObject { ["exclude"] = new JsonArray("*/cli") });
        await scenario.WaitReadyAsync(4);
        await WaitAsync(scenario, "two inventories with all webhooks", i => i.Count == 2 && i.TrueForAll(o => o.Status?.Summary?.Webhooks == "2/2"));
        await scenario.EndAsync();
        (await RestartAsync(scenario, () => Task.CompletedTask)).ShouldBeEmpty("each webhook keeps its turn, and so does each repository without any");
        var plat = (await ReadAsync(scenario))[0].Metadata.Name;
        var read = await RestartAsync(scenario, () => scenario.KubectlAsync("delete", "bbi", plat));
        read.ShouldBe(["PLAT/api", "PLAT/cli", "PLAT/web"], "the others are still known");
        await scenario.EndAsync();
    }

    // status.bookkeeping guards removals: no inventory does.
    [Fact]
    public async Task Restart_WithoutInventories_RemovesWhatLeftTheSelection()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        await scenario.Operator.KillAsync();
        await scenario.KubectlAsync("delete", "bbi", "--all");
        await scenario.ApplyAsync(spec => spec["discovery"] = new JsonObject { ["exclude"] = new JsonArray("PLAT/cli") });
        await scenario.StartAfterKilledAsync();
        await scenario.WaitReadyAsync(5);
        await scenario.UntilAsync("the removal", () => Task.FromResult(scenario.Webhooks("PLAT/cli").Count == 0), () => "it is still there");
        await scenario.EndAsync();
    }

    // By missing rights, or by a quota, which refuses new objects with the same 403.
    [Theory]
    [InlineData("create,watch")]
    [InlineData("create")]
    public async Task Refused_CarriesOnWithOneEvent(string verbs)
    {
        await using var scenario = await Scenario.StartAsync(fixture, withOperator: false);
        var kubeconfig = await fixture.KubeconfigWithoutAsync("bitbucketinventories", verbs.Split(','));
        await using var restricted = OperatorProcess.Start(kubeconfig, scenario.Namespace, environment: null);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        JsonNode[] events = [];
        await scenario.UntilAsync("an event", async () => (events = await EventsAsync(scenario)).Length > 0, () => restricted.Output);
        await fixture.AnnotateAsync($"{ClusterFixture.Connections(scenario.Namespace)}/platform", "bitbucketoperator.dev/requestedAt", "again");
        await scenario.WaitAsync("a requested pass", c => c.Status?.LastHandledReconcileAt == "again");
        events = await EventsAsync(scenario);
        events.Length.ShouldBe(1);
        (events[0]["count"]?.GetValue<int>() ?? 1).ShouldBe(1);
        events[0]["message"]?.GetValue<string>().ShouldContain("forbidden");
        (await ReadAsync(scenario)).ShouldBeEmpty();
        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--timeout=180s");
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(0);
    }

    // What the controller of namespaces does, for there may be none: it deletes everything, and nothing can be made any more.
    [Fact]
    public async Task NamespaceDeletion_RemovesEveryWebhook()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        await WaitAsync(scenario, "two inventories", i => i.Count == 2);
        await fixture.KubectlAsync("delete", "namespace", scenario.Namespace, "--wait=false");
        foreach (var kind in new[] { "secrets", "configmaps", "bbi", "bitbucketconnections" })
        {
            await scenario.KubectlAsync("delete", kind, "--all", "--wait=false");
        }

        await scenario.UntilAsync("the end of the connection", async () => await scenario.ReadAsync() is null, () => "it is still there");
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(0);
        (await ReadAsync(scenario)).ShouldBeEmpty();
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

    private static string Whole(BitbucketInventory inventory) => string.Join(
        '\n',
        inventory.Metadata.Name,
        inventory.Spec.Project,
        inventory.Metadata.Labels?[BitbucketInventory.ConnectionLabel],
        inventory.Metadata.OwnerReferences?.SingleOrDefault()?.Uid,
        Content(inventory));

    // The repositories whose webhooks the process that begins reads, until it has told what it found.
    private async Task<IReadOnlyList<string>> RestartAsync(Scenario scenario, Func<Task> meanwhile)
    {
        await scenario.Operator.KillAsync();
        await meanwhile();
        var before = Lists(scenario).Count();
        await scenario.StartAfterKilledAsync();
        await PassAsync(scenario, after: null);
        await WaitAsync(scenario, "both inventories", i => i.Count == 2 && i.TrueForAll(o => o.Status?.Summary?.Webhooks == "2/2"));
        await fixture.AnnotateAsync($"api/v1/namespaces/{scenario.Namespace}/secrets/bitbucket-token", "touched", $"{Guid.NewGuid():N}");
        await PassAsync(scenario, "ReferenceChanged");
        return [.. Lists(scenario).Skip(before).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static Task PassAsync(Scenario scenario, string? after) => scenario.UntilAsync(
        "a pass", () => Task.FromResult(scenario.Operator.PassesSince(0, $"{scenario.Namespace}/platform", after).Any()), () => "there is none");

    // Deliveries are asked about after every start, and do not count.
    private static IEnumerable<string> Lists(Scenario scenario) => scenario.Bitbucket.Requests.Entries
        .Where(r => r.Method == "GET" && r.Path.EndsWith("/webhooks", StringComparison.Ordinal))
        .Select(r => r.Path.Split('/') is [.., var project, "repos", var slug, _] ? $"{project}/{slug}" : r.Path);

    private async Task<JsonNode[]> EventsAsync(Scenario scenario)
    {
        var items = JsonNode.Parse((await fixture.ReadAsync($"api/v1/namespaces/{scenario.Namespace}/events"))!)!["items"]!.AsArray();
        return [.. items.Where(e => e!["reason"]?.GetValue<string>() == "InventoryNotWritten").Select(e => e!)];
    }

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
