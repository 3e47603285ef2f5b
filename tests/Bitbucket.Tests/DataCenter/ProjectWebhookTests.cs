using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.DataCenter;

public sealed class ProjectWebhookTests
{
    private static readonly WebhookScope Project = WebhookScope.OfProject("PLAT");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OnAProject_WebhooksAreMadeChangedAndRemoved_AndItsRepositoriesHaveNone()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();
        var created = await bitbucket.CreateWebhookAsync(Project, Given.Hook(new("hook-5ecret")), Cancellation);
        (await bitbucket.ListWebhooksAsync(Project, Cancellation)).ShouldHaveSingleItem().Id.ShouldBe(created.Id);
        (await bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation)).ShouldBeEmpty("a project's webhook is none of its repositories' own");

        var updated = await bitbucket.UpdateWebhookAsync(Project, created.Id, Given.Hook(events: ["pr:merged"]), Cancellation);
        updated.Events.ShouldBe(["pr:merged"]);
        updated.Secret.ShouldBe(WebhookSecret.None);

        await bitbucket.DeleteWebhookAsync(Project, created.Id, Cancellation);
        await bitbucket.DeleteWebhookAsync(Project, created.Id, Cancellation);
        given.Server.Read(w => w.Webhooks.Count()).ShouldBe(0);
    }

    [Fact]
    public async Task ServerWithoutProjectWebhooks_IsToldApartFromAMissingProject()
    {
        await using var given = await Given.ServerAsync(new SimulatorOptions { Version = "8.5.0" });
        using var bitbucket = given.Client();
        var fault = await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(Project, Cancellation));
        fault.Reason.Name.ShouldBe("LevelNotSupported");
        fault.Class.ShouldBe(FaultClass.Waiting);
    }

    [Fact]
    public async Task ProjectThatIsNotThere_IsProjectNotFound()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();
        (await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(WebhookScope.OfProject("NOPE"), Cancellation))).Reason.Name.ShouldBe("ProjectNotFound");
    }

    [Fact]
    public async Task ProjectWithAnotherKey_IsFoundAndCleanedByItsOldOne()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();
        var created = await bitbucket.CreateWebhookAsync(Project, Given.Hook(), Cancellation);
        given.Server.Change(w => w.RenameProject(w.ProjectAt("PLAT"), "NEXT"));
        (await bitbucket.ListWebhooksAsync(Project, Cancellation)).ShouldHaveSingleItem().Id.ShouldBe(created.Id);
        await bitbucket.DeleteWebhookAsync(Project, created.Id, Cancellation);
        given.Server.Read(w => w.Webhooks.Count()).ShouldBe(0);
    }

    [Fact]
    public async Task WithoutProjectAdmin_ARepositoryTellsOfItsProjectsWebhooks()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();
        var made = await bitbucket.CreateWebhookAsync(Project, Given.Hook(), Cancellation);
        await bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation);
        given.Server.Change(w => World.SetPermissions(w.TokenNamed("operator"), ["PROJECT_READ", "REPO_ADMIN"]));
        (await bitbucket.ListInheritedWebhooksAsync(Given.ApiPlace.Repository!, Cancellation)).ShouldNotBeNull().ShouldHaveSingleItem().Id.ShouldBe(made.Id);
        given.Server.Change(w => World.SetPermissions(w.TokenNamed("operator"), ["PROJECT_READ", "REPO_READ"]));
        (await Given.FaultAsync(() => bitbucket.ListInheritedWebhooksAsync(Given.ApiPlace.Repository!, Cancellation)))
            .Reason.Name.ShouldBe("WebhookPermissionDenied");
    }

    [Fact]
    public async Task ServerWithoutTheSearch_TellsNothingOfInheritedWebhooks()
    {
        await using var given = await Given.ServerAsync(new SimulatorOptions { Version = "8.5.0" });
        using var bitbucket = given.Client();
        (await bitbucket.ListInheritedWebhooksAsync(Given.ApiPlace.Repository!, Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task WithoutProjectAdmin_TheRightIsNamed()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(w => World.SetPermissions(w.TokenNamed("operator"), ["PROJECT_READ", "REPO_ADMIN"]));
        using var bitbucket = given.Client();
        var fault = await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(Project, Cancellation));
        fault.Reason.Name.ShouldBe("WebhookPermissionDenied");
        fault.Message.ShouldStartWith("token lacks PROJECT_ADMIN");
    }
}
