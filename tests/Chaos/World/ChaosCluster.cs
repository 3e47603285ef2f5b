using System.Text.RegularExpressions;
using BitbucketOperator.Testing.Cluster;

namespace BitbucketOperator.Chaos.World;

/// <summary>The control plane that all worlds share.</summary>
internal sealed partial class ChaosCluster : OperatorCluster
{
    private string _token = "";

    public KubernetesAccess Kubernetes { get; private set; } = null!;

    public static async Task<ChaosCluster> StartAsync()
    {
        var cluster = new ChaosCluster();
        await cluster.InitializeAsync();
        cluster.Kubernetes = new KubernetesAccess(cluster.Cluster);
        cluster._token = TokenLine().Match(await File.ReadAllTextAsync(cluster.OperatorKubeconfig)).Groups["token"].Value;
        return cluster;
    }

    /// <summary>A proxy with the rights of the operator.</summary>
    public Task<FaultProxy> ProxyAsync() => FaultProxy.StartAsync(Cluster.Server, Cluster.CaPem, _token);

    /// <summary>A kubeconfig for a replica behind a proxy, which has the credential.</summary>
    public async Task<string> WriteKubeconfigAsync(string name, Uri server)
    {
        var path = Path.Combine(Cluster.Directory, $"kubeconfig-{name}");
        await File.WriteAllTextAsync(path, $$"""
            apiVersion: v1
            kind: Config
            clusters: [{ name: proxy, cluster: { server: "{{server}}" } }]
            users: [{ name: operator, user: {} }]
            contexts: [{ name: proxy, context: { cluster: proxy, user: operator } }]
            current-context: proxy
            """);
        return path;
    }

    public override ValueTask DisposeAsync()
    {
        Kubernetes.Dispose();
        return base.DisposeAsync();
    }

    [GeneratedRegex(@"token: ""?(?<token>[^""\s]+)")]
    private static partial Regex TokenLine();
}
