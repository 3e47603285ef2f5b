using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests;

/// <summary>Several connections that want the same webhooks, and connections that move.</summary>
public sealed class CompetitionTests(ClusterFixture fixture)
{
    private const string Second = "second";

    [Fact]
    public async Task TwoDesireOneUrl_WhoHasItKeepsIt_UntilItDropsItOrGoes()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        await scenario.ApplyAsync(name: Second);
        var loser = await scenario.WaitReasonAsync(ConditionTypes.WebhooksReady, "WebhookConflict", Second);
        Scenario.MessageOf(loser, ConditionTypes.WebhooksReady)
            .ShouldContain($"Webhook URL is already managed by BitbucketConnection {scenario.Namespace}/platform");
        ConditionInvariants.Check(loser, DateTimeOffset.UtcNow);
        Owners(scenario).ShouldBe(["platform", "platform", "platform", "platform", "platform", "platform"]);
        await scenario.EndAsync();
        (await ConflictEventsAsync(scenario)).ShouldBe(1);

        await scenario.ApplyAsync(spec => spec["discovery"] = new JsonObject { ["projects"] = new JsonArray("PLAT") });
        await scenario.WaitAsync("the other to serve what the owner left", c => c.Status?.Webhooks?.Ready == 3, Second);
        Owners(scenario).ShouldBe(["platform", "platform", "platform", Second, Second, Second]);
        await scenario.EndAsync();

        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--timeout=180s");
        await scenario.WaitAsync(
            "the other to serve all", c => c.Status?.Webhooks?.Ready == 6 && Scenario.Is(c, ConditionTypes.Ready, ConditionState.True), Second);
        Owners(scenario).ShouldBe([Second, Second, Second, Second, Second, Second]);
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(6 + 3 + 3 + 3, "made; removed and made where the owner left; taken over in place");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RenamedInGit_LeavesNoGapAndNoDouble(bool conflictFirst)
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        var made = scenario.Bitbucket.Read(w => w.Webhooks.Select(h => h.Id).Order().ToArray());
        await scenario.ApplyAsync(name: Second);
        if (conflictFirst)
        {
            await scenario.WaitReasonAsync(ConditionTypes.WebhooksReady, "WebhookConflict", Second);
        }

        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--timeout=180s");
        await scenario.WaitAsync(
            "the new name to serve all", c => c.Status?.Webhooks?.Ready == 6 && Scenario.Is(c, ConditionTypes.Ready, ConditionState.True), Second);

