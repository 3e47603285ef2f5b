namespace BitbucketOperator.ControlPlane;

/// <summary>A cluster in a folder that outlives the command that started it.</summary>
internal sealed class BackgroundCluster(string directory, Action<string> log)
{
    private const string K3dName = "bitbucket-operator";

    private string KindFile => Path.Combine(directory, "kind");

    private string Kubeconfig => Path.Combine(directory, "kubeconfig");

    /// <summary>Starts the cluster, or what is not running of it. Keeps the kind that the folder has.</summary>
    /// <returns>Path of the kubeconfig file.</returns>
    public async Task<string> UpAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var held = await Cache.LockAsync(Path.Combine(directory, "lock"), cancellationToken);
        if (Remembered is { } kind)
        {
            var running = kind is ClusterKind.Current or ClusterKind.K3d || ServedCluster.IsRunning(directory);
            log($"cluster: {kind} {(running ? "is already up in" : "was not running, starting it again with the data in")} {directory}");
        }
        else
        {
            var choice = ClusterChoice.Of(await ClusterSurroundings.ObserveAsync(cancellationToken));
            log($"cluster: {choice.Kind} ({choice.Reason})");
            kind = choice.Kind;
            await File.WriteAllTextAsync(KindFile, kind.ToString(), cancellationToken);
        }
        await StartAsync(kind, cancellationToken);
        return Kubeconfig;
    }

    /// <summary>Stops the cluster and deletes its folder. Does nothing when there is none.</summary>
    public async Task DownAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(directory))
        {
            log($"cluster: none in {directory}");
            return;
        }
        using var held = await Cache.LockAsync(Path.Combine(directory, "lock"), cancellationToken);
        if (Remembered == ClusterKind.K3d)
            await K3dCluster.DeleteAsync(K3dName, log, cancellationToken);
        await ServedCluster.StopAllAsync(directory);
        Directory.Delete(directory, recursive: true);
        log($"cluster: gone from {directory}");
    }

    private ClusterKind? Remembered =>
        File.Exists(KindFile) && Enum.TryParse<ClusterKind>(File.ReadAllText(KindFile), out var kind) ? kind : null;

    private async Task StartAsync(ClusterKind kind, CancellationToken cancellationToken)
    {
        var tools = await Tools.EnsureAsync(log, cancellationToken);
        var options = new ClusterOptions { Log = log };
        // The cluster objects are not disposed: that would end what is to go on.
        Cluster cluster = kind switch
        {
            ClusterKind.Current => await CurrentCluster.OpenAsync(directory, tools, cancellationToken),
            ClusterKind.K3d => await K3dCluster.StartAsync(K3dName, directory, tools, options, cancellationToken),
            _ => await ServedCluster.StartAsync(kind, directory, tools, options, outlive: true, cancellationToken),
        };
        log($"cluster: ready at {cluster.Server}");
    }
}
