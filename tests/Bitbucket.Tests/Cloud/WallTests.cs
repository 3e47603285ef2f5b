using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Core.Port;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.Cloud;

/// <summary>Answers of proxies and firewalls in place of Bitbucket Cloud's, whose errors are JSON with an error in it.</summary>
public sealed class WallTests
{
    private const string Json = "application/json";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(400, "Bad Request - blocked", "text/plain")]
    [InlineData(400, """{"code":"blocked"}""", Json)]
    [InlineData(400, "", Json)]
    [InlineData(401, "<html>Log in</html>", "text/html")]
    [InlineData(401, """{"message":"Unauthorized"}""", Json)]
    [InlineData(403, "<html>Denied</html>", "text/html")]
    [InlineData(403, """{"message":"Forbidden"}""", Json)]
    [InlineData(403, "", Json)]
    [InlineData(404, """{"message":"no Route matched with those values"}""", Json)]
    [InlineData(404, "", Json)]
    public async Task ForeignAnswer_ConcludesNothing(int status, string body, string type)
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client(GivenCloud.WorkspaceToken);
        var id = (await bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(), Cancellation)).Id;
        given.Server.Faults.Add(
            new SimulatedFault { Kind = FaultKind.Status, Status = status, Body = body, ContentType = type, Path = "/2.0/repositories/**" });
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status, Status = status, Body = body, ContentType = type, Path = "/2.0/workspaces/**" });
        Func<Task>[] calls =
        [
            () => bitbucket.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation),
            () => bitbucket.ListWebhooksAsync(WebhookScope.OfWorkspace("acme"), Cancellation),
            () => bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(), Cancellation),
            () => bitbucket.UpdateWebhookAsync(GivenCloud.ApiPlace, id, GivenCloud.Hook(), Cancellation),
            () => bitbucket.DeleteWebhookAsync(GivenCloud.ApiPlace, id, Cancellation),
            () => Given.ListAsync(bitbucket),
        ];

        foreach (var call in calls)
        {
            var fault = await Given.FaultAsync(call);
            (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "UnexpectedAnswer"), fault.Message);
        }
    }

    [Theory]
    [InlineData(401, """{"message":"Unauthorized"}""")]
    [InlineData(403, """{"message":"Forbidden"}""")]
    [InlineData(403, """{"timestamp":1,"status":403,"error":"Forbidden","path":"/site/oauth2/access_token"}""")]
    public async Task ForeignAnswerOfTheTokenEndpoint_SaysNothingOfTheConsumer(int status, string body)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault
        {
            Kind = FaultKind.Status, Status = status, Body = body, ContentType = Json, Path = "/site/oauth2/access_token",
        });
        using var bitbucket = given.Client(GivenCloud.Consumer);

        var fault = await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "UnexpectedAnswer"));
        fault.Message.ShouldNotContain("the key and the secret");
    }

    [Theory]
    [InlineData(200, "Request blocked by policy", "text/plain")]
    [InlineData(200, """{"status":"ok"}""", Json)]
    public async Task DeletionThatSomethingElseAnswers_IsNotDone(int status, string body, string type)
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client(GivenCloud.WorkspaceToken);
        var id = (await bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(), Cancellation)).Id;
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status, Status = status, Body = body, ContentType = type, Method = "DELETE" });

        (await Given.FaultAsync(() => bitbucket.DeleteWebhookAsync(GivenCloud.ApiPlace, id, Cancellation))).Reason.Name.ShouldBe("UnexpectedAnswer");
    }
}
