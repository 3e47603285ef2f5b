[assembly: AssemblyFixture(typeof(BitbucketOperator.Operator.Tests.ClusterFixture))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.All, MaxThreads = 3)]

namespace BitbucketOperator.Operator.Tests;

/// <summary>One API server for all tests of this program, with the definition and the operator's rights as config/ has them.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private const string Account = "bitbucket-operator";
    private const string SystemNamespace = "bitbucket-operator-system";
    private int _namespaces;

    public ControlPlane.Cluster Cluster { get; private set; } = null!;

    /// <summary>A kubeconfig with the operator's own rights and no more.</summary>
    public string OperatorKubeconfig { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Cluster = await ControlPlane.Cluster.StartAsync();
        await KubectlAsync("apply", "-f", SourceTree.PathOf("config", "rbac", "namespace.yaml"), "-f", SourceTree.PathOf("config", "crd"), "-f", SourceTree.PathOf("config", "rbac"));
        OperatorKubeconfig = await Cluster.WriteKubeconfigForServiceAccountAsync(SystemNamespace, Account);
    }

    public async Task<string> NewNamespaceAsync()
    {
        var name = $"test-{Interlocked.Increment(ref _namespaces)}";
        await KubectlAsync("create", "namespace", name);
        return name;
    }

    public Task DeleteLeaseAsync(string name) => KubectlAsync("delete", "lease", name, "--namespace", SystemNamespace);

    public async Task<string> KubectlAsync(params string[] arguments) => (await Cluster.KubectlAsync(arguments)).EnsureSuccess().Output;

    public async Task ApplyAsync(string yaml) => (await Cluster.KubectlAsync(["apply", "-f", "-"], yaml)).EnsureSuccess();

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
