using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests;

/// <summary>Every kind of credential on a real API server, with the published binary.</summary>
public sealed class CredentialKindTests(ClusterFixture fixture)
{
    private const string Rotated = $"rotated-{Marked.Mark}";

    [Fact]
    public async Task Basic_WithASecretOfTypeBasicAuth_NeedsNoKeyNames()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.CreateBasicAuthSecretAsync("login", "bot", Scenario.Password);
        scenario.CredentialSecret = "login";
        await scenario.ApplyAsync(spec => spec["auth"] = Auth("Basic", "login"));
        var connection = await scenario.WaitReadyAsync(6);
        connection.Status!.Account!.ShouldSatisfyAllConditions(a => a.Name.ShouldBe("bot"), a => a.Kind.ShouldBe(AccountKind.User));
        await scenario.EndAsync();
    }

    [Fact]
    public async Task Basic_Refused_IsNotTriedAgainUntilTheSecretChanges()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.CreateBasicAuthSecretAsync("login", "bot", $"misspelt-{Marked.Mark}");
        await scenario.ApplyAsync(spec => spec["auth"] = Auth("Basic", "login"));
        await scenario.WaitReasonAsync(ConditionTypes.CredentialValid, "CredentialRejected");
        await scenario.FullPassAsync();
        await scenario.FullPassAsync();
        scenario.Bitbucket.Read(w => w.UserNamed("bot").FailedLogins).ShouldBe(1, "each further try brings the account nearer to its CAPTCHA");
        await scenario.KubectlAsync("delete", "secret", "login");
        await scenario.CreateBasicAuthSecretAsync("login", "bot", Scenario.Password);
        scenario.CredentialSecret = "login";
        await scenario.WaitReadyAsync(6);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task TokenOfAProject_WorksWithoutAUserBehindIt()
    {
        await using var scenario = await Scenario.StartAsync(
            fixture, change: w => w.AddToken("project", w.ProjectAt("PLAT"), ["PROJECT_ADMIN", "REPO_ADMIN"], $"token-of-the-project-{Marked.Mark}"));
        await scenario.SetSecretAsync("bitbucket-token", "token", $"token-of-the-project-{Marked.Mark}");
        await scenario.ApplyAsync();
        var connection = await scenario.WaitReadyAsync(3);
        connection.Status!.Account!.Kind.ShouldBe(AccountKind.ProjectOrRepository);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task TokenOfARepository_WorksWithTheExactList()
    {
        await using var scenario = await Scenario.StartAsync(
            fixture, change: w => w.AddToken("repository", w.RepositoryAt("PLAT/api"), ["REPO_ADMIN"], $"token-of-the-repository-{Marked.Mark}"));
        await scenario.SetSecretAsync("bitbucket-token", "token", $"token-of-the-repository-{Marked.Mark}");
        await scenario.ApplyAsync(spec => spec["discovery"] = new JsonObject { ["repositories"] = new JsonArray("PLAT/api") });
        await scenario.WaitReadyAsync(1);
        await scenario.EndAsync();
    }

    [Theory]
    [InlineData("APIToken", 4, "email=bot@example.com", $"token={CloudScenario.ApiToken}")]
    [InlineData("OAuth2", 4, "clientId=operator", $"clientSecret={CloudScenario.ConsumerSecret}")]
    [InlineData("AccessToken", 4, $"token={CloudScenario.WorkspaceToken}")]
    [InlineData("AccessToken", 2, $"token=ATCTT3x-of-the-project-{Marked.Mark}")]
    public async Task OnCloud_EachKind_KeepsTheWebhooks(string type, int webhooks, params string[] secret)
    {
        await using var scenario = await CloudScenario.StartAsync(fixture);
        await scenario.SetSecretAsync("bitbucket", [.. secret.Select(s => (s.Split('=')[0], s.Split('=')[1]))]);
        await scenario.ApplyAsync(spec => spec["auth"] = Auth(type, "bitbucket"));
        var connection = await scenario.WaitReadyAsync(webhooks);
        connection.Status!.Server!.Hosting.ShouldBe(Hosting.Cloud);
        connection.Status.Permissions!.ShouldContain(p => p.Capability == "ManageWebhooks" && p.State == PermissionState.Granted);
        var webhook = scenario.Webhooks("acme/api").ShouldHaveSingleItem();
        webhook.Url.ShouldBe(ClusterScenario.HookUrl);
        webhook.Secret.ShouldBe(ClusterScenario.HookSecret);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task OnCloud_TokenOfARepository_WorksWithTheExactList()
    {
        await using var scenario = await CloudScenario.StartAsync(fixture);
        await scenario.SetSecretAsync("bitbucket", "token", $"ATCTT3x-of-the-repository-{Marked.Mark}");
        await scenario.ApplyAsync(spec =>
        {
            spec["auth"] = Auth("AccessToken", "bitbucket");
            spec["discovery"] = new JsonObject { ["repositories"] = new JsonArray("PLAT/api") };
        });
        await scenario.WaitReadyAsync(1);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task OnCloud_AppPassword_IsToldToBeGone()
    {
        await using var scenario = await CloudScenario.StartAsync(fixture);
        await scenario.CreateBasicAuthSecretAsync("app-password", "bot", $"app-password-of-old-{Marked.Mark}");
        await scenario.ApplyAsync(spec => spec["auth"] = Auth("AppPassword", "app-password"));
        var connection = await scenario.WaitReasonAsync(ConditionTypes.CredentialValid, "AppPasswordRemoved");
        connection.Status!.Conditions.Find(c => c.Type == ConditionTypes.CredentialValid)!.Message.ShouldContain("removed app passwords");
        ConditionInvariants.Check(connection, DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task OnCloud_WebhookSecretRotated_IsPushedAlthoughNobodyCanReadIt()
    {
        await using var scenario = await CloudScenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(4);
        await scenario.SetSecretAsync("ci-hook", "secret", Rotated);
        await scenario.UntilAsync(
            "the new secret on every webhook",
            () => Task.FromResult(new[] { "acme/api", "acme/web", "acme/cli", "acme/lib" }.All(r => scenario.Webhooks(r) is [{ Secret: Rotated }])),
            () => scenario.Operator.Output);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task TwoCredentials_TheReaderDiscoversAndTheOtherManages()
    {
        await using var scenario = await Scenario.StartAsync(
            fixture, change: w => w.AddToken("reader", w.UserNamed("bot"), ["PROJECT_READ", "REPO_READ"], $"token-of-the-reader-{Marked.Mark}"));
        await scenario.SetSecretAsync("reader", "token", $"token-of-the-reader-{Marked.Mark}");
        await scenario.ApplyAsync(spec =>
        {
            spec["auth"] = Auth("HTTPAccessToken", "reader");
            spec["webhookAuth"] = Auth("HTTPAccessToken", "bitbucket-token");
        });
        await scenario.WaitReadyAsync(6);
        await scenario.SetSecretAsync("bitbucket-token", "token", $"no-such-token-{Marked.Mark}");
        var bad = await scenario.WaitReasonAsync(ConditionTypes.CredentialValid, "CredentialRejected");
        bad.Status!.Conditions.Find(c => c.Type == ConditionTypes.CredentialValid)!.Message.ShouldContain("the token in Secret \"bitbucket-token\"");
        ClusterScenario.Is(bad, ConditionTypes.RepositoriesDiscovered, ConditionState.True).ShouldBeTrue();
        await scenario.SetSecretAsync("bitbucket-token", "token", Scenario.Token);
        await scenario.WaitReadyAsync(6);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task TokenDowngraded_IsReadyStill_AlsoAfterARestart()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        scenario.Bitbucket.Change(w => World.SetPermissions(w.TokenNamed("operator"), ["PROJECT_READ", "REPO_READ"]));
        await scenario.FullPassAsync();
        await RemembersAsync(scenario);

        await scenario.Operator.KillAsync();
        await scenario.StartAfterKilledAsync();
        await scenario.FullPassAsync();
        await RemembersAsync(scenario);

        scenario.Bitbucket.Change(w => w.AddRepository("PLAT", "late"));
        await scenario.FullPassAsync();
        var late = await scenario.WaitReasonAsync(ConditionTypes.WebhooksReady, "WebhookPermissionDenied");
        late.Status!.Failures!.ShouldHaveSingleItem().Examples.ShouldBe(["PLAT/late"]);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task ExpiryNear_IsAConditionOfItsOwn()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync(spec => spec["auth"]!["expiresAt"] = DateTimeOffset.UtcNow.AddDays(5)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
        var near = await scenario.WaitReasonAsync(ConditionTypes.CredentialExpiring, "ExpiresSoon");
        await scenario.WaitReadyAsync(6);
        near.Status!.Account!.ExpiresAt.ShouldNotBeNull();
        await scenario.SetSecretAsync("bitbucket-token", ("token", Scenario.Token), ("expiresAt", "2099-01-01"));
        await scenario.WaitAsync("the end of the warning", c => c.Status!.Conditions.TrueForAll(x => x.Type != ConditionTypes.CredentialExpiring));
        await scenario.EndAsync();
    }

    private static async Task RemembersAsync(Scenario scenario)
    {
        var connection = await scenario.WaitReasonAsync(ConditionTypes.WebhooksReady, "VerifiedBeforeDowngrade");
        ClusterScenario.Is(connection, ConditionTypes.WebhooksReady, ConditionState.Unknown).ShouldBeTrue();
        ClusterScenario.Is(connection, ConditionTypes.Ready, ConditionState.True).ShouldBeTrue();
        connection.Status!.Webhooks!.Summary.ShouldBe("6/6");
        ConditionInvariants.Check(connection, DateTimeOffset.UtcNow);
    }

    private static JsonObject Auth(string type, string secret) => new() { ["type"] = type, ["secretRef"] = new JsonObject { ["name"] = secret } };
}
