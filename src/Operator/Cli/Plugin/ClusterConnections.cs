using BitbucketOperator.Runtime.Kubeconfig;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using BitbucketOperator.Cli.Settings;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Cli.Plugin;

/// <summary>The connections of a cluster, as the user of a kubeconfig may see them.</summary>
internal sealed class ClusterConnections : IDisposable
{
    private const string FallbackNamespace = "default";
    private readonly ApiServerClient _client;
    private readonly KubernetesApi _api;

    private ClusterConnections(ApiServerClient client, string @namespace)
    {
        _client = client;
        _api = new KubernetesApi(client, TimeProvider.System);
        Namespace = @namespace;
        References = new ClusterReferences(_api);
    }

    /// <summary>Where names are looked for.</summary>
    public string Namespace { get; }

    /// <summary>The cluster's Secrets and ConfigMaps.</summary>
    public IReferenceSource References { get; }

    /// <summary>Opens a cluster; sends nothing yet.</summary>
    /// <exception cref="PluginException">There is no such kubeconfig or context.</exception>
    public static ClusterConnections Open(string? kubeconfig, string? context, string? @namespace)
    {
        try
        {
            var client = ApiServerClient.Open(kubeconfig, context, $"kubectl-bitbucket/{Versions.Product}");
            return new ClusterConnections(client, @namespace ?? client.Namespace ?? FallbackNamespace);
        }
        catch (KubeconfigException error)
        {
            throw new PluginException(ExitCodes.BadInput, $"kubeconfig: {error.Message}");
        }
    }

    /// <summary>The connection of this name in <see cref="Namespace"/>.</summary>
    /// <exception cref="PluginException">There is none.</exception>
    public async Task<BitbucketConnection> ReadAsync(string name, CancellationToken cancellationToken) =>
        await _api.FindAsync(PathOf(name), ApiJsonContext.Default.BitbucketConnection, cancellationToken)
        ?? throw new PluginException(
            ExitCodes.NotHealthy,
            $"there is no BitbucketConnection {Namespace}/{name}, or the cluster does not know the kind: "
            + "kubectl get bitbucketconnections --all-namespaces lists them");

    /// <summary>All of them, sorted.</summary>
    public async Task<IReadOnlyList<BitbucketConnection>> ListAsync(bool allNamespaces, CancellationToken cancellationToken)
    {
        var path = ResourcePath.Collection(
            BitbucketConnection.Group, BitbucketConnection.Version, allNamespaces ? null : Namespace, BitbucketConnection.Plural);
        var list = await _api.FindAsync(path, PluginJson.Default.JsonObject, cancellationToken)
            ?? throw new PluginException(
                ExitCodes.NotHealthy, "the cluster does not know the kind BitbucketConnection: install the operator first");
        var connections = list["items"]!.AsArray().Select(item => item.Deserialize(ApiJsonContext.Default.BitbucketConnection)!);
        return
        [
            .. connections
                .OrderBy(c => c.Metadata.NamespaceProperty, StringComparer.Ordinal).ThenBy(c => c.Metadata.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Changes one field by a merge patch.</summary>
    public Task<BitbucketConnection> PatchAsync(string name, JsonObject patch, CancellationToken cancellationToken) =>
        _api.MergePatchAsync(PathOf(name), patch, ApiJsonContext.Default.BitbucketConnection, cancellationToken);

    /// <summary>Whose a connection's webhooks are: as its status says, else as a new operator of this cluster would mark them.</summary>
    public async Task<WebhookOwner> OwnerOfAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.Known.OwnerId is { } id
            ? new WebhookOwner(id, connection.Namespace, connection.Name)
            : await new ClusterIdentity(_api, name: null).OwnerOfAsync(connection, cancellationToken);

    public void Dispose() => _client.Dispose();

    private string PathOf(string name) =>
        ResourcePath.Object(BitbucketConnection.Group, BitbucketConnection.Version, Namespace, BitbucketConnection.Plural, name);
}

/// <summary>JSON of what the plugin alone reads.</summary>
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class PluginJson : JsonSerializerContext;
