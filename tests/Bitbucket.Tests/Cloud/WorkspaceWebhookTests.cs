using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.Cloud;

public sealed class WorkspaceWebhookTests
{
    private static readonly WebhookScope Workspace = WebhookScope.OfWorkspace("acme");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OnTheWorkspace_WebhooksAreMadeChangedAndRemoved_AndItsRepositoriesHaveNone()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client(GivenCloud.WorkspaceToken);
        var created = await bitbucket.CreateWebhookAsync(Workspace, GivenCloud.Hook(new("hook-5ecret")), Cancellation);
        var found = (await bitbucket.ListWebhooksAsync(Workspace, Cancellation)).ShouldHaveSingleItem();
        found.Id.ShouldBe(created.Id);
        found.Secret.IsSet.ShouldBeTrue();
        (await bitbucket.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation)).ShouldBeEmpty("a workspace's webhook is none of its repositories' own");

        (await bitbucket.UpdateWebhookAsync(Workspace, created.Id, GivenCloud.Hook(), Cancellation)).Secret.ShouldBe(WebhookSecret.None);
        await bitbucket.DeleteWebhookAsync(Workspace, created.Id, Cancellation);
        await bitbucket.DeleteWebhookAsync(Workspace, created.Id, Cancellation);
        (await bitbucket.ListWebhooksAsync(Workspace, Cancellation)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("team")]
    [InlineData("user")]
    public async Task SubjectOfAFormerTeamOrUser_IsTheWorkspace(string type)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.Quirks.WorkspaceSubjectType = type);
        using var bitbucket = given.Client(GivenCloud.WorkspaceToken);
        var created = await bitbucket.CreateWebhookAsync(Workspace, GivenCloud.Hook(), Cancellation);

        (await bitbucket.ListWebhooksAsync(Workspace, Cancellation)).ShouldHaveSingleItem().Id.ShouldBe(created.Id);
    }

    [Fact]
    public async Task WithoutAdminOfTheWorkspace_TheRightIsNamed()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client(GivenCloud.ApiToken);
        var fault = await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(Workspace, Cancellation));
        fault.Reason.Name.ShouldBe("WebhookPermissionDenied");
        fault.Message.ShouldContain("lacks permission to administer the workspace");
    }
}
