using BitbucketOperator.Testing.Cluster;
using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.Cli.Settings;
using BitbucketOperator.ControlPlane;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests;

/// <summary>A namespace and an operator; what a test does to them, and how it waits for what must come of it.</summary>
internal abstract class ClusterScenario(ClusterFixture fixture, string @namespace) : IAsyncDisposable
{
    public const string HookSecret = $"hmac-secret-{Marked.Mark}";
    public const string HookUrl = $"https://hooks:{Marked.InUrl}@ci.example.com/hooks/bitbucket?token={Marked.InUrl}";
    private static readonly string[] NoSecrets = ["email", "username", "clientId", "expiresAt"];
    private readonly List<OperatorProcess> _operators = [];

    public string Namespace => @namespace;

    public OperatorProcess Operator => _operators[^1];

    /// <summary>The Secret whose touch wakes the connection at the end.</summary>
    public string CredentialSecret { get; set; } = "bitbucket-token";

    /// <summary>How often somebody tried to write a webhook.</summary>
    protected abstract long WriteAttempts { get; }

    /// <summary>Further flags of every operator of this scenario.</summary>
    protected virtual string[] Flags => [];

    /// <summary>A connection's spec before a test edits it.</summary>
    protected abstract JsonObject Spec();

    /// <summary>Further variables of every operator of this scenario.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; set; }

    public OperatorProcess StartOperator(params string[] more)
    {
        _operators.Add(OperatorProcess.Start(fixture.OperatorKubeconfig, Namespace, Environment, [.. Flags, .. more]));
        return Operator;
    }

    public Task SetSecretAsync(string name, string key, string value) => SetSecretAsync(name, (key, value));

