using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.Cli.Settings;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests;

/// <summary>With a played Bitbucket Cloud.</summary>
internal sealed class CloudScenario : ClusterScenario
{
    public const string ApiToken = $"ATATT3x-of-the-bot-{Marked.Mark}";
    public const string WorkspaceToken = $"ATCTT3x-of-the-workspace-{Marked.Mark}";
    public const string ConsumerSecret = $"secret-of-the-consumer-{Marked.Mark}";

    private CloudScenario(ClusterFixture fixture, string @namespace, CloudSimulator bitbucket)
        : base(fixture, @namespace) => Bitbucket = bitbucket;

    public CloudSimulator Bitbucket { get; }

    protected override long WriteAttempts => Bitbucket.Counters.WebhookWriteAttempts;

    protected override string[] Flags => ["--cloud-api-url", Bitbucket.ApiUrl.ToString(), "--cloud-token-url", Bitbucket.TokenUrl.ToString()];

    /// <summary>A workspace with two projects of two repositories each, and a credential of each kind that may do everything there.</summary>
    public static async Task<CloudScenario> StartAsync(ClusterFixture fixture, Action<CloudWorld>? change = null)
    {
        var bitbucket = await CloudSimulator.StartAsync(new CloudOptions { Tls = true, SeedFile = SourceTree.PathOf("tests", "Operator.Tests", "cloud.yaml") });
        if (change is not null)
        {
            bitbucket.Change(change);
        }

        var scenario = new CloudScenario(fixture, await fixture.NewNamespaceAsync(), bitbucket) { CredentialSecret = "bitbucket" };
        await scenario.SetSecretAsync("bitbucket", ("email", "bot@example.com"), ("token", ApiToken));
        await scenario.SetSecretAsync("ci-hook", "secret", HookSecret);
        await scenario.SetConfigMapAsync("corp-ca", "ca.crt", bitbucket.CaPem);
        scenario.StartOperator();
        return scenario;
    }

    /// <summary>The webhooks of a repository, as the server has them.</summary>
    public IReadOnlyList<CloudWebhook> Webhooks(string repository) => Bitbucket.Read(w => w.RepositoryAt(repository).Webhooks.ToArray());

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Bitbucket.DisposeAsync();
    }

    protected override JsonObject Spec() => new()
    {
        ["url"] = "https://bitbucket.org/acme",
        ["auth"] = new JsonObject { ["type"] = "APIToken", ["secretRef"] = new JsonObject { ["name"] = "bitbucket" } },
        ["tls"] = new JsonObject { ["caBundleRef"] = new JsonObject { ["name"] = "corp-ca" } },
        ["webhooks"] = new JsonArray(new JsonObject
        {
            ["name"] = "ci",
            ["url"] = HookUrl,
            ["secretRef"] = new JsonObject { ["name"] = "ci-hook" },
            ["level"] = "Repository",
        }),
    };
}
