using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests;

/// <summary>Answers of real servers and of what stands before them: none passes for something that it does not say.</summary>
public sealed class RealAnswersTests(ClusterFixture fixture)
{
    private const string Webhooks = "/rest/api/*/projects/*/repos/*/webhooks";

    [Theory]
    [InlineData(403)]
    [InlineData(401)]
    [InlineData(200)]
    public async Task WebPageInPlaceOfWebhooks_SaysNothingOfRightsCredentialOrWebhooks(int status)
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        foreach (var path in (string[])[Webhooks, $"{Webhooks}/**"])
        {
            scenario.Bitbucket.Faults.Add(new Fault { Kind = FaultKind.Status, Status = status, Body = "<html>Access denied</html>", Path = path });
        }

        scenario.Bitbucket.Change(w => w.RemoveWebhook(w.Webhooks.First()));
        await scenario.FullPassAsync();
        var walled = await scenario.WaitReasonAsync(ConditionTypes.WebhooksReady, "UnexpectedAnswer");
        ConditionInvariants.Check(walled, DateTimeOffset.UtcNow);
        foreach (var type in (string[])[ConditionTypes.Reachable, ConditionTypes.CredentialValid, ConditionTypes.RepositoriesDiscovered])
        {
            ClusterScenario.Is(walled, type, ConditionState.True).ShouldBeTrue(type);
        }

        var said = string.Join('\n', walled.Status!.Conditions.Select(c => c.Message));
        said.ShouldContain("proxy");
        said.ShouldNotContain("REPO_ADMIN");
        walled.Status.Permissions!.ShouldAllBe(p => p.State != PermissionState.Missing, "nothing is concluded");
        scenario.Bitbucket.Faults.Clear();
        await scenario.FullPassAsync();
        await scenario.WaitReadyAsync(6);
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(6);
        await scenario.EndAsync();
    }

    [Theory]
    [InlineData("com.atlassian.bitbucket.auth.NoAccessAuthenticationException")]
    [InlineData("com.atlassian.plugins.rest.api.security.exception.AuthenticationRequiredException")]
    public async Task CredentialRefusedForWebhooksOfOneRepositoryAlone_IsAFailureThereAndPausesNothing(string exception)
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        var refused = scenario.Bitbucket.Read(w => w.Repositories.First(r => !r.Archived));
        scenario.Bitbucket.Faults.Add(new Fault
        {
            Kind = FaultKind.Status, Status = 401, ContentType = "application/json",
            Path = $"/rest/api/*/projects/{refused.Project.Key}/repos/{refused.Slug}/webhooks",
            Body = $$"""{"errors":[{"context":null,"message":"Not here","exceptionName":"{{exception}}"}]}""",
        });
        await scenario.ApplyAsync();
        var reported = await scenario.WaitReasonAsync(ConditionTypes.WebhooksReady, "WebhookCredentialRejected");
        ConditionInvariants.Check(reported, DateTimeOffset.UtcNow);
        ClusterScenario.Is(reported, ConditionTypes.CredentialValid, ConditionState.True).ShouldBeTrue();
        (reported.Status!.Webhooks!.Failed, reported.Status.Failures![0].Reason).ShouldBe((1, "WebhookCredentialRejected"));
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(5, "the others have theirs");
        scenario.Bitbucket.Faults.Clear();
        await scenario.FullPassAsync();
        await scenario.WaitReadyAsync(6);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task ServerThatDropsAnEvent_IsWrittenToOnceAndReported()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        scenario.Bitbucket.Change(w => w.Quirks.DroppedEvents.Add("pr:opened"));
        await scenario.ApplyAsync();
        await scenario.WaitReasonAsync(ConditionTypes.WebhooksReady, "WebhookNotKept");
        await scenario.UntilAsync("one write each", () => Task.FromResult(scenario.Bitbucket.Counters.WebhookPosts == 6), () => "fewer");
        ClusterScenario.MessageOf((await scenario.ReadAsync("platform"))!, ConditionTypes.WebhooksReady).ShouldContain("events");

        // It asks for a reconcile, which tries once more, and then for some that must write nothing.
        await scenario.EndAsync();
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(12, "what the server does not keep is not written again and again");
    }

    [Fact]
    public async Task ServerThatSpellsTheUrlOtherwise_IsInSync()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        scenario.Bitbucket.Change(w => w.Quirks.NormalizesUrls = true);
        await scenario.ApplyAsync(spec => spec["webhooks"]![0]!["url"] = "https://CI.Example.com:443/hooks");
        await scenario.WaitReadyAsync(6);
        scenario.Bitbucket.Read(w => w.Webhooks.Select(h => h.Url).Distinct().ToArray()).ShouldBe(["https://ci.example.com/hooks"]);
        await scenario.EndAsync();
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(6);
    }

    [Fact]
    public async Task WebhooksThatAreStoredWithoutAnAnswer_AreNotRejectedAndNotMadeTwice()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        scenario.Bitbucket.Change(w => (w.Version, w.Quirks.StoresWithoutAnswerEvery) = (ServerVersion.Parse("10.4.0"), 2));
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        scenario.Bitbucket.Read(w => w.Repositories.Select(r => r.Webhooks.Count).ToArray()).ShouldAllBe(webhooks => webhooks <= 1);
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(6);
        (await scenario.KubectlAsync("get", "events", "-o", "json")).ShouldNotContain("WebhookRejected");
        await scenario.EndAsync();
    }
}
