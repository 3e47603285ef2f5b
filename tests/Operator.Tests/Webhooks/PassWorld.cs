using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Testing;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>A played Bitbucket of either flavour and the operator's passes over it; a test holds the Secrets.</summary>
internal sealed class PassWorld : IAsyncDisposable
{
    private readonly Simulator? _dataCenter;
    private readonly CloudSimulator? _cloud;
    private readonly OfflinePasses _passes;
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    private PassWorld(Simulator? dataCenter, CloudSimulator? cloud)
    {
        (_dataCenter, _cloud) = (dataCenter, cloud);
        References.Secrets["bitbucket"] = new(
            StringComparer.Ordinal) { ["email"] = "bot@example.com", ["token"] = cloud is null ? "token-that-is-right" : "ATATT3x-right" };
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
        _passes = new OfflinePasses(
            References, cloud is null ? options : options with { CloudApiUrl = cloud.ApiUrl, CloudTokenUrl = cloud.TokenUrl }, _clock);
    }

    public MemoryReferences References { get; } = new();

    public BitbucketConnection Connection { get; }

    /// <summary>The one entry of spec.webhooks.</summary>
    public WebhookSpec Webhook { get; } = new() { Name = "ci", Url = "https://ci.example.com/hooks/bitbucket", Level = WebhookLevel.Repository };

    /// <summary>What was written beside the status.</summary>
    public PlayedInventories Inventories => _passes.Inventories;

    public FaultEngine Faults => _dataCenter?.Faults ?? _cloud!.Faults;

    public long WriteAttempts => _dataCenter?.Counters.WebhookWriteAttempts ?? _cloud!.Counters.WebhookWriteAttempts;

    public RequestLog Requests => _dataCenter?.Requests ?? _cloud!.Requests;

    /// <summary>Reads of webhooks and of their deliveries.</summary>
    public long WebhookReads => Requests.Counters.WebhookReads;

    /// <summary>The secret of every webhook on the server.</summary>
    public IReadOnlyList<string?> SecretsOnServer =>
        _dataCenter?.Read(w => w.Webhooks.Select(h => h.Secret).ToArray()) ?? _cloud!.Read(w => w.Webhooks.Select(h => h.Secret).ToArray());

    /// <summary>Where webhooks are, sorted: PROJECT/slug, project:KEY or workspace:SLUG.</summary>
    public string[] Where
    {
        get
        {
            var all = _dataCenter?.Read(w => w.Webhooks.Select(h => h.Owner is Project p ? $"project:{p.Key}" : ((Repository)h.Owner).Path).ToArray())
                ?? _cloud!.Read(w => w.Webhooks.Select(
                    h => h.Owner is CloudRepository r ? $"{r.Project.Key}/{r.Slug}" : $"workspace:{((CloudWorkspace)h.Owner).Slug}").ToArray());
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

    /// <summary>Told when a round of syncs ended, of which a pass has several where webhooks move.</summary>
    public Func<Task> Synced
    {
        set => _passes.Synced = value;
    }

    public Core.Port.IWriteGate Gate
    {
        set => _passes.Gate = value;
    }

    /// <summary>What is due after a time; the server is not read again before its interval.</summary>
    public Task<PassResult> PassAfterAsync(TimeSpan time) => PassAsync(time);

    /// <summary>One pass when the interval has passed, so that the server is read again; it must say what may be said.</summary>
    public Task<PassResult> PassAsync() => PassAsync(Connection.ToModel().Spec.Interval);

    /// <summary>One pass when spec.webhookInterval has passed, so that every webhook is read again.</summary>
    public Task<PassResult> VerifyAgainAsync() => PassAsync(Connection.ToModel().Spec.WebhookInterval);

    /// <summary>The first pass of a new process, which takes what status says for true, and how many reads of webhooks it costs.</summary>
    public async Task<(PassResult Pass, long Reads)> RestartedPassAsync()
    {
        _passes.Restart();
        var before = WebhookReads;
        var pass = await PassAsync();
        return (pass, WebhookReads - before);
    }

    /// <summary>A pass that ends as a killed process does, when so many writes of webhooks were begun; the next is that of a new process.</summary>
    public async Task KilledPassAsync(int writes)
    {
        var hang = Faults.Add(new Fault { Kind = FaultKind.Hang, Method = "POST,PUT,DELETE", Path = "/**hooks**", After = writes - 1 });
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _clock.Advance(Connection.ToModel().Spec.Interval);
        var pass = _passes.RunAsync(Connection, kill.Token);
        await Eventually.IsTrueAsync($"write {writes} of a pass", () => Faults.Hits(hang) > 0 || pass.IsCompleted);

        await kill.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(pass);
        Faults.Remove(hang);
        _passes.Restart();
    }

    public async ValueTask DisposeAsync()
    {
        await _passes.DisposeAsync();
        await (_dataCenter?.DisposeAsync() ?? _cloud!.DisposeAsync());
    }

    private async Task<PassResult> PassAsync(TimeSpan after)
    {
        _clock.Advance(after);
        var result = await _passes.RunAsync(Connection, TestContext.Current.CancellationToken);
        ConditionInvariants.Check(Connection, _clock.GetUtcNow());
        return result;
    }
}
