using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.Cloud;

/// <summary>Webhooks of repositories, over the wire.</summary>
public sealed class WebhookTests
{
    private const string Hooks = "/2.0/repositories/acme/api/hooks";

    private static readonly SecretText Secret = new("hook-5ecret");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Webhook_IsMadeAsDefinedAndFoundAgainByItsMark()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();
        var definition = GivenCloud.Hook(Secret) with { SslVerification = false, Active = false };

        var created = await bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, definition, Cancellation);
        var found = (await bitbucket.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation)).Single();

        found.Id.ShouldBe(created.Id);
        (found.Title, found.Marker, found.Url).ShouldBe((definition.Marker, definition.Marker, definition.Url));
        (found.Active, found.SslVerification, found.Secret).ShouldBe((false, false, new WebhookSecret(IsSet: true, Value: null)));
        found.Events.ShouldBe(definition.Events, ignoreOrder: true);
        WebhookMarker.Parse(found.Marker).ShouldBe(new WebhookMarker("0123456789abcdef", "ci", "fedcba9876543210"));
        Stored(given).Secret.ShouldBe("hook-5ecret");
    }

    [Fact]
    public async Task WebhooksOfOthers_HaveNoMark()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.AddWebhook(world.RepositoryAt("acme/api"), hook => (hook.Url, hook.ReadOnly) = ("https://other.example.com", true)));
        using var bitbucket = given.Client();

        var found = (await bitbucket.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation)).Single();

        (found.Title, found.Marker, found.Secret).ShouldBe(("", null, WebhookSecret.None));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(10)]
    public async Task ManyWebhooks_AreReadOverAllPages(int largest)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world =>
        {
            world.Quirks.MaxPagelen = largest;
            for (var i = 0; i < 45; i++) world.AddWebhook(world.RepositoryAt("acme/api"), hook => hook.Url = "https://ci.example.com");
        });
        using var bitbucket = given.Client();

        (await bitbucket.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation)).Select(hook => hook.Id).Distinct().Count().ShouldBe(45);
    }

    [Fact]
    public async Task Update_MakesTheWebhookAsDefinedAndSendsTheSecretAnew()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();
        var created = await bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(Secret), Cancellation);
        var wanted = GivenCloud.Hook(new("new-5ecret"), "repo:push") with { Url = "https://new.example.com/", Active = false, SslVerification = false };

        var updated = await bitbucket.UpdateWebhookAsync(GivenCloud.ApiPlace, created.Id, wanted, Cancellation);

        (updated.Id, updated.Url, updated.Active, updated.SslVerification).ShouldBe((created.Id, wanted.Url, false, false));
        updated.Events.ShouldBe(["repo:push"]);
        Stored(given).Secret.ShouldBe("new-5ecret");
        given.Server.Counters.WebhookPuts.ShouldBe(1);
    }

    [Fact]
    public async Task SecretThatIsNoLongerWanted_IsTakenAway()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();
        var created = await bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(Secret), Cancellation);

        (await bitbucket.UpdateWebhookAsync(GivenCloud.ApiPlace, created.Id, GivenCloud.Hook(), Cancellation)).Secret.ShouldBe(WebhookSecret.None);
        Stored(given).Secret.ShouldBeNull();

        (await bitbucket.UpdateWebhookAsync(GivenCloud.ApiPlace, created.Id, GivenCloud.Hook(), Cancellation)).Secret.ShouldBe(WebhookSecret.None);
    }

    [Fact]
    public async Task Delete_IsDoneWhenTheWebhookIsGoneAlready()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();
        var created = await bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(), Cancellation);

        await bitbucket.DeleteWebhookAsync(GivenCloud.ApiPlace, created.Id, Cancellation);
        await bitbucket.DeleteWebhookAsync(GivenCloud.ApiPlace, created.Id, Cancellation);

        given.Server.Read(world => world.Webhooks.Count).ShouldBe(0);
        given.Server.Counters.WebhookDeletes.ShouldBe(1);
    }

    [Fact]
    public async Task UpdateOfAWebhookThatIsGone_IsLookedAtAgain()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();
        var created = await bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(), Cancellation);
        await bitbucket.DeleteWebhookAsync(GivenCloud.ApiPlace, created.Id, Cancellation);

        foreach (var secret in new[] { Secret, null })
        {
            var fault = await Given.FaultAsync(() => bitbucket.UpdateWebhookAsync(GivenCloud.ApiPlace, created.Id, GivenCloud.Hook(secret), Cancellation));
            (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "WebhookRejected"));
        }
    }

    [Fact]
    public async Task UnknownEvent_IsNamed()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(
            () => bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(events: ["repo:push", "repo:refs_changed"]), Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Terminal, "UnknownEvent"));
        fault.Message.ShouldContain("repo:refs_changed");
        fault.Message.ShouldContain("spec.webhooks[].events");
    }

    [Theory]
    [InlineData("https://receiver.ci.svc/hook")]
    [InlineData("https://10.0.0.1/events")]
    public async Task AddressInsideTheCluster_IsRefusedWithTheCause(string url)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.Quirks.RefuseInternalUrls = true);
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook() with { Url = url }, Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "WebhookRejected"));
        fault.Message.ShouldContain("from the internet");
    }

    [Fact]
    public async Task FullRepository_ConcernsItselfOnly()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world =>
        {
            for (var i = 0; i < 50; i++) world.AddWebhook(world.RepositoryAt("acme/api"), hook => hook.Url = "https://ci.example.com");
        });
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(), Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "WebhookRejected"));
        fault.Message.ShouldContain("at most 50 webhooks");
        await bitbucket.CreateWebhookAsync(Given.Scope("PLAT", "web"), GivenCloud.Hook(), Cancellation);
    }

    [Fact]
    public async Task SecretThatIsTooLong_IsRefusedWithoutBeingTold()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();
        var secret = string.Concat(Enumerable.Repeat("5ecret", 30));

        var fault = await Given.FaultAsync(() => bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(new(secret)), Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "WebhookRejected"));
        fault.Message.ShouldContain("128 characters");
        fault.Message.ShouldNotContain("5ecret5ecret");
    }

    [Fact]
    public async Task SecretThatAnErrorRepeats_IsMasked()
    {
        await using var given = await GivenCloud.ServerAsync();
        const string body = """{"type":"error","error":{"message":"odd: hook-5ecret api-5ecret-of-the-bot"}}""";
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status, Status = 400, Body = body, ContentType = "application/json", Path = Hooks });
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(Secret), Cancellation)))
            .Message.ShouldContain("odd: *** ***");
    }

    [Theory]
    [InlineData("api-token", "write:webhook:bitbucket", "read:webhook:bitbucket", "delete:webhook:bitbucket")]
    [InlineData("api-token", "delete:webhook:bitbucket", "read:webhook:bitbucket", "write:webhook:bitbucket")]
    [InlineData("repository-token", "webhook", "pullrequest")]
    [InlineData("project-token", "webhook", "repository:admin")]
    [InlineData("workspace-token", "pullrequest", "webhook", "repository")]
    public async Task ScopeThatIsMissing_IsNamed(string token, string missing, params string[] scopes)
    {
        await using var given = await GivenCloud.ServerAsync();
        var hook = given.Server.Read(world => world.AddWebhook(world.RepositoryAt("acme/api"), hook => hook.Url = "https://ci.example.com").Id);
        given.SetScopes(token, scopes);
        using var bitbucket = given.Client(LoginTests.Of(
            token switch { "api-token" => "ApiToken", "repository-token" => "RepositoryToken", "project-token" => "ProjectToken", _ => "WorkspaceToken" }));

        var fault = await Given.FaultAsync(() => missing.StartsWith("delete", StringComparison.Ordinal)
            ? bitbucket.DeleteWebhookAsync(GivenCloud.ApiPlace, hook, Cancellation)
            : bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(), Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "WebhookPermissionDenied"));
        fault.Message.ShouldContain($" lacks scope {missing}. Put a");
    }

    [Fact]
    public async Task UserWithoutAdminRight_IsToldThat()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.UserNamed("bot").Join(world.WorkspaceAt("acme"), WorkspaceRole.Member, Level.Write));
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "WebhookPermissionDenied"));
        fault.Message.ShouldContain("lacks permission to administer the repository");
    }

    [Fact]
    public async Task WorkspaceThatIsReadOnly_IsToldAsSuch()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.WorkspaceAt("acme").ReadOnly = true);
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(), Cancellation)))
            .Message.ShouldContain("lets nobody write");
    }

    [Theory]
    [InlineData(FaultKind.Reset)]
    [InlineData(FaultKind.EmptyReply)]
    [InlineData(FaultKind.Truncated)]
    public async Task CreationWithUnclearEnd_IsNotRepeated(FaultKind kind)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = kind, Method = "POST", AfterProcessing = true });
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(), Cancellation))).Class.ShouldBe(FaultClass.Transient);

        (await bitbucket.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation)).Count.ShouldBe(1);
    }

    private static CloudWebhook Stored(GivenCloud given) => given.Server.Read(world => world.Webhooks.Single());
}
