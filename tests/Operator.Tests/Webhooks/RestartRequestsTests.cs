using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>Each request that a new process sends for a connection of which nothing has changed.</summary>
public sealed class RestartRequestsTests
{
    // What the server is, the repositories, whose the token is, and what it may do.
    private static readonly string[] DataCenter =
    [
        "GET /status",
        "GET /rest/api/1.0/application-properties",
        "GET /rest/api/1.0/repos?archived=ALL&limit=1000&start=0",
        "GET /rest/api/1.0/users?filter=ci-bot&limit=1000&start=0",
        "GET /rest/api/1.0/projects/PLAT",
        "GET /rest/api/1.0/projects/PLAT/repos/api/pull-requests?limit=1&state=ALL",
    ];

    // Scopes of an API token are told with each answer.
    private static readonly string[] Cloud = ["GET /2.0/user", "GET /2.0/repositories/acme"];

    [Fact]
    public Task DataCenter_Repositories() => SendsAsync(Hosting.DataCenter, WebhookLevel.Repository, DataCenter);

    // What the project holds decides what is written below, and is not assumed; its deliveries are reported as of now.
    [Fact]
    public Task DataCenter_Project() => SendsAsync(
        Hosting.DataCenter,
        WebhookLevel.Auto,
        [.. DataCenter, "GET /rest/api/1.0/projects/PLAT/webhooks?limit=1000&start=0", "GET /rest/api/1.0/projects/PLAT/webhooks/ID/latest"]);

    [Fact]
    public Task Cloud_Repositories() => SendsAsync(Hosting.Cloud, WebhookLevel.Repository, Cloud);

    [Fact]
    public Task Cloud_Workspace() => SendsAsync(Hosting.Cloud, WebhookLevel.Auto, [.. Cloud, "GET /2.0/workspaces/acme/hooks?pagelen=100"]);

    [Fact]
    public async Task TokenReplacedWhileNoProcessRan_IsNoticed()
    {
        await using var world = await PassWorld.StartAsync(Hosting.DataCenter);
        await world.PassAsync();
        world.References.Secrets["bitbucket"]["token"] = "token-that-was-revoked";
        var (pass, _) = await world.RestartedPassAsync();
        pass.Status.Conditions.Find(c => c.Type == "CredentialValid")!.Status.ShouldBe(ConditionState.False);
    }

    private static async Task SendsAsync(Hosting hosting, WebhookLevel level, string[] requests)
    {
        await using var world = await PassWorld.StartAsync(hosting);
        world.Webhook.Level = level;
        await world.PassAsync();
        await world.VerifyAgainAsync();
        world.Requests.Reset();
        await world.RestartedPassAsync();
        world.Requests.Entries
            .Select(e => $"{e.Method} {Path(e.Path)}{(e.Query.Contains("fields=", StringComparison.Ordinal) ? "" : e.Query)}")
            .ShouldBe(requests);
    }

    private static string Path(string path) => string.Join('/', path.Split('/').Select(p => p.Length > 0 && p.All(char.IsAsciiDigit) ? "ID" : p));
}
