namespace BitbucketOperator.ControlPlane;

/// <summary>The ways to come by a Kubernetes API server.</summary>
public enum ClusterKind
{
    /// <summary>The cluster that <c>KUBECONFIG</c> names. It is used, never started, stopped or deleted.</summary>
    Current,

    /// <summary>A k3d cluster of our own, in Docker.</summary>
    K3d,

    /// <summary>kube-apiserver and etcd from the folder that <c>KUBEBUILDER_ASSETS</c> names.</summary>
    Envtest,

    /// <summary>The development API server of this project, with Debian's etcd.</summary>
    Development,
}

/// <summary>What the choice of a cluster depends on.</summary>
/// <param name="Cluster">The variable <c>CLUSTER</c>: <c>current</c>, <c>k3d</c>, <c>envtest</c>, <c>development</c>, or nothing to choose by what is
/// there.</param>
/// <param name="Kubeconfig">The variable <c>KUBECONFIG</c>.</param>
/// <param name="K3dOnPath">Whether k3d can be run.</param>
/// <param name="DockerAnswers">Whether <c>docker info</c> reached a daemon.</param>
/// <param name="Assets">The variable <c>KUBEBUILDER_ASSETS</c>.</param>
/// <param name="AssetsComplete">Whether that folder holds both kube-apiserver and etcd.</param>
internal sealed record ClusterSurroundings(
    string? Cluster = null,
    string? Kubeconfig = null,
    bool K3dOnPath = false,
    bool DockerAnswers = false,
    string? Assets = null,
    bool AssetsComplete = false)
{
    public static async Task<ClusterSurroundings> ObserveAsync(CancellationToken cancellationToken)
    {
        var assets = Variable("KUBEBUILDER_ASSETS");
        var k3d = Command.OnPath("k3d");
        return new ClusterSurroundings(
            Variable("CLUSTER"),
            Variable("KUBECONFIG"),
            k3d,
            k3d && await DockerAnswersAsync(cancellationToken),
            assets,
            assets is not null && File.Exists(Path.Combine(assets, "kube-apiserver")) && File.Exists(Path.Combine(assets, "etcd")));
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    /// <summary>A daemon that hangs counts as none after half a minute.</summary>
    private static async Task<bool> DockerAnswersAsync(CancellationToken cancellationToken)
    {
        using var deadline = Eventually.Patience(TimeSpan.FromSeconds(30), cancellationToken);
        try
        {
            var info = await Command.RunAsync("docker", ["info", "--format", "{{.ServerVersion}}"], cancellationToken: deadline.Token);
            return info.ExitCode == 0;
        }
        catch (Exception e) when (e is OperationCanceledException or System.ComponentModel.Win32Exception && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}

/// <summary>Which kind of cluster to use, and why.</summary>
internal sealed record ClusterChoice(ClusterKind Kind, string Reason)
{
    /// <summary>Decides from the surroundings alone. A cluster that was asked for but cannot be had is an error, never replaced by another.</summary>
    /// <exception cref="ClusterException">The cluster asked for cannot be had.</exception>
    public static ClusterChoice Of(ClusterSurroundings around) => around.Cluster switch
    {
        null => Best(around),
        "current" when around.Kubeconfig is null => throw new ClusterException("CLUSTER=current needs KUBECONFIG to name the kubeconfig file."),
        "current" => new(ClusterKind.Current, $"CLUSTER=current, KUBECONFIG is {around.Kubeconfig}"),
        "k3d" when !around.K3dOnPath => throw new ClusterException("CLUSTER=k3d needs k3d on PATH."),
        "k3d" when !around.DockerAnswers => throw new ClusterException("CLUSTER=k3d needs a Docker daemon, and docker info got no answer."),
        "k3d" => new(ClusterKind.K3d, "CLUSTER=k3d"),
        "envtest" when !around.AssetsComplete =>
            throw new ClusterException("CLUSTER=envtest needs KUBEBUILDER_ASSETS to name a folder with kube-apiserver and etcd."),
        "envtest" => new(ClusterKind.Envtest, "CLUSTER=envtest"),
        "development" => new(ClusterKind.Development, "CLUSTER=development"),
        var other => throw new ClusterException($"CLUSTER={other} is unknown: use current, k3d, envtest or development, or leave it unset."),
    };

    private static ClusterChoice Best(ClusterSurroundings around)
    {
        if (around.K3dOnPath && around.DockerAnswers)
            return new(ClusterKind.K3d, "Docker answers and k3d is on PATH");
        if (around.AssetsComplete)
            return new(ClusterKind.Envtest, $"KUBEBUILDER_ASSETS is {around.Assets}");

        var docker = around.K3dOnPath ? "Docker does not answer" : "k3d is not on PATH";
        var assets = around.Assets is null ? "KUBEBUILDER_ASSETS is not set" : $"{around.Assets} lacks kube-apiserver or etcd";
        return new(ClusterKind.Development, $"{docker}, {assets}");
    }
}
