using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>A played Bitbucket of either flavour and the operator's passes over it; a test holds the Secrets.</summary>
internal sealed class PassWorld : IAsyncDisposable
{
    private readonly Simulator? _dataCenter;
    private readonly CloudSimulator? _cloud;
    private readonly OfflinePasses _passes;

    private PassWorld(Simulator? dataCenter, CloudSimulator? cloud)
    {
        (_dataCenter, _cloud) = (dataCenter, cloud);
        References.Secrets["bitbucket"] = new(StringComparer.Ordinal) { ["email"] = "bot@example.com", ["token"] = cloud is null ? "token-that-is-right" : "ATATT3x-right" };
        References.ConfigMaps["corp-ca"] = new(StringComparer.Ordinal) { ["ca.crt"] = dataCenter?.CaPem ?? cloud!.CaPem };
        Connection = new BitbucketConnection
        {
            Metadata = new() { Name = "platform", NamespaceProperty = "ci", Uid = "6f1c1d0e-6a43-4f0a-9a4e-2f3b8a1c7d55", Generation = 1 },
            Spec = new()
            {
                Url = dataCenter?.BaseUrl.ToString() ?? "https://bitbucket.org/acme",
                Auth = new() { Type = cloud is null ? AuthType.HTTPAccessToken : AuthType.APIToken, SecretRef = new() { Name = "bitbucket" } },
                Tls = new() { CaBundleRef = new() { Name = "corp-ca" } },
                Webhooks = [Webhook],
            },
        };

        // One request at a time: a test can stop between two of them.
        var options = new BitbucketOptions { AllowedHosts = ["*", "127.0.0.1"], MaxRetries = 0, MaxRequestsPerHost = 1 };
        _passes = new OfflinePasses(References, cloud is null ? options : options with { CloudApiUrl = cloud.ApiUrl, CloudTokenUrl = cloud.TokenUrl });
    }

    public MemoryReferences References { get; } = new();

    public BitbucketConnection Connection { get; }

    /// <summary>The one entry of spec.webhooks.</summary>
    public WebhookSpec Webhook { get; } = new() { Name = "ci", Url = "https://ci.example.com/hooks/bitbucket", Level = WebhookLevel.Repository };

    public FaultEngine Faults => _dataCenter?.Faults ?? _cloud!.Faults;

    public long WriteAttempts => _dataCenter?.Counters.WebhookWriteAttempts ?? _cloud!.Counters.WebhookWriteAttempts;

    /// <summary>The secret of every webhook on the server.</summary>
    public IReadOnlyList<string?> SecretsOnServer => _dataCenter?.Read(w => w.Webhooks.Select(h => h.Secret).ToArray()) ?? _cloud!.Read(w => w.Webhooks.Select(h => h.Secret).ToArray());

    /// <summary>Where webhooks are, sorted: PROJECT/slug, project:KEY or workspace:SLUG.</summary>
    public string[] Where
    {
        get
        {
            var all = _dataCenter?.Read(w => w.Webhooks.Select(h => h.Owner is Project p ? $"project:{p.Key}" : ((Repository)h.Owner).Path).ToArray())
                ?? _cloud!.Read(w => w.Webhooks.Select(h => h.Owner is CloudRepository r ? $"{r.Project.Key}/{r.Slug}" : $"workspace:{((CloudWorkspace)h.Owner).Slug}").ToArray());
            return [.. all.Order(StringComparer.Ordinal)];
        }
    }

    public Simulator DataCenter => _dataCenter!;

    public static async Task<PassWorld> StartAsync(Hosting hosting)
    {
        string Seed(string name) => SourceTree.PathOf("tests", "Operator.Tests", "Credentials", "Seeds", name);
        return hosting == Hosting.Cloud
            ? new PassWorld(null, await CloudSimulator.StartAsync(new CloudOptions { Tls = true, SeedFile = Seed("cloud.yaml") }))
            : new PassWorld(await Simulator.StartAsync(new SimulatorOptions { Tls = true, SeedFile = Seed("data-center.yaml") }), null);
    }

    public string SecretOf(string name) => References.Secrets[name]["secret"];

    public void SetSecret(string name, string value) => References.Secrets[name] = new(StringComparer.Ordinal) { ["secret"] = value };

    /// <summary>One pass, which must say what may be said.</summary>
    public async Task<(BitbucketConnectionStatus Status, NextReconcile Next, IReadOnlyList<ConnectionEvent> Events)> PassAsync(TimeProvider? clock = null)
    {
        var result = await _passes.RunAsync(Connection, clock, TestContext.Current.CancellationToken);
        ConditionInvariants.Check(Connection, (clock ?? TimeProvider.System).GetUtcNow());
        return result;
    }

    /// <summary>A pass that ends as a killed process does, when so many writes of webhooks were begun; the next is that of a new process.</summary>
    public async Task KilledPassAsync(int writes)
    {
        var hang = Faults.Add(new Fault { Kind = FaultKind.Hang, Method = "POST,PUT,DELETE", Path = "/**hooks**", After = writes - 1 });
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var pass = _passes.RunAsync(Connection, cancellationToken: kill.Token);
        await Eventually.IsTrueAsync($"write {writes} of a pass", () => Faults.Hits(hang) > 0 || pass.IsCompleted);

        await kill.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(pass);
        Faults.Remove(hang);
        _passes.Restart();
    }

    public void Restart() => _passes.Restart();

    public async ValueTask DisposeAsync()
    {
        await _passes.DisposeAsync();
        await (_dataCenter?.DisposeAsync() ?? _cloud!.DisposeAsync());
    }
}