    /// <summary>Secrets have the mark by which they are found where they must not be; empty ones cannot.</summary>
    public Task SetSecretAsync(string name, params (string Key, string Value)[] data)
    {
        data.Where(d => !NoSecrets.Contains(d.Key) && d.Value.Length > 0).ShouldAllBe(d => Marked.Is(d.Value), "a secret of a test has Marked.Mark in it");
        return fixture.ApplyAsync(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = Meta(name),
            ["data"] = new JsonObject(
                data.Select(d => KeyValuePair.Create<string, JsonNode?>(d.Key, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(d.Value))))),
        }.ToJsonString());
    }

    /// <summary>A Secret of type kubernetes.io/basic-auth.</summary>
    public Task CreateBasicAuthSecretAsync(string name, string username, string password) => KubectlAsync(
        "create", "secret", "generic", name, "--type=kubernetes.io/basic-auth", $"--from-literal=username={username}", $"--from-literal=password={password}");

    public Task SetConfigMapAsync(string name, string key, string value) => fixture.ApplyAsync(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = Meta(name),
        ["data"] = new JsonObject { [key] = value },
    }.ToJsonString());

    /// <summary>Applies the connection, or another one by its name; <paramref name="change"/> edits its spec before.</summary>
    public Task ApplyAsync(Action<JsonObject>? change = null, string name = "platform")
    {
        var spec = Spec();
        change?.Invoke(spec);
        return fixture.ApplyAsync(new JsonObject
        {
            ["apiVersion"] = "bitbucketoperator.dev/v1alpha1",
            ["kind"] = "BitbucketConnection",
            ["metadata"] = Meta(name),
            ["spec"] = spec,
        }.ToJsonString());
    }

    public async Task<string> KubectlAsync(params string[] arguments)
    {
        try
        {
            return await fixture.KubectlAsync([.. arguments, "--namespace", Namespace]);
        }
        catch (ClusterException e)
        {
            var left = await fixture.KubectlAsync("get", "bitbucketconnections", "-o", "yaml", "--namespace", Namespace);
            throw new ClusterException($"{e.Message}\n{left}\n{LastWords()}", e);
        }
    }

    public async Task<BitbucketConnection?> ReadAsync(string name = "platform")
    {
        var text = await fixture.ReadAsync($"{ClusterFixture.Connections(Namespace)}/{name}");
        return text is null ? null : JsonSerializer.Deserialize(text, ApiJsonContext.Default.BitbucketConnection);
    }

    /// <summary>Waits until the connection is so; the message names the transition that did not come.</summary>
    public async Task<BitbucketConnection> WaitAsync(string transition, Func<BitbucketConnection, bool> isSo, string name = "platform")
    {
        BitbucketConnection? last = null;
        await UntilAsync(
            transition,
            async () => (last = await ReadAsync(name)) is not null && isSo(last),
            () => last?.Status is null ? "no status" : JsonSerializer.Serialize(last.Status, ApiJsonContext.Default.BitbucketConnectionStatus));
        return last!;
    }

    public Task<BitbucketConnection> WaitReadyAsync(int webhooks) => WaitAsync(
        $"Ready with {webhooks} webhooks",
        c => Is(c, ConditionTypes.Ready, ConditionState.True)
            && c.Status!.ObservedGeneration == c.Metadata.Generation
            && c.Status.Webhooks?.ReadyOfDesired() == $"{webhooks}/{webhooks}");

    public Task<BitbucketConnection> WaitReasonAsync(string type, string reason, string name = "platform") => WaitAsync(
        $"{type} of {name} with reason {reason}", c => c.Status?.Conditions.Find(x => x.Type == type)?.Reason == reason, name);

    public Task AnnotateAsync(string annotation, string name = "platform") => KubectlAsync("annotate", "bitbucketconnection", name, "--overwrite", annotation);

    public static string MessageOf(BitbucketConnection connection, string type) => connection.Status!.Conditions.Find(c => c.Type == type)!.Message;

    /// <summary>Asks for a full pass, as a person does, and waits until it is answered.</summary>
    public async Task<BitbucketConnection> FullPassAsync(string name = "platform")
    {
        var request = Guid.NewGuid().ToString("N");
        var before = Operator.EndOfLog;
        await fixture.AnnotateAsync($"{ClusterFixture.Connections(Namespace)}/{name}", "bitbucketoperator.dev/requestedAt", request);
        var answered = await WaitAsync("the echo of a requested pass", c => c.Status?.LastHandledReconcileAt == request, name);
        await UntilAsync("the end of the requested pass", () => Task.FromResult(
            Operator.PassesSince(before, $"{Namespace}/{name}").Any(p => p.StatusWritten)), () => "it is under way");
        return answered;
    }

    /// <summary>Starts another operator after one was killed, without the wait until the Lease of that one has run out.</summary>
    public async Task StartAfterKilledAsync(params string[] flags)
    {
        await fixture.DeleteLeaseAsync(Operator.LeaseName);
        StartOperator(flags);
    }

    /// <summary>What every test ends with: the invariants, and a further pass of every connection that writes nothing anywhere.</summary>
    public async Task EndAsync()
    {
        var connections = (await ItemsAsync(ClusterFixture.Connections(Namespace))).Select(c => c["metadata"]!["name"]!.GetValue<string>()).ToArray();
        // What competitors do is told to the others, who may then have something to say of it.
        for (var round = 0; round < connections.Length; round++)
        {
            foreach (var name in connections)
            {
                ConditionInvariants.Check(await FullPassAsync(name), DateTimeOffset.UtcNow);
            }
        }

        // Syncs that the passes asked for may take longer than they did, and change nothing for a while.
        IReadOnlyList<string> written = [];
        await UntilAsync(
            "two passes in a row over an unchanged world that write nothing",
            async () => (written = await WrittenByPassAsync(connections)).Count == 0 && (written = await WrittenByPassAsync(connections)).Count == 0,
            () => string.Join('\n', written));
    }

    // What a pass of each connection writes, to a status, to anything else in the cluster, or to Bitbucket.
    private async Task<IReadOnlyList<string>> WrittenByPassAsync(string[] connections)
    {
        var (stored, attempts) = (await StoredAsync(), WriteAttempts);
        var statuses = (await PassesByTouchAsync(connections)).Count(p => p.StatusWritten);
        return
        [
            .. (await StoredAsync()).Except(stored).Select(s => $"written: {s}"),
            .. statuses > 0 ? [$"{statuses} statuses"] : Array.Empty<string>(),
            .. WriteAttempts > attempts ? [$"{WriteAttempts - attempts} writes to Bitbucket"] : Array.Empty<string>(),
        ];
    }

    // A touched Secret is a reason for a pass, and none to ask Bitbucket about everything again.
    private async Task<IReadOnlyList<Pass>> PassesByTouchAsync(string[] connections)
    {
        var before = Operator.EndOfLog;
        await fixture.AnnotateAsync($"api/v1/namespaces/{Namespace}/secrets/{CredentialSecret}", "touched", $"{Guid.NewGuid():N}");
        List<Pass> all = [];
        foreach (var name in connections)
        {
            IReadOnlyList<Pass> passes = [];
            await UntilAsync(
                $"a pass of {name} for the touched Secret",
                () => Task.FromResult((passes = Operator.PassesSince(before, $"{Namespace}/{name}", "ReferenceChanged")).Count > 0),
                () => Operator.Output);
            all.AddRange(passes);
        }

        return all;
    }

    public Task UntilAsync(string transition, Func<Task<bool>> isSo, Func<string> state) =>
        Eventually.IsTrueAsync(transition, isSo, () => $"State: {state()}\n{LastWords()}");

    private string LastWords()
    {
        if (_operators.Count == 0)
        {
            return "";
        }

        var ended = Operator.HasExited ? "The operator has ended. Its" : "The operator's";
        return $"{ended} last words:\n{string.Join('\n', Operator.Output.Split('\n').TakeLast(15))}";
    }

    public static bool Is(BitbucketConnection connection, string type, ConditionState state) =>
        connection.Status?.Conditions.Find(c => c.Type == type)?.Status == state;

    /// <summary>Ends the operators, and looks for secrets in all that they wrote.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        // Those that the operator made have no mark.
        var secrets = await SecretsAsync();
        var found = new List<SecretFoundException>();
        foreach (var process in _operators)
        {
            try
            {
                await process.DisposeAsync();
                Marked.ShouldNotBeIn("the log of an operator", process.Output, secrets);
            }
            catch (SecretFoundException exception)
            {
                found.Add(exception);
            }
        }

        await fixture.Written.ShouldHoldNoSecretAsync(Namespace, secrets);
        found.ShouldBeEmpty();
    }

    private async Task<string[]> SecretsAsync() =>
    [
        .. (await ItemsAsync($"api/v1/namespaces/{Namespace}/secrets")).SelectMany(s => s["data"]?.AsObject() ?? [])
            .Where(d => !NoSecrets.Contains(d.Key)).Select(d => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(d.Value!.GetValue<string>()))),
    ];

    // Each connection and event with its version. Other tests write at the same time, each in a namespace of its own.
    private async Task<string[]> StoredAsync() =>
    [
        .. (await ItemsAsync(ClusterFixture.Connections(Namespace))).Concat(await ItemsAsync($"api/v1/namespaces/{Namespace}/events"))
            .Select(o => $"{o["metadata"]!["name"]} {o["metadata"]!["resourceVersion"]} {o["reason"]}"),
    ];

    private async Task<IEnumerable<JsonNode>> ItemsAsync(string path) =>
        JsonNode.Parse((await fixture.ReadAsync(path))!)!["items"]!.AsArray().Select(o => o!);

    private JsonObject Meta(string name) => new() { ["name"] = name, ["namespace"] = Namespace };
}
