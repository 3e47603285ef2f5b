using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace BitbucketOperator.ControlPlane;

/// <summary>A Kubernetes API server for tests, with an administrator's access to it. Dispose it to stop what was started for it.</summary>
public abstract class Cluster : IAsyncDisposable
{
    private readonly List<RequestCount> _writesBeforeRestart = [];
    private readonly Tools _tools;

    private protected Cluster(string directory, Tools tools)
    {
        Directory = directory;
        _tools = tools;
    }

    /// <summary>What kind of cluster it is.</summary>
    public abstract ClusterKind Kind { get; }

    /// <summary>Whether its API server may be stopped. A test that has to stop it is skipped on a cluster that is not ours.</summary>
    public virtual bool IsOurs => true;

    /// <summary>Whether the storage below the API server, etcd, can be killed by itself.</summary>
    public virtual bool HasStorage => false;

    /// <summary>Folder of this cluster's files, logs among them.</summary>
    public string Directory { get; }

    /// <summary>Kubeconfig file of the administrator.</summary>
    public string KubeconfigPath => Path.Combine(Directory, "kubeconfig");

    /// <summary>Path of a kubectl of a pinned version.</summary>
    public string KubectlPath => _tools.Kubectl;

    /// <summary>Path of helm, or null where it could not be fetched.</summary>
    public string? HelmPath => _tools.Helm;

    /// <summary>Address of the API server.</summary>
    public Uri Server { get; private protected set; } = null!;

    /// <summary>The certificates (PEM) to trust the API server by.</summary>
    public byte[] CaPem { get; private protected set; } = [];

    /// <summary>Bearer token of the administrator.</summary>
    public string AdminToken { get; private protected set; } = "";

    /// <summary>Chooses a cluster, starts it where needed, and returns when it is ready. The first call on a machine may build for minutes.</summary>
    /// <exception cref="ClusterException">It did not come up; the message ends with the tail of its logs.</exception>
    public static async Task<Cluster> StartAsync(ClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ClusterOptions();
        var choice = options.Kind is { } kind
            ? new ClusterChoice(kind, "asked for")
            : ClusterChoice.Of(await ClusterSurroundings.ObserveAsync(cancellationToken));
        options.Log($"cluster: {choice.Kind} ({choice.Reason})");

        var tools = await Tools.EnsureAsync(options.Log, cancellationToken);
        var directory = System.IO.Directory.CreateTempSubdirectory("bitbucket-operator-").FullName;
        return choice.Kind switch
        {
            ClusterKind.Current => await CurrentCluster.OpenAsync(directory, tools, cancellationToken),
            ClusterKind.K3d =>
                await K3dCluster.StartAsync($"bbo-{Environment.ProcessId}-{Path.GetExtension(directory)[1..]}", directory, tools, options, cancellationToken),
            _ => await ServedCluster.StartAsync(choice.Kind, directory, tools, options, cancellationToken),
        };
    }

    /// <summary>Stops the API server and keeps its data.</summary>
    /// <param name="abruptly">Kill it instead of asking it to stop.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="NotSupportedException">The cluster is not ours.</exception>
    public async Task StopApiServerAsync(bool abruptly = false, CancellationToken cancellationToken = default)
    {
        _writesBeforeRestart.AddRange(RequestMetrics.WritesIn(await MetricsAsync(cancellationToken)));
        await StopServerAsync(abruptly, cancellationToken);
    }

    /// <summary>Starts the API server again at the same address and returns when it is ready. Its data, certificate and tokens are what they were.</summary>
    /// <exception cref="NotSupportedException">The cluster is not ours.</exception>
    public Task StartApiServerAsync(CancellationToken cancellationToken = default) => StartServerAsync(cancellationToken);

    /// <summary>Stops the API server and starts it again.</summary>
    /// <exception cref="NotSupportedException">The cluster is not ours.</exception>
    public async Task RestartApiServerAsync(bool abruptly = false, CancellationToken cancellationToken = default)
    {
        await StopApiServerAsync(abruptly, cancellationToken);
        await StartApiServerAsync(cancellationToken);
    }

    /// <summary>Kills the storage below the API server, etcd, and keeps its data. The API server goes on without, or ends.</summary>
    /// <exception cref="NotSupportedException">There is none by itself, see <see cref="HasStorage"/>.</exception>
    public Task KillStorageAsync(CancellationToken cancellationToken = default) => StopStorageAsync(cancellationToken);

    /// <summary>Starts the storage again, and the API server where that has ended; returns when both are ready.</summary>
    /// <exception cref="NotSupportedException">There is none by itself, see <see cref="HasStorage"/>.</exception>
    public Task StartStorageAsync(CancellationToken cancellationToken = default) => StartStorageAgainAsync(cancellationToken);

