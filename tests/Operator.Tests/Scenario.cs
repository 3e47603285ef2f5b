using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.Operator.Tests;

/// <summary>With a played Bitbucket Data Center.</summary>
internal sealed class Scenario : ClusterScenario
{
    public const string Token = $"token-of-the-bot-{Marked.Mark}";
    public const string Password = $"password-of-the-bot-{Marked.Mark}";

    private readonly Authority _authority;

    private Scenario(ClusterFixture fixture, string @namespace, Simulator bitbucket, Authority authority)
        : base(fixture, @namespace) => (Bitbucket, _authority) = (bitbucket, authority);

    public Simulator Bitbucket { get; }

    protected override long WriteAttempts => Bitbucket.Counters.WebhookWriteAttempts;

    /// <summary>Two projects with three repositories each, of which the bot is admin; Secrets and CA in place; an operator that runs.</summary>
    public static async Task<Scenario> StartAsync(ClusterFixture fixture, bool withOperator = true, Action<World>? change = null)
    {
        var authority = new Authority();
        var bitbucket = await StartBitbucketAsync(authority);
        bitbucket.Change(w => change?.Invoke(w));
        var scenario = new Scenario(fixture, await fixture.NewNamespaceAsync(), bitbucket, authority);
        await scenario.SetSecretAsync("bitbucket-token", "token", Token);
        await scenario.SetSecretAsync("ci-hook", "secret", HookSecret);
        await scenario.SetConfigMapAsync("corp-ca", "ca.crt", bitbucket.CaPem);
        if (withOperator)
        {
            scenario.StartOperator();
        }

        return scenario;
    }

    /// <summary>Another server that has the same projects, repositories, token and authority.</summary>
    public Task<Simulator> StartAnotherBitbucketAsync() => StartBitbucketAsync(_authority);

    private static async Task<Simulator> StartBitbucketAsync(Authority authority)
    {
        var bitbucket = await Simulator.StartAsync(new SimulatorOptions { Tls = true, ContextPath = "/bitbucket", Authority = authority });
        bitbucket.Change(world =>
        {
            var bot = world.AddUser("bot", Password);
            foreach (var key in new[] { "PLAT", "TOOLS" })
            {
                bot.ProjectGrants[world.AddProject(key).Id] = Level.Admin;
                foreach (var slug in new[] { "api", "web", "cli" })
                {
                    world.AddRepository(key, slug);
                }
            }

            world.AddToken("operator", bot, ["PROJECT_ADMIN", "REPO_ADMIN"], Token);
        });
        return bitbucket;
    }

    /// <summary>The webhooks of a repository, as the server has them.</summary>
    public IReadOnlyList<Webhook> Webhooks(string repository) => Bitbucket.Read(w => w.RepositoryAt(repository).Webhooks.ToArray());

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Bitbucket.DisposeAsync();
        _authority.Dispose();
    }

    protected override JsonObject Spec() => new()
    {
        ["url"] = Bitbucket.BaseUrl.ToString(),
        ["auth"] = new JsonObject { ["type"] = "HTTPAccessToken", ["secretRef"] = new JsonObject { ["name"] = "bitbucket-token" } },
        ["tls"] = new JsonObject { ["caBundleRef"] = new JsonObject { ["name"] = "corp-ca" } },
        ["webhooks"] = new JsonArray(new JsonObject
        {
            ["name"] = "ci",
            ["url"] = HookUrl,
            ["events"] = new JsonArray("repo:refs_changed", "pr:opened"),
            ["secretRef"] = new JsonObject { ["name"] = "ci-hook" },
            ["level"] = "Repository",
        }),
    };
}
