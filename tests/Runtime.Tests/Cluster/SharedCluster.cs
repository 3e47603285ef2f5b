using System.Text;
using BitbucketOperator.ControlPlane;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Testing.Cluster;
using k8s;
using k8s.Models;

[assembly: CaptureConsole]

namespace BitbucketOperator.Runtime.Tests;

/// <summary>One API server for all tests that need one; they run one after the other, each in namespaces of its own.</summary>
[CollectionDefinition(Name)]
public sealed class SharedCluster : ICollectionFixture<SharedCluster>, IAsyncLifetime
{
    public const string Name = "cluster";

    private const string Crd = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: { name: widgets.test.example.com }
        spec:
          group: test.example.com
          scope: Namespaced
          names: { plural: widgets, singular: widget, kind: Widget, listKind: WidgetList }
          versions:
            - name: v1
              served: true
              storage: true
              subresources: { status: {} }
              schema:
                openAPIV3Schema:
                  type: object
                  properties:
                    spec: { type: object, x-kubernetes-preserve-unknown-fields: true }
                    status: { type: object, x-kubernetes-preserve-unknown-fields: true }
        """;

    private int _namespaces;
    private ApiServerClient? _own;

    internal ControlPlane.Cluster Cluster { get; private set; } = null!;

    /// <summary>KubernetesClient's own client: what the operator wrote is read with other code than its own.</summary>
    internal Kubernetes Client { get; private set; } = null!;

    internal KubernetesApi Api { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Cluster = await ControlPlane.Cluster.StartAsync();
        var config = KubernetesClientConfiguration.BuildConfigFromConfigFile(Cluster.KubeconfigPath);
        (config.SslCaCerts = []).ImportFromPem(Encoding.ASCII.GetString(Cluster.CaPem));
        Client = new Kubernetes(config);
        _own = ApiServerClient.Open(Cluster.KubeconfigPath);
        Api = new(_own, TimeProvider.System);
        await Cluster.ApplyAsync(Crd);
        (await Cluster.KubectlAsync("wait", "--for=condition=Established", "crd/widgets.test.example.com", "--timeout=180s")).EnsureSuccess();
    }

    /// <summary>A namespace that no other test uses.</summary>
    internal async Task<string> NamespaceAsync()
    {
        var name = $"test-{Interlocked.Increment(ref _namespaces)}-{Guid.NewGuid().ToString("N")[..6]}";
        await Client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new() { Name = name } });
        return name;
    }

    internal Task<FaultProxy> ProxyAsync() => FaultProxy.StartAsync(Cluster.Server, Cluster.CaPem, Cluster.AdminToken);

    internal Task<Widget> CreateAsync(string ns, string name, Action<Widget>? change = null)
    {
        var widget = new Widget { Metadata = new() { Name = name, NamespaceProperty = ns } };
        change?.Invoke(widget);
        return Api.CreateAsync(Given.Definition.CollectionPath(ns), widget, WidgetJson.Default.Widget, default);
    }

    internal Task<Widget?> FindAsync(EntityKey key) =>
        Api.FindAsync(Given.Definition.ObjectPath(key), WidgetJson.Default.Widget, default);

    internal Task<Widget> PatchAsync(EntityKey key, string json, string subresource = "") =>
        Api.MergePatchAsync(
            Given.Definition.ObjectPath(key) + subresource,
            (System.Text.Json.Nodes.JsonObject)System.Text.Json.Nodes.JsonNode.Parse(json)!,
            WidgetJson.Default.Widget,
            default);

    internal Task DeleteAsync(EntityKey key) =>
        Client.CustomObjects.DeleteNamespacedCustomObjectAsync("test.example.com", "v1", key.Namespace, "widgets", key.Name);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _own?.Dispose();
        await Cluster.DisposeAsync();
    }
}
