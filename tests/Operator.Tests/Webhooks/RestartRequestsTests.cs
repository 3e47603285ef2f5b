using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>Each request that a new process sends for a connection of which nothing has changed.</summary>
public sealed class RestartRequestsTests
{
    [Theory]
    [InlineData(Hosting.DataCenter, WebhookLevel.Repository)]
    [InlineData(Hosting.DataCenter, WebhookLevel.Auto)]
    [InlineData(Hosting.Cloud, WebhookLevel.Repository)]
    [InlineData(Hosting.Cloud, WebhookLevel.Auto)]
    public async Task Restart_SendsTheseRequests(Hosting hosting, WebhookLevel level)
    {
        await using var world = await PassWorld.StartAsync(hosting);
        world.Webhook.Level = level;
        await world.PassAsync();
        await world.VerifyAgainAsync();
        world.Requests.Reset();
        await world.RestartedPassAsync();
        var sent = world.Requests.Entries.Select(e => $"{e.Method} {e.Path}{e.Query} {e.Status}").ToArray();
        string.Join('\n', sent).ShouldBe("");
    }

    [Fact]
    public async Task RestartWithATokenOfAProject_SendsTheseRequests()
    {
        await using var world = await PassWorld.StartAsync(Hosting.DataCenter);
        world.References.Secrets["bitbucket"]["token"] = "token-of-the-project";
        await world.PassAsync();
        await world.VerifyAgainAsync();
        world.Requests.Reset();
        await world.RestartedPassAsync();
        var sent = world.Requests.Entries.Select(e => $"{e.Method} {e.Path}{e.Query} {e.Status}").ToArray();
        string.Join('\n', sent).ShouldBe("");
    }
}
