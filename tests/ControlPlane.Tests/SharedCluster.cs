[assembly: AssemblyFixture(typeof(BitbucketOperator.ControlPlane.Tests.SharedCluster))]

namespace BitbucketOperator.ControlPlane.Tests;

/// <summary>One development cluster for all tests that leave it running.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    public Cluster Cluster { get; private set; } = null!;

    /// <summary>A namespace of the test's own.</summary>
    public async Task<string> CreateNamespaceAsync()
    {
        var name = $"test-{Guid.NewGuid():N}"[..20];
        (await Cluster.KubectlAsync("create", "namespace", name)).EnsureSuccess();
        return name;
    }

    public async ValueTask InitializeAsync()
    {
        Cluster = await Cluster.StartAsync(new ClusterOptions { Kind = ClusterKind.Development });
        await Cluster.ApplyAsync(Widgets.Definition);
        (await Cluster.KubectlAsync("wait", "--for=condition=Established", "crd/widgets.example.test", "--timeout=180s")).EnsureSuccess();
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}

/// <summary>A custom resource to test with.</summary>
internal static class Widgets
{
    public const string Definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: { name: widgets.example.test }
        spec:
          group: example.test
          scope: Namespaced
          names: { kind: Widget, plural: widgets, singular: widget }
          versions:
            - name: v1
              served: true
              storage: true
              subresources: { status: {} }
              schema:
                openAPIV3Schema:
                  type: object
                  properties:
                    spec:
                      type: object
                      required: [size]
                      properties:
                        size: { type: integer, maximum: 10 }
                        colour: { type: string, default: green }
                      x-kubernetes-validations:
                        - rule: self.colour != 'pink' || self.size > 3
                          message: a pink widget needs a size above 3
                    status:
                      type: object
                      properties: { ready: { type: boolean } }
        """;

    public static string Named(string name, string ns, int size = 1, string extra = "") => $$"""
        apiVersion: example.test/v1
        kind: Widget
        metadata: { name: {{name}}, namespace: {{ns}} }
        spec: { size: {{size}}{{extra}} }
        """;

    public static string PathIn(string ns) => $"/apis/example.test/v1/namespaces/{ns}/widgets";
}
