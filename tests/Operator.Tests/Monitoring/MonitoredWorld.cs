using System.Text.Json.Nodes;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.ControlPlane;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests.Monitoring;

/// <summary>A connection to Data Center and one to Cloud, and operators that serve metrics.</summary>
internal sealed class MonitoredWorld : IAsyncDisposable
{
    public const string DataCenter = "platform";
    public const string Cloud = "acme";
    private readonly CloudSimulator _cloud;
    private readonly HttpClient _http = new();
    private readonly List<ReservedPort> _ports = [];

    private MonitoredWorld(Scenario scenario, CloudSimulator cloud) => (Scenario, _cloud) = (scenario, cloud);

    public Scenario Scenario { get; }

    /// <summary>Where the operators serve metrics, in the order of their start.</summary>
    public IReadOnlyList<string> Addresses => _ports.ConvertAll(p => p.ToString());

    public static Task<MonitoredWorld> StartAsync(ClusterFixture fixture, params string[] flags) => StartAsync(fixture, environment: null, flags);

    public static async Task<MonitoredWorld> StartAsync(ClusterFixture fixture, IReadOnlyDictionary<string, string>? environment, params string[] flags)
    {
        var cloud = await CloudSimulator.StartAsync(new CloudOptions { Tls = true, SeedFile = SourceTree.PathOf("tests", "Operator.Tests", "cloud.yaml") });
        var world = new MonitoredWorld(await Scenario.StartAsync(fixture, withOperator: false), cloud);
        try
        {
            await world.SetUpAsync(environment, flags);
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }

        return world;
    }

    public void StartOperator(params string[] flags)
    {
        _ports.Add(FreePorts.Reserve());
        Scenario.StartOperator(
            ["--cloud-api-url", _cloud.ApiUrl.ToString(), "--cloud-token-url", _cloud.TokenUrl.ToString(), "--metrics-bind-address", Addresses[^1], .. flags]);
    }

    /// <summary>What an operator tells now, without a secret in it.</summary>
    public async Task<string> ScrapeAsync(int index = 0)
    {
        var text = await _http.GetStringAsync(new Uri($"http://{Addresses[index]}/metrics"));
        Marked.ShouldNotBeIn("the metrics of an operator", text);
        return text;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Scenario.DisposeAsync();
        await _cloud.DisposeAsync();
        _ports.ForEach(p => p.Dispose());
    }

    private async Task SetUpAsync(IReadOnlyDictionary<string, string>? environment, string[] flags)
    {
        await Scenario.SetSecretAsync("bitbucket", ("email", "bot@example.com"), ("token", CloudScenario.ApiToken));
        await Scenario.SetConfigMapAsync("cloud-ca", "ca.crt", _cloud.CaPem);
        Scenario.Environment = environment;
        StartOperator(flags);
        await Scenario.ApplyAsync(spec => spec["auth"]!["expiresAt"] = DateTimeOffset.UtcNow.AddDays(40).ToString("yyyy-MM-ddTHH:mm:ssZ"));
        await Scenario.ApplyAsync(
            spec =>
            {
                spec["url"] = "https://bitbucket.org/acme";
                spec["auth"] = new JsonObject { ["type"] = "APIToken", ["secretRef"] = new JsonObject { ["name"] = "bitbucket" } };
                spec["tls"]!["caBundleRef"]!["name"] = "cloud-ca";
                spec["webhooks"]![0]!.AsObject().Remove("events");
            },
            Cloud);
        await Scenario.WaitReadyAsync(6);
        await Scenario.WaitAsync("Ready of the connection to Cloud", c => ClusterScenario.Is(c, ConditionTypes.Ready, ConditionState.True), Cloud);
    }
}
