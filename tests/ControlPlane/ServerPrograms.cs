using System.Security.Cryptography;

namespace BitbucketOperator.ControlPlane;

/// <summary>The programs of a served cluster and how to call them.</summary>
/// <param name="ApiServer">Path of the API server.</param>
/// <param name="Etcd">Path of etcd.</param>
/// <param name="IsKubernetes">Whether it is Kubernetes' own kube-apiserver.</param>
internal sealed record ServerPrograms(string ApiServer, string Etcd, bool IsKubernetes)
{
    /// <summary>Finds kube-apiserver and etcd, or builds the development API server unless the cache has it.</summary>
    public static async Task<ServerPrograms> FindAsync(ClusterKind kind, Action<string> log, CancellationToken cancellationToken)
    {
        if (kind == ClusterKind.Envtest)
        {
            var assets = Path.GetFullPath(Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") ?? "");
            return new(Path.Combine(assets, "kube-apiserver"), Path.Combine(assets, "etcd"), IsKubernetes: true);
        }
        var build = await Command.RunAsync("sh", [Cache.Script("build.sh")], onError: log, cancellationToken: cancellationToken);
        if (build.EnsureSuccess().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries) is not [var server, var etcd])
            throw new ClusterException($"build.sh printed no two paths: {build.Output}");
        return new(server, etcd, IsKubernetes: false);
    }

    /// <summary>etcd without fsync: twice as fast, and its data need not survive a power failure.</summary>
    public IReadOnlyList<string> EtcdCommand(string directory, ServedPorts ports) =>
    [
        Etcd,
        "--name", "development",
        "--data-dir", Path.Combine(directory, "etcd"),
        "--listen-client-urls", $"http://127.0.0.1:{ports.Etcd}",
        "--advertise-client-urls", $"http://127.0.0.1:{ports.Etcd}",
        "--listen-peer-urls", $"http://127.0.0.1:{ports.Peer}",
        "--initial-advertise-peer-urls", $"http://127.0.0.1:{ports.Peer}",
        "--initial-cluster", $"development=http://127.0.0.1:{ports.Peer}",
        "--unsafe-no-fsync",
        "--log-level", "warn",
    ];

    public IReadOnlyList<string> ApiServerCommand(string directory, ServedPorts ports)
    {
        string[] shared =
        [
            ApiServer,
            "--bind-address", "127.0.0.1",
            "--secure-port", $"{ports.ApiServer}",
            "--etcd-servers", $"http://127.0.0.1:{ports.Etcd}",
            "--token-auth-file", Path.Combine(directory, "tokens.csv"),
        ];
        if (!IsKubernetes)
            return [.. shared, "--data-dir", directory];

        var key = ServiceAccountKey(directory);
        return
        [
            .. shared,
            "--cert-dir", directory,
            "--authorization-mode", "RBAC",
            "--service-account-issuer", "https://kubernetes.default.svc",
            "--service-account-key-file", key,
            "--service-account-signing-key-file", key,
            "--service-cluster-ip-range", "10.0.0.0/24",
            // No controller runs that would make the default account, which this plug-in waits for.
            "--disable-admission-plugins", "ServiceAccount",
        ];
    }

    private static string ServiceAccountKey(string directory)
    {
        var path = Path.Combine(directory, "service-account.key");
        if (File.Exists(path))
            return path;
        using var key = RSA.Create(2048);
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(System.Text.Encoding.ASCII.GetBytes(key.ExportRSAPrivateKeyPem()));
        return path;
    }
}

/// <summary>The ports of a served cluster, on the loopback interface.</summary>
internal sealed record ServedPorts(int ApiServer, int Etcd, int Peer);
