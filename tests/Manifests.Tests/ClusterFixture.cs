using System.Net.Http.Headers;
using System.Text;
using BitbucketOperator.Manifests.Schemas;

[assembly: AssemblyFixture(typeof(BitbucketOperator.Manifests.Tests.ClusterFixture))]

namespace BitbucketOperator.Manifests.Tests;

/// <summary>One API server that has the definition, to be asked what it would say.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private const string Collection = "apis/bitbucketoperator.dev/v1alpha1/namespaces/default/bitbucketconnections";

    private HttpClient _client = null!;

    internal ControlPlane.Cluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Cluster = await ControlPlane.Cluster.StartAsync();
        using var definition = new StreamReader(typeof(SchemaValidator).Assembly.GetManifestResourceStream("crd.yaml")!);
        await Cluster.ApplyAsync(await definition.ReadToEndAsync());
        (await Cluster.KubectlAsync("wait", "--for=condition=Established", "crd/bitbucketconnections.bitbucketoperator.dev", "--timeout=30s")).EnsureSuccess();
        (await Cluster.KubectlAsync("create", "namespace", "ci")).EnsureSuccess();
        _client = Cluster.CreateClient();
    }

    /// <summary>What kubectl apply would say of manifests.</summary>
    internal async Task<ServerAnswer> ApplyAsync(string manifests) =>
        ServerAnswer.OfKubectl(await Cluster.KubectlAsync(["apply", "--dry-run=server", "-f", "-"], manifests));

    /// <summary>What the API server would say of a connection in JSON.</summary>
    internal async Task<ServerAnswer> CreateAsync(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await _client.PostAsync(new Uri($"{Collection}?dryRun=All&fieldValidation=Strict", UriKind.Relative), content);
        return ServerAnswer.OfResponse(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await Cluster.DisposeAsync();
    }
}
