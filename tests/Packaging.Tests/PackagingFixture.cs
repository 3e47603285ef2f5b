using BitbucketOperator.ControlPlane;
using BitbucketOperator.Core.Api.V1Alpha1;

[assembly: AssemblyFixture(typeof(BitbucketOperator.Packaging.Tests.PackagingFixture))]
// Releases share the definition, which is one for the whole cluster.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace BitbucketOperator.Packaging.Tests;

/// <summary>One API server for all tests of this program, empty at the start.</summary>
public sealed class PackagingFixture : IAsyncLifetime
{
    private readonly string _run = Guid.NewGuid().ToString("N")[..6];
    private int _namespaces;

    public ControlPlane.Cluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await ControlPlane.Cluster.StartAsync();

    public async Task<string> NewNamespaceAsync(string name = "packaging")
    {
        // A cluster that is not ours may have those of another run.
        name = $"{name}-{_run}-{Interlocked.Increment(ref _namespaces)}";
        await KubectlAsync("create", "namespace", name);
        return name;
    }

    public async Task<string> KubectlAsync(params string[] arguments) => (await Cluster.KubectlAsync(arguments)).EnsureSuccess().Output;

    public async Task<string> HelmAsync(params string[] arguments) => (await Cluster.HelmAsync(arguments)).EnsureSuccess().Output;

    /// <summary>Deletes the definitions with all connections, for which no operator is there to take their finalizers off.</summary>
    public async Task DeleteDefinitionAsync()
    {
        string[] definitions = ["bitbucketconnections.bitbucketoperator.dev", "bitbucketinventories.bitbucketoperator.dev"];
        if ((await Cluster.KubectlAsync("get", "crd", definitions[0])).ExitCode == 0)
        {
            await TakeFinalizersOffAsync();
        }

        await KubectlAsync(["delete", "crd", .. definitions, "--ignore-not-found", "--timeout=180s"]);
    }

    public async Task ApplyAsync(string manifests, string? ns = null) =>
        (await Cluster.KubectlAsync(["apply", .. ns is null ? (string[])[] : ["--namespace", ns], "-f", "-"], manifests)).EnsureSuccess();

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    private async Task TakeFinalizersOffAsync()
    {
        var connections = await KubectlAsync(
            "get", "bitbucketconnections", "--all-namespaces", "-o", "jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{\"\\n\"}{end}");
        foreach (var connection in connections.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (ns, name) = (connection.Split(' ')[0], connection.Split(' ')[1]);
            await KubectlAsync("patch", "bitbucketconnection", name, "--namespace", ns, "--type", "merge", "--patch", """{"metadata":{"finalizers":null}}""");
        }
    }
}