    /// <summary>Number of successful writes so far, leases left out, over restarts made through this class.</summary>
    /// <param name="resource">Plural name to count alone, such as <c>secrets</c>; its subresources count too. Null for all.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<long> CountWritesAsync(string? resource = null, CancellationToken cancellationToken = default)
    {
        var writes = await ReadWritesAsync(cancellationToken);
        return writes.Where(write => resource is null || write.Resource == resource).Sum(write => write.Count);
    }

    /// <summary>The successful writes so far by verb and resource, leases left out: what to show when a count is not as expected.</summary>
    public async Task<IReadOnlyList<RequestCount>> ReadWritesAsync(CancellationToken cancellationToken = default)
    {
        var now = RequestMetrics.WritesIn(await MetricsAsync(cancellationToken));
        return [.. _writesBeforeRestart.Concat(now)
            .GroupBy(write => write with { Count = 0 })
            .Select(group => group.Key with { Count = group.Sum(write => write.Count) })
            .OrderBy(write => write.Resource, StringComparer.Ordinal).ThenBy(write => write.Verb, StringComparer.Ordinal)];
    }

    /// <summary>Issues a token for a service account that exists, valid for a day, and writes a kubeconfig file that uses it.</summary>
    /// <param name="ns">Namespace of the account, and the file's default namespace.</param>
    /// <param name="name">Name of the account.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Path of the file, readable by its owner alone.</returns>
    public async Task<string> WriteKubeconfigForServiceAccountAsync(string ns, string name, CancellationToken cancellationToken = default)
    {
        var token = await KubectlAsync(["create", "token", name, "--namespace", ns, "--duration", "24h"], input: null, cancellationToken);
        var path = Path.Combine(Directory, $"kubeconfig-{ns}-{name}");
        await Kubeconfig.WriteAsync(path, Server, CaPem, name, token.EnsureSuccess().Output.Trim(), ns, cancellationToken);
        return path;
    }

    /// <summary>A client of the API server that trusts its certificate. Its requests have no time-out, so that it can watch.</summary>
    /// <param name="token">Bearer token; null for the administrator's.</param>
    public HttpClient CreateClient(string? token = null)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(Encoding.ASCII.GetString(CaPem));
        var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } };
        var client = new HttpClient(handler) { BaseAddress = Server, Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token ?? AdminToken);
        return client;
    }

    /// <summary>Runs kubectl as the administrator. Look at the result: a failure does not throw.</summary>
    public Task<CommandResult> KubectlAsync(params string[] arguments) => KubectlAsync(arguments, input: null);

    /// <summary>Runs kubectl as the administrator with text on its standard input. Look at the result: a failure does not throw.</summary>
    public Task<CommandResult> KubectlAsync(IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken = default)
    {
        // Discovery is cached by address, which another cluster may have had before.
        string[] own = ["--kubeconfig", KubeconfigPath, "--cache-dir", Path.Combine(Directory, "kubectl-cache")];
        return Command.RunAsync(KubectlPath, [.. own, .. arguments], input, cancellationToken: cancellationToken);
    }

    /// <summary>Runs helm as the administrator. Look at the result: a failure does not throw.</summary>
    public Task<CommandResult> HelmAsync(params string[] arguments) => _tools.HelmAsync(["--kubeconfig", KubeconfigPath, .. arguments]);

    /// <summary>Applies manifests as the administrator.</summary>
    /// <exception cref="ClusterException">kubectl failed; the message is its own.</exception>
    public async Task ApplyAsync(string manifests, CancellationToken cancellationToken = default)
    {
        var result = await KubectlAsync(["apply", "-f", "-"], manifests, cancellationToken);
        result.EnsureSuccess();
    }

    /// <summary>Stops what was started for this cluster and deletes its files.</summary>
    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync();
        if (System.IO.Directory.Exists(Directory))
            System.IO.Directory.Delete(Directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected virtual Task StopServerAsync(bool abruptly, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"A {Kind} cluster is not ours to stop.");

    private protected virtual Task StartServerAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException($"A {Kind} cluster is not ours to start.");

    private protected virtual Task StopStorageAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException($"The storage of a {Kind} cluster cannot be stopped alone.");

    private protected virtual Task StartStorageAgainAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException($"The storage of a {Kind} cluster cannot be started alone.");

    private protected abstract Task ReleaseAsync();

    private async Task<string> MetricsAsync(CancellationToken cancellationToken)
    {
        var metrics = await KubectlAsync(["get", "--raw", "/metrics"], input: null, cancellationToken);
        return metrics.EnsureSuccess().Output;
    }
}
