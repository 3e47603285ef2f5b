using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.DataCenter;

/// <summary>Webhooks, over the wire.</summary>
public sealed class WebhookTests
{
    private const string Hooks = "/rest/api/*/projects/*/repos/*/webhooks";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("7.14.0", 201)]
    [InlineData("8.19.12", 200)]
    [InlineData("10.2.1", 201)]
    public async Task CreatedWebhook_ReadsBackAsDefined(string version, int status)
    {
        await using var given = await Given.ServerAsync(new() { Version = version });
        given.Server.Change(world => world.Quirks.CreateStatus = status);
        using var bitbucket = given.Client();
        var definition = Given.Hook(new("hook-5ecret"));

        var created = await bitbucket.CreateWebhookAsync(Given.ApiPlace, definition, Cancellation);
        var found = (await bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation)).ShouldHaveSingleItem();

        foreach (var webhook in new[] { created, found })
        {
            (webhook.Title, webhook.Marker, webhook.Url, webhook.Active).ShouldBe((definition.Title, definition.Marker, definition.Url, true));
            webhook.Events.ShouldBe(definition.Events, ignoreOrder: true);
            webhook.Secret.ShouldBe(new WebhookSecret(IsSet: true, new("hook-5ecret")));
            (webhook.SslVerification ?? true).ShouldBeTrue();
        }

        found.Id.ShouldBe(created.Id);
    }

    [Fact]
    public async Task WebhookWithoutSecret_IsCreatedWithoutTheField()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();

        (await bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation)).Secret.ShouldBe(WebhookSecret.None);
        given.Server.Read(world => world.Webhooks.Single().Secret).ShouldBeNull();
    }

    [Fact]
    public async Task Update_KeepsWhatOthersSet()
    {
        await using var given = await Given.ServerAsync();
        var id = Add(given, hook =>
        {
            (hook.Name, hook.Url, hook.Active, hook.Username, hook.Password) = ("old", "https://old", false, "u", "receiver-password");
            hook.Configuration["foreign"] = "kept";
            hook.Configuration["secret"] = "old";
            hook.Events.Add("repo:forked");
        });
        using var bitbucket = given.Client();

        var updated = await bitbucket.UpdateWebhookAsync(Given.ApiPlace, id, Given.Hook(new("new")), Cancellation);

        updated.Id.ShouldBe(id);
        var stored = given.Server.Read(world => world.Webhooks.Single());
        (stored.Name, stored.Url, stored.Active, stored.Username, stored.Password)
            .ShouldBe(("ci", "https://ci.example.com/hooks", true, "u", "receiver-password"));
        (stored.Configuration["foreign"], stored.Secret).ShouldBe(("kept", "new"));
        stored.Events.ShouldBe(["repo:refs_changed", "pr:opened"], ignoreOrder: true);
    }

    [Fact]
    public async Task UpdateWithoutSecret_TakesTheSecretAway()
    {
        await using var given = await Given.ServerAsync();
        var id = Add(given, hook => hook.Configuration["secret"] = "old");
        using var bitbucket = given.Client();

        (await bitbucket.UpdateWebhookAsync(Given.ApiPlace, id, Given.Hook(), Cancellation)).Secret.ShouldBe(WebhookSecret.None);
    }

    [Fact]
    public async Task WebhooksOnManyPages_AreAllFound()
    {
        await using var given = await Given.ServerAsync();
        for (var i = 0; i < 23; i++) Add(given, _ => { });
        given.Server.Change(world => (world.Quirks.WebhookPageCap, world.Quirks.OmitEmptyConfiguration) = (5, true));
        using var bitbucket = given.Client();

        (await bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation)).Select(hook => hook.Id).Distinct().Count().ShouldBe(23);
    }

    [Fact]
    public async Task DeletedWebhook_CanBeDeletedAgain()
    {
        await using var given = await Given.ServerAsync();
        var id = Add(given, _ => { });
        using var bitbucket = given.Client();

        await bitbucket.DeleteWebhookAsync(Given.ApiPlace, id, Cancellation);
        await bitbucket.DeleteWebhookAsync(Given.ApiPlace, id, Cancellation);
        await bitbucket.DeleteWebhookAsync(Given.Scope("PLAT", "gone"), id, Cancellation);

        given.Server.Read(world => world.Webhooks.Count()).ShouldBe(0);
    }

    [Fact]
    public async Task UpdateOfAWebhookThatIsGone_IsTriedAgainLater()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.UpdateWebhookAsync(Given.ApiPlace, "999", Given.Hook(), Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "WebhookRejected"));
    }

    [Fact]
    public async Task TokenWithoutAdminRight_IsToldWhatIsMissing()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world => World.SetPermissions(world.TokenNamed("operator"), ["REPO_READ"]));
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "WebhookPermissionDenied"));
        fault.Message.ShouldContain("token lacks REPO_ADMIN");
        (await Given.ListAsync(bitbucket)).Count.ShouldBe(2, "a missing permission is no refused credential");
    }

    [Fact]
    public async Task UnknownEvent_IsNamed()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(
            () => bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(secret: null, "pr:opened", "pr:to_ref_updated"), Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Terminal, "UnknownEvent"));
        fault.Message.ShouldContain("pr:to_ref_updated");
    }

    [Fact]
    public async Task ServerThatRepeatsTheSecrets_IsMasked()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault
        {
            Kind = FaultKind.Status,
            Status = 400,
            Method = "POST",
            Path = Hooks,
            ContentType = "application/json",
            Body = $$"""{"errors":[{"message":"bad secret hook-5ecret\u001b[0m of {{Given.Token}}","exceptionName":null}]}""",
        });
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(new("hook-5ecret")), Cancellation));

        fault.Message.ShouldContain("bad secret *** [0m of ***");
        fault.Message.ShouldNotContain("5ecret");
    }

    [Theory]
    [InlineData(FaultKind.Reset)]
    [InlineData(FaultKind.EmptyReply)]
    [InlineData(FaultKind.Truncated)]
    [InlineData(FaultKind.Status)]
    public async Task CreationWithAnUnclearEnd_IsNotRepeated(FaultKind kind)
    {
        await using var given = await Given.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = kind, Status = 503, Method = "POST", Path = Hooks, AfterProcessing = true });
        using var bitbucket = given.Client();
        await bitbucket.GetServerAsync(Cancellation);

        (await Given.FaultAsync(() => bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation))).Class.ShouldBe(FaultClass.Transient);
        given.Server.Read(world => world.Webhooks.Count()).ShouldBe(1);
    }

    private static string Add(Given given, Action<BitbucketSimulator.State.Webhook> fill)
    {
        var id = 0;
        given.Server.Change(world => id = world.AddWebhook(world.RepositoryAt("PLAT/api"), fill).Id);
        return id.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
