using System.Text.RegularExpressions;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Testing;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Operator.Tests.Credentials;

/// <summary>A case set up: a played Bitbucket of the right flavour, the manifests, and the operator's own pass without a cluster.</summary>
internal sealed partial class MatrixWorld : IAsyncDisposable
{
    private const string DataCenterPlace = "https://bitbucket.example.com";
    private readonly FileReferences _references;
    private readonly OfflinePasses _passes;
    private readonly Simulator? _dataCenter;
    private readonly CloudSimulator? _cloud;
    private readonly string _authority;

    private MatrixWorld(string manifests, Simulator? dataCenter, CloudSimulator? cloud)
    {
        (_dataCenter, _cloud) = (dataCenter, cloud);
        _authority = dataCenter?.BaseUrl.Authority ?? cloud!.ApiUrl.Authority;
        var text = manifests
            .Replace(DataCenterPlace, dataCenter?.BaseUrl.AbsoluteUri.TrimEnd('/') ?? "", StringComparison.Ordinal)
            .Replace("CA_OF_THE_SERVER", (dataCenter?.CaPem ?? cloud!.CaPem).ReplaceLineEndings("\\n"), StringComparison.Ordinal);
        var documents = Yaml.Documents(text);
        Connection = Yaml.ToConnection(documents.Single(d => FileReferences.Text(d, "kind") == BitbucketConnection.KindName));
        _references = new FileReferences(documents);
        var options = new BitbucketOptions
        {
            AllowedHosts = ["*", "127.0.0.1"],
            MaxRetries = 0,
            CloudApiUrl = cloud?.ApiUrl ?? new BitbucketOptions().CloudApiUrl,
            CloudTokenUrl = cloud?.TokenUrl ?? new BitbucketOptions().CloudTokenUrl,
        };
        _passes = new OfflinePasses(_references, options, Clock);
    }

    public BitbucketConnection Connection { get; }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    public IEnumerable<string> Secrets => _references.SecretValues;

    public long WriteAttempts => _dataCenter?.Counters.WebhookWriteAttempts ?? _cloud!.Counters.WebhookWriteAttempts;

    public static async Task<MatrixWorld> StartAsync(string folder)
    {
        var manifests = await File.ReadAllTextAsync(Path.Combine(folder, "connection.yaml"));
        var situation = Situation.Read(folder);
        var seeds = Path.Combine(folder, "..", "..", "Seeds");
        var isCloud = Path.GetFileName(folder).StartsWith("cloud", StringComparison.Ordinal);
        var dataCenter = isCloud ? null : await Simulator.StartAsync(new SimulatorOptions { Tls = true, SeedFile = Path.Combine(seeds, "data-center.yaml") });
        var cloud = isCloud ? await CloudSimulator.StartAsync(new CloudOptions { Tls = true, SeedFile = Path.Combine(seeds, "cloud.yaml") }) : null;
        var world = new MatrixWorld(manifests, dataCenter, cloud);
        foreach (var fault in situation.Faults)
        {
            (dataCenter?.Faults ?? cloud!.Faults).Add(fault.ToFault());
        }

        if (situation.Down)
        {
            await world.StopServersAsync();
        }

        return world;
    }

    /// <summary>One pass, and the connection's status brought up to date with what came of it.</summary>
    public Task<PassResult> PassAsync() => _passes.RunAsync(Connection, TestContext.Current.CancellationToken);

    /// <summary>The interval passes, so that the server is read again.</summary>
    public void Wait() => Clock.Advance(Connection.ToModel().Spec.Interval);

    /// <summary>The text with names in place of what differs from run to run.</summary>
    public string WithoutPlaces(string text) => Port().Replace(text.Replace(_authority, "SERVER", StringComparison.Ordinal), "127.0.0.1:PORT");

    public async ValueTask DisposeAsync()
    {
        await _passes.DisposeAsync();
        await StopServersAsync();
    }

    private async Task StopServersAsync()
    {
        if (_dataCenter is not null)
        {
            await _dataCenter.DisposeAsync();
        }

        if (_cloud is not null)
        {
            await _cloud.DisposeAsync();
        }
    }

    [GeneratedRegex(@"127\.0\.0\.1:\d+")]
    private static partial Regex Port();
}