        // Webhooks that were changed in place were there all the time.
        scenario.Bitbucket.Read(w => w.Webhooks.Select(h => h.Id).Order().ToArray()).ShouldBe(made);
        Owners(scenario).ShouldAllBe(o => o == Second);
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(12, "6 made, 6 taken over");
        await scenario.EndAsync();
    }

    [Fact]
    public async Task RenamedWithTheOwnerId_LeavesTheWebhooksAlone()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        var old = await scenario.WaitReadyAsync(6);
        var made = scenario.Bitbucket.Read(w => w.Webhooks.Select(h => h.Id).Order().ToArray());
        await scenario.ApplyAsync(name: Second);
        await scenario.AnnotateAsync($"bitbucketoperator.dev/owner-id={old.Status!.OwnerId}", Second);
        await scenario.WaitReasonAsync(ConditionTypes.Ready, "InvalidOwnerId", Second);
        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--timeout=180s");
        var renamed = await scenario.WaitAsync(
            "the new name to serve all", c => c.Status?.Webhooks?.Ready == 6 && Scenario.Is(c, ConditionTypes.Ready, ConditionState.True), Second);
        renamed.Status!.OwnerId.ShouldBe(old.Status.OwnerId);
        scenario.Bitbucket.Read(w => w.Webhooks.Select(h => h.Id).Order().ToArray()).ShouldBe(made);
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(6, "they are marked as its already");
        await scenario.EndAsync();
    }

    [Fact]
    public async Task TwoAtOnce_NeverMakeTwoWebhooks()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await Task.WhenAll(scenario.ApplyAsync(), scenario.ApplyAsync(name: Second));
        await scenario.WaitAsync("all to be looked at", IsDone);
        await scenario.WaitAsync("all to be looked at", IsDone, Second);
        Owners(scenario).Length.ShouldBe(6);
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(6);
        await scenario.EndAsync();

        static bool IsDone(BitbucketConnection c) => c.Status?.Webhooks is { Desired: 6, Ready: var ready, Failed: var failed } && ready + failed == 6;
    }

    [Fact]
    public async Task OtherProjects_NobodyYields()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync(spec => spec["discovery"] = new JsonObject { ["projects"] = new JsonArray("PLAT") });
        await scenario.ApplyAsync(spec => spec["discovery"] = new JsonObject { ["projects"] = new JsonArray("TOOLS") }, Second);
        await scenario.WaitReadyAsync(3);
        await scenario.WaitAsync(
            "the other to be ready too", c => c.Status?.Webhooks?.Ready == 3 && Scenario.Is(c, ConditionTypes.Ready, ConditionState.True), Second);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task ManyShareOneUrl_AnEditConcernsNobodyElse()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        var others = Enumerable.Range(0, 40).Select(i => $"other-{i:00}").ToArray();
        await Task.WhenAll(others.Select(name => scenario.ApplyAsync(name: name)));
        foreach (var name in others)
        {
            await scenario.WaitAsync("a conflict", c => c.Status?.Webhooks is { Desired: 6, Failed: 6 }, name);
        }

        await scenario.UntilAsync("nothing more to be done", IsQuietAsync, () => "connections are still reconciled");
        var before = scenario.Operator.EndOfLog;
        await EditAsync("platform", spec => spec["webhooks"]![0]!["events"] = new JsonArray("repo:refs_changed"));
        await EditAsync(others[0], spec => spec["interval"] = "20m");
        await EditAsync(others[1], spec => spec["webhooks"]![0]!["events"] = new JsonArray("pr:opened"));
        await scenario.UntilAsync("nothing more to be done", IsQuietAsync, () => "connections are still reconciled");
        foreach (var name in others[2..])
        {
            scenario.Operator.PassesSince(before, $"{scenario.Namespace}/{name}").ShouldBeEmpty(name);
        }

        await scenario.KubectlAsync("delete", "bitbucketconnection", "--all", "--timeout=180s");
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(0);

        async Task EditAsync(string name, Action<JsonObject> change)
        {
            await scenario.ApplyAsync(change, name);
            await scenario.WaitAsync("the edit", c => c.Status?.ObservedGeneration == 2 && c.Status.Webhooks is { Waiting: null or 0 }, name);
        }

        async Task<bool> IsQuietAsync()
        {
            var place = scenario.Operator.EndOfLog;
            await scenario.FullPassAsync();
            return others.All(name => scenario.Operator.PassesSince(place, $"{scenario.Namespace}/{name}").Count == 0);
        }
    }

    [Fact]
    public async Task MovedToAnotherCluster_ContinuesItsWebhooks()
    {
        await using var scenario = await Scenario.StartAsync(fixture, withOperator: false);
        scenario.StartOperator("--cluster-name", "old");
        await scenario.ApplyAsync(spec => spec["deletionPolicy"] = "Retain");
        var old = await scenario.WaitReadyAsync(6);
        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--timeout=180s");
        await scenario.Operator.KillAsync();

        await scenario.StartAfterKilledAsync("--cluster-name", "new");
        await scenario.ApplyAsync();
        await scenario.WaitReasonAsync(ConditionTypes.WebhooksReady, "WebhookConflict");
        await scenario.AnnotateAsync($"bitbucketoperator.dev/owner-id={old.Status!.OwnerId}");
        var moved = await scenario.WaitReadyAsync(6);
        moved.Status!.OwnerId.ShouldBe(old.Status.OwnerId);
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(12, "the webhooks stay, and are told to be of the new cluster");
        await scenario.EndAsync();
    }

    [Fact]
    public async Task UrlOfAnotherServer_TellsThatWebhooksStayOnTheOldOne_AndHowTheyGo()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await using var other = await scenario.StartAnotherBitbucketAsync();
        await scenario.ApplyAsync();
        (await scenario.WaitReadyAsync(6)).Status!.Server!.Url.ShouldBe(scenario.Bitbucket.BaseUrl.ToString());

        await scenario.ApplyAsync(MoveTo(other));
        await scenario.WaitAsync("the new server", c => c.Status?.Server?.Url == other.BaseUrl.ToString());
        await scenario.WaitReadyAsync(6);
        var made = other.Read(w => w.Webhooks.Select(h => h.Id).Order().ToArray());
        made.Length.ShouldBe(6);
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(6);
        await scenario.UntilAsync(
            "the event that tells of the old server",
            async () => (await scenario.KubectlAsync("get", "events", "-o", "json"))
                .Contains($"spec.url changed from {scenario.Bitbucket.BaseUrl} to {other.BaseUrl}.", StringComparison.Ordinal),
            () => "no such event");
        await scenario.EndAsync();

        // What the event advises.
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--timeout=180s");
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(0);
        await scenario.ApplyAsync(MoveTo(other));
        await scenario.WaitReadyAsync(6);
        other.Read(w => w.Webhooks.Select(h => h.Id).Order().ToArray()).ShouldBe(made);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task OwnerIdThatIsNone_StallsAndTouchesNothing()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        var ready = await scenario.WaitReadyAsync(6);
        await scenario.AnnotateAsync("bitbucketoperator.dev/owner-id=platform");
        var refused = await scenario.WaitReasonAsync(ConditionTypes.Stalled, "InvalidOwnerId");
        Scenario.MessageOf(refused, ConditionTypes.Ready).ShouldContain("bitbucketoperator.dev/owner-id is not 16 lower-case hexadecimal digits");
        refused.Status!.OwnerId.ShouldBe(ready.Status!.OwnerId);
        ConditionInvariants.Check(refused, DateTimeOffset.UtcNow);
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(6);
        await scenario.AnnotateAsync("bitbucketoperator.dev/owner-id-");
        await scenario.WaitReadyAsync(6);
        await scenario.EndAsync();
    }

    private static Action<JsonObject> MoveTo(Simulator server) => spec => spec["url"] = server.BaseUrl.ToString();

    // The connection that each webhook's name tells, in the order of the repositories.
    private static string[] Owners(Scenario scenario) =>
        scenario.Bitbucket.Read(w => w.Repositories.OrderBy(r => r.Path, StringComparer.Ordinal)
            .SelectMany(r => r.Webhooks).Select(h => h.Name.Split(' ')[^2].Split('/')[1]).ToArray());

    private static async Task<int> ConflictEventsAsync(Scenario scenario)
    {
        var events = JsonNode.Parse(await scenario.KubectlAsync("get", "events", "-o", "json"))!["items"]!.AsArray();
        return events.Where(e => e!["reason"]!.GetValue<string>() == "WebhookConflict").Sum(e => e!["count"]?.GetValue<int>() ?? 1);
    }
}
