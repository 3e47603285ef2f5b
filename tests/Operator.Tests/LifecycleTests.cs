using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Operator.Tests;

public sealed class LifecycleTests(ClusterFixture fixture)
{
    private const string Rotated = $"rotated-{Marked.Mark}";
    private static readonly string[] All = ["PLAT/api", "PLAT/web", "PLAT/cli", "TOOLS/api", "TOOLS/web", "TOOLS/cli"];

    [Fact]
    public async Task FirstApply_EveryRepositoryHasItsWebhook()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        var connection = await scenario.WaitReadyAsync(6);
        connection.Status!.Server!.Version.ShouldBe("9.4.2");
        connection.Status.Account!.Name.ShouldBe("bot");
        connection.Status.Repositories!.Selected.ShouldBe(6);
        foreach (var repository in All)
        {
            var webhook = scenario.Webhooks(repository).ShouldHaveSingleItem();
            webhook.Url.ShouldBe(Scenario.HookUrl);
            webhook.Secret.ShouldBe(Scenario.HookSecret);
            webhook.Events.ShouldBe(["repo:refs_changed", "pr:opened"], ignoreOrder: true);
        }

        await scenario.EndAsync();
    }

    [Fact]
    public async Task ForeignEdits_AreRepairedAndForeignWebhooksStay()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        scenario.Bitbucket.Change(
            w => w.AddWebhook(w.RepositoryAt("PLAT/web"), h => (h.Name, h.Url, h.Events) = ("jenkins", "https://jenkins.example.com/", ["pr:merged"])));
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        scenario.Bitbucket.Change(w =>
        {
            var ours = w.RepositoryAt("PLAT/api").Webhooks.Single();
            ours.Active = false;
            ours.Events = ["pr:declined"];
            w.RemoveWebhook(w.RepositoryAt("TOOLS/api").Webhooks.Single());
            var copied = w.RepositoryAt("TOOLS/web").Webhooks.Single();
            w.AddWebhook(w.RepositoryAt("TOOLS/web"), h => (h.Name, h.Url, h.Events, h.Configuration) = (
                copied.Name, copied.Url, [.. copied.Events], new(copied.Configuration)));
        });
        await scenario.FullPassAsync();
        var repaired = scenario.Webhooks("PLAT/api").ShouldHaveSingleItem();
        repaired.Active.ShouldBeTrue();
        repaired.Events.ShouldBe(["repo:refs_changed", "pr:opened"], ignoreOrder: true);
        scenario.Webhooks("TOOLS/api").ShouldHaveSingleItem();
        scenario.Webhooks("TOOLS/web").ShouldHaveSingleItem();
        scenario.Webhooks("PLAT/web").Count(w => w.Name == "jenkins").ShouldBe(1);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task TokenReplaced_IsNoticedWithoutAnEdit()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        await scenario.SetSecretAsync("bitbucket-token", "token", $"no-such-token-{Marked.Mark}");
        var bad = await scenario.WaitReasonAsync(ConditionTypes.CredentialValid, "CredentialRejected");
        bad.Status!.Webhooks!.Summary.ShouldBe("6/6", "the last known state stays");
        await scenario.SetSecretAsync("bitbucket-token", "token", Scenario.Token);
        await scenario.WaitReadyAsync(6);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task WebhookSecretRotated_IsPushed()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        await scenario.SetSecretAsync("ci-hook", "secret", Rotated);
        await scenario.UntilAsync(
            "the new secret on every webhook",
            () => Task.FromResult(All.All(r => scenario.Webhooks(r) is [{ Secret: Rotated }])),
            () => string.Join(' ', All.Select(r => scenario.Webhooks(r).Count)));
        await scenario.EndAsync();
    }

    [Fact]
    public async Task RepositoriesAddedArchivedAndRenamed_AreFollowed()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        scenario.Bitbucket.Change(w =>
        {
            w.AddRepository("PLAT", "new");
            w.MoveRepository(w.RepositoryAt("PLAT/api"), slug: "api-v2");
            w.RepositoryAt("TOOLS/cli").Archived = true;
        });
        await scenario.FullPassAsync();
        var connection = await scenario.WaitReadyAsync(6);
        connection.Status!.Repositories!.Skipped!.Archived.ShouldBe(1);
        scenario.Webhooks("PLAT/new").ShouldHaveSingleItem();
        scenario.Webhooks("PLAT/api-v2").ShouldHaveSingleItem();
        await scenario.EndAsync();
    }

    [Fact]
    public async Task RepositoryExcluded_LosesOurWebhookOnly()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        scenario.Bitbucket.Change(w => w.AddWebhook(w.RepositoryAt("PLAT/web"), h => (h.Name, h.Url) = ("jenkins", "https://jenkins.example.com/")));
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        await scenario.ApplyAsync(
            spec => spec["discovery"] = new System.Text.Json.Nodes.JsonObject { ["projects"] = new System.Text.Json.Nodes.JsonArray("TOOLS") });
        await scenario.WaitReadyAsync(3);
        scenario.Webhooks("PLAT/api").ShouldBeEmpty();
        scenario.Webhooks("PLAT/web").ShouldHaveSingleItem().Name.ShouldBe("jenkins");
        await scenario.EndAsync();
    }

    [Fact]
    public async Task Deletion_RemovesOurWebhooksAndThenTheResource()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        scenario.Bitbucket.Change(w => w.AddWebhook(w.RepositoryAt("PLAT/web"), h => (h.Name, h.Url) = ("jenkins", "https://jenkins.example.com/")));
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        await scenario.EndAsync();
        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--timeout=180s");
        scenario.Bitbucket.Read(w => w.Webhooks.Select(h => h.Name).ToArray()).ShouldBe(["jenkins"]);
    }

    [Fact]
    public async Task Deletion_SecretDeletedFirst_StillCleansUp()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        await scenario.EndAsync();
        await scenario.KubectlAsync("delete", "secret", "bitbucket-token");
        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--timeout=180s");
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(0);
    }

    [Fact]
    public async Task Deletion_Retain_LeavesTheWebhooks()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync(spec => spec["deletionPolicy"] = "Retain");
        await scenario.WaitReadyAsync(6);
        await scenario.EndAsync();
        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--timeout=180s");
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(6);
    }

    [Fact]
    public async Task Deletion_ServerRefuses_SaysSoUntilAPersonGivesUp()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        await scenario.EndAsync();
        scenario.Bitbucket.Change(w => w.TokenNamed("operator").Revoked = true);
        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--wait=false");
        var blocked = await scenario.WaitReasonAsync(ConditionTypes.Ready, "CleanupBlocked");
        blocked.Status!.Conditions.Find(c => c.Type == ConditionTypes.Reconciling)!.Message.ShouldContain("bitbucketoperator.dev/abandon-webhooks");
        await scenario.KubectlAsync("annotate", "bitbucketconnection", "platform", "bitbucketoperator.dev/abandon-webhooks=true");
        await scenario.UntilAsync("the resource to go", async () => await scenario.ReadAsync() is null, () => "it is still there");
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(6);
    }
}
