using System.Net.Http.Headers;
using System.Text;
using BitbucketOperator.ControlPlane;

[assembly: AssemblyFixture(typeof(BitbucketOperator.Manifests.Tests.ClusterFixture))]

namespace BitbucketOperator.Manifests.Tests;

/// <summary>One API server that has the definition, to be asked what it would say. It is started by the first test that asks.</summary>
public sealed class ClusterFixture : IAsyncDisposable
{
    private const string Collection = "apis/bitbucketoperator.dev/v1alpha1/namespaces/default/bitbucketconnections";

    private readonly Lazy<Task<Asked>> _asked = new(StartAsync);

    /// <summary>Runs kubectl with a text on its standard input.</summary>
    internal async Task<CommandResult> KubectlAsync(string input, params string[] arguments) =>
        await (await _asked.Value).Cluster.KubectlAsync(arguments, input);

    /// <summary>What kubectl apply would say of manifests.</summary>
    internal async Task<ServerAnswer> ApplyAsync(string manifests) =>
        ServerAnswer.OfKubectl(await KubectlAsync(manifests, "apply", "--dry-run=server", "-f", "-"));

    /// <summary>What the API server would say of a connection in JSON.</summary>
    internal async Task<ServerAnswer> CreateAsync(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await (await _asked.Value).Client.PostAsync(new Uri($"{Collection}?dryRun=All&fieldValidation=Strict", UriKind.Relative), content);
        return ServerAnswer.OfResponse(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_asked.IsValueCreated)
        {
            var asked = await _asked.Value;
            asked.Client.Dispose();
            await asked.Cluster.DisposeAsync();
        }
    }

    private static async Task<Asked> StartAsync()
    {
        var cluster = await ControlPlane.Cluster.StartAsync();
        await cluster.ApplyAsync(Given.DefinitionText);
        (await cluster.KubectlAsync("wait", "--for=condition=Established", "crd/bitbucketconnections.bitbucketoperator.dev", "--timeout=180s")).EnsureSuccess();
        await cluster.ApplyAsync("{ apiVersion: v1, kind: Namespace, metadata: { name: ci } }");
        return new Asked(cluster, cluster.CreateClient());
    }

    private sealed record Asked(ControlPlane.Cluster Cluster, HttpClient Client);
}
