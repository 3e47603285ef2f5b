using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests;

/// <summary>A namespace, a played Bitbucket and an operator; what a test does to them, and how it waits for what must come of it.</summary>
internal sealed class Scenario : IAsyncDisposable
{
    public const string Token = "token-of-the-bot-91c2";
    public const string HookSecret = "hmac-secret-5d07";
    public const string HookUrl = "https://ci.example.com/hooks/bitbucket";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly ClusterFixture _fixture;
    private readonly List<OperatorProcess> _operators = [];

    private Scenario(ClusterFixture fixture, string @namespace, Simulator bitbucket)
    {
        _fixture = fixture;
        Namespace = @namespace;
        Bitbucket = bitbucket;
    }

    public string Namespace { get; }

    public Simulator Bitbucket { get; }

    public OperatorProcess Operator => _operators[^1];

    /// <summary>Two projects with three repositories each, of which the bot is admin; Secrets and CA in place; an operator that runs.</summary>
    public static async Task<Scenario> StartAsync(ClusterFixture fixture, bool withOperator = true, Action<World>? change = null)
    {
        var bitbucket = await Simulator.StartAsync(new SimulatorOptions { Tls = true, ContextPath = "/bitbucket" });
        bitbucket.Change(world =>
        {
            var bot = world.AddUser("bot", "password-of-the-bot");
            foreach (var key in new[] { "PLAT", "TOOLS" })
            {
                bot.ProjectGrants[world.AddProject(key).Id] = Level.Admin;
                foreach (var slug in new[] { "api", "web", "cli" })
                {
                    world.AddRepository(key, slug);
                }
            }

            world.AddToken("operator", bot, ["PROJECT_ADMIN", "REPO_ADMIN"], Token);
            change?.Invoke(world);
        });
        var scenario = new Scenario(fixture, await fixture.NewNamespaceAsync(), bitbucket);
        await scenario.SetSecretAsync("bitbucket-token", "token", Token);
        await scenario.SetSecretAsync("ci-hook", "secret", HookSecret);
        await fixture.ApplyAsync(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = scenario.Meta("corp-ca"),
            ["data"] = new JsonObject { ["ca.crt"] = bitbucket.CaPem },
        }.ToJsonString());
        if (withOperator)
        {
            scenario.StartOperator();
        }

        return scenario;
    }

    public OperatorProcess StartOperator(params string[] more)
    {
        _operators.Add(OperatorProcess.Start(_fixture.OperatorKubeconfig, Namespace, more));
        return Operator;
    }

    public Task SetSecretAsync(string name, string key, string value) => _fixture.ApplyAsync(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = Meta(name),
        ["data"] = new JsonObject { [key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value)) },
    }.ToJsonString());

    /// <summary>Applies the connection; <paramref name="change"/> edits its spec before.</summary>
    public Task ApplyAsync(Action<JsonObject>? change = null)
    {
        var spec = new JsonObject
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
            }),
        };
        change?.Invoke(spec);
        return _fixture.ApplyAsync(new JsonObject
        {
            ["apiVersion"] = "bitbucketoperator.dev/v1alpha1",
            ["kind"] = "BitbucketConnection",
            ["metadata"] = Meta("platform"),
            ["spec"] = spec,
        }.ToJsonString());
    }

    public Task<string> KubectlAsync(params string[] arguments) => _fixture.KubectlAsync([.. arguments, "--namespace", Namespace]);

    public async Task<BitbucketConnection?> ReadAsync()
    {
        var text = await KubectlAsync("get", "bitbucketconnection", "platform", "--ignore-not-found", "-o", "json");
        return text.Length == 0 ? null : JsonSerializer.Deserialize(text, ApiJsonContext.Default.BitbucketConnection);
    }

    /// <summary>Waits until the connection is so; the message names the transition that did not come.</summary>
    public async Task<BitbucketConnection> WaitAsync(string transition, Func<BitbucketConnection, bool> isSo)
    {
        BitbucketConnection? last = null;
        await UntilAsync(
            transition,
            async () => (last = await ReadAsync()) is not null && isSo(last),
            () => last?.Status is null ? "no status" : JsonSerializer.Serialize(last.Status, ApiJsonContext.Default.BitbucketConnectionStatus));
        return last!;
    }

    public Task<BitbucketConnection> WaitReadyAsync(int webhooks) => WaitAsync(
        $"Ready with {webhooks} webhooks",
        c => Is(c, ConditionTypes.Ready, ConditionState.True) && c.Status!.ObservedGeneration == c.Metadata.Generation && c.Status.Webhooks?.Summary == $"{webhooks}/{webhooks}");

    public Task<BitbucketConnection> WaitReasonAsync(string type, string reason) => WaitAsync(
        $"{type} with reason {reason}", c => c.Status?.Conditions.Find(x => x.Type == type)?.Reason == reason);

    /// <summary>Asks for a full pass, as a person does, and waits until it is answered.</summary>
    public async Task<BitbucketConnection> FullPassAsync()
    {
        var request = Guid.NewGuid().ToString("N");
        await KubectlAsync("annotate", "bitbucketconnection", "platform", "--overwrite", $"bitbucketoperator.dev/requestedAt={request}");
        return await WaitAsync("the echo of a requested pass", c => c.Status?.LastHandledReconcileAt == request);
    }

    /// <summary>What every test ends with: the invariants, and a second pass that writes nothing anywhere.</summary>
    public async Task EndAsync()
    {
        await FullPassAsync();
        Invariants.Check((await ReadAsync())!);
        var passes = Operator.Passes;
        var before = (await WritesAsync(), Bitbucket.Counters.WebhookWriteAttempts);
        await KubectlAsync("annotate", "secret", "bitbucket-token", "--overwrite", $"touched={Guid.NewGuid():N}");
        await UntilAsync("another pass", () => Task.FromResult(Operator.Passes > passes), () => Operator.Output);
        (await WritesAsync(), Bitbucket.Counters.WebhookWriteAttempts).ShouldBe(before, "a pass over an unchanged world must write nothing");
        foreach (var secret in new[] { Token, HookSecret, "password-of-the-bot" })
        {
            Operator.Output.ShouldNotContain(secret);
        }
    }

    /// <summary>The webhooks of a repository, as the server has them.</summary>
    public IReadOnlyList<Webhook> Webhooks(string repository) => Bitbucket.Read(w => w.RepositoryAt(repository).Webhooks.ToArray());

    public async Task UntilAsync(string transition, Func<Task<bool>> isSo, Func<string> state)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await isSo())
        {
            if (limit.IsCancellationRequested)
            {
                var tail = _operators.Count == 0 ? "" : string.Join('\n', Operator.Output.Split('\n').TakeLast(15));
                Assert.Fail($"{transition} did not come within {Patience.TotalSeconds} s. State: {state()}\nThe operator's last words:\n{tail}");
            }

            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public static bool Is(BitbucketConnection connection, string type, ConditionState state) =>
        connection.Status?.Conditions.Find(c => c.Type == type)?.Status == state;

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _operators)
        {
            await process.DisposeAsync();
        }

        await Bitbucket.DisposeAsync();
    }

    // Events are written behind the pass, so they are counted by what is stored, occurrences included.
    private async Task<long> WritesAsync() => await _fixture.Cluster.CountWritesAsync("bitbucketconnections") + await _fixture.Cluster.CountWritesAsync("events");

    private JsonObject Meta(string name) => new() { ["name"] = name, ["namespace"] = Namespace };
}
