namespace BitbucketOperator.ControlPlane;

/// <summary>A cluster of our own in Docker, laid out by config/k3d.yaml.</summary>
internal sealed class K3dCluster : Cluster
{
    private readonly string _name;
    private readonly ClusterOptions _options;

    private K3dCluster(string name, string directory, Tools tools, ClusterOptions options) : base(directory, tools)
    {
        _name = name;
        _options = options;
    }

    public override ClusterKind Kind => ClusterKind.K3d;

    /// <summary>Creates the cluster of this name, or takes and starts the one there is.</summary>
    public static async Task<K3dCluster> StartAsync(string name, string directory, Tools tools, ClusterOptions options, CancellationToken cancellationToken)
    {
        var cluster = new K3dCluster(name, directory, tools, options);
        try
        {
            var exists = await Command.RunAsync("k3d", ["cluster", "get", name], cancellationToken: cancellationToken);
            await cluster.K3dAsync(
                exists.ExitCode == 0 ? ["cluster", "start", name] : ["cluster", "create", name, "--config", Cache.Script("k3d.yaml")], cancellationToken);
            var kubeconfig = await cluster.K3dAsync(["kubeconfig", "get", name], cancellationToken);
            await Kubeconfig.WritePrivateAsync(cluster.KubeconfigPath, kubeconfig.Output, cancellationToken);
            var view = await cluster.KubectlAsync(["config", "view", "--raw", "--minify", "--flatten", "-o", "json"], input: null, cancellationToken);
            (cluster.Server, cluster.CaPem, _) = Kubeconfig.Read(view.EnsureSuccess().Output);
            cluster.AdminToken = await AdminAccount.IssueTokenAsync(cluster, cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Deletes the cluster of this name, if there is one.</summary>
    public static async Task DeleteAsync(string name, Action<string> log, CancellationToken cancellationToken)
    {
        var result = await Command.RunAsync("k3d", ["cluster", "delete", name], onError: log, cancellationToken: cancellationToken);
        result.EnsureSuccess();
    }

    // The API server is one process with its datastore here, so the whole node stops.
    private protected override async Task StopServerAsync(bool abruptly, CancellationToken cancellationToken)
    {
        if (!abruptly)
        {
            await K3dAsync(["cluster", "stop", _name], cancellationToken);
            return;
        }
        var kill = await Command.RunAsync("docker", ["kill", $"k3d-{_name}-server-0"], cancellationToken: cancellationToken);
        kill.EnsureSuccess();
    }

    private protected override Task StartServerAsync(CancellationToken cancellationToken) =>
        K3dAsync(["cluster", "start", _name], cancellationToken);

    private protected override Task ReleaseAsync() => DeleteAsync(_name, _options.Log, CancellationToken.None);

    private async Task<CommandResult> K3dAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await Command.RunAsync("k3d", arguments, onError: _options.Log, cancellationToken: cancellationToken);
        return result.EnsureSuccess();
    }
}
