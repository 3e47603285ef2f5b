using BitbucketOperator.Testing.Cluster;
using BitbucketOperator.Operator.Tests;

namespace BitbucketOperator.Cli.Tests;

/// <summary>kubectl with the plugin on its PATH, as a person has them who installed the binary under both its names.</summary>
internal sealed class PluginWorld : IDisposable
{
    private readonly ClusterFixture _fixture;
    private readonly string _folder = Directory.CreateTempSubdirectory("plugin-").FullName;

    public PluginWorld(ClusterFixture fixture)
    {
        _fixture = fixture;
        File.CreateSymbolicLink(Path.Combine(_folder, "kubectl-bitbucket"), OperatorProcess.Binary);
    }

    public string Plugin => Path.Combine(_folder, "kubectl-bitbucket");

    public string Folder => _folder;

    /// <summary>The environment of a person at a terminal.</summary>
    public Dictionary<string, string?> Environment => new(StringComparer.Ordinal)
    {
        ["KUBECONFIG"] = _fixture.Cluster.KubeconfigPath,
        ["PATH"] = $"{_folder}:{System.Environment.GetEnvironmentVariable("PATH")}",
        ["KUBERNETES_SERVICE_HOST"] = null,
    };

    /// <summary>kubectl bitbucket with arguments.</summary>
    public Task<Said> KubectlAsync(params string[] arguments) =>
        Shell.RunAsync(_fixture.Cluster.KubectlPath, ["bitbucket", .. arguments], environment: Environment);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
