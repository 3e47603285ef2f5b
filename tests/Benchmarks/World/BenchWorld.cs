using System.Text.Json.Nodes;
using BitbucketOperator.ControlPlane;

namespace BitbucketOperator.Benchmarks.World;

/// <summary>One row's API server, Bitbucket servers and operators. Every row has its own, so that rows leave each other nothing.</summary>
internal sealed class BenchWorld : IAsyncDisposable
{
    private const string SystemNamespace = "bitbucket-operator-system";
    private readonly Cluster _cluster;
    private readonly string _binary;
    private readonly string _directory;
    private readonly string _kubeconfig;
    private readonly Action<string> _say;
    private readonly List<IAsyncDisposable> _processes = [];
    private int _operators;

    private BenchWorld(Cluster cluster, string kubeconfig, string binary, string directory, Action<string> say)
    {
        (_cluster, _kubeconfig, _binary, _directory, _say) = (cluster, kubeconfig, binary, directory, say);
        Kubernetes = new Kubernetes(cluster);
    }

    public Kubernetes Kubernetes { get; }

    /// <summary>Starts the API server with the definitions and the operator's rights as config/ has them.</summary>
    /// <param name="binary">The operator.</param>
    /// <param name="directory">Where logs go.</param>
    /// <param name="say">Shows a line of progress.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<BenchWorld> StartAsync(
        string binary, string directory, Action<string> say, CancellationToken cancellationToken)
    {
        // What an earlier run printed must not be taken for what this one says.
        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
        Directory.CreateDirectory(directory);
        var cluster = await Cluster.StartAsync(new ClusterOptions { Log = _ => { } }, cancellationToken);
        try
        {
            if (!cluster.IsOurs) throw new CannotRunException("it needs an API server of its own: unset CLUSTER=current");
            string Config(string name) => SourceTree.PathOf("config", name);
            var applied = await cluster.KubectlAsync(
                "apply", "-f", Path.Combine(Config("rbac"), "namespace.yaml"), "-f", Config("crd"), "-f", Config("rbac"));
            applied.EnsureSuccess();
            var kubeconfig = await cluster.WriteKubeconfigForServiceAccountAsync(SystemNamespace, "bitbucket-operator", cancellationToken);
            return new BenchWorld(cluster, kubeconfig, binary, directory, say);
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public void Say(string line) => _say(line);

    public async Task<SimulatorProcess> StartBitbucketAsync(
        JsonObject seed, CancellationToken cancellationToken, bool cloud = false, string name = "bitbucket")
    {
        var simulator = await SimulatorProcess.StartAsync(_directory, name, seed, cloud, cancellationToken);
        _processes.Add(simulator);
        return simulator;
    }

    /// <summary>A server that accepts no connection; see <see cref="BlackHole"/>.</summary>
    public async Task<BlackHole> StartBlackHoleAsync(CancellationToken cancellationToken)
    {
        var hole = await BlackHole.StartAsync(cancellationToken);
        _processes.Add(hole);
        return hole;
    }

    public OperatorProcess StartOperator(params string[] flags)
    {
        var process = OperatorProcess.Start(_binary, _kubeconfig, Path.Combine(_directory, $"operator-{++_operators}.log"), flags);
        _processes.Add(process);
        return process;
    }

    /// <summary>Starts an operator and waits until it leads, so that its start is in no measurement.</summary>
    public async Task<OperatorProcess> StartLeaderAsync(CancellationToken cancellationToken, params string[] flags)
    {
        var process = StartOperator(flags);
        await UntilItLeadsAsync(process, cancellationToken);
        return process;
    }

    public Task UntilItLeadsAsync(OperatorProcess process, CancellationToken cancellationToken) => Eventually.IsTrueAsync(
        "an operator that leads",
        async () => process.HasExited
            ? throw new InvalidOperationException($"the operator ended early, see {Path.GetFileName(_directory)}/operator-{_operators}.log")
            : await LeaderAsync(cancellationToken) is { Length: > 0 },
        cancellationToken: cancellationToken);

    /// <summary>Who holds the Lease; null while nobody does.</summary>
    public async Task<string?> LeaderAsync(CancellationToken cancellationToken)
    {
        const string Lease = $"apis/coordination.k8s.io/v1/namespaces/{SystemNamespace}/leases/bitbucket-operator";
        return (string?)(await Kubernetes.ReadAsync(Lease, cancellationToken))?["spec"]?["holderIdentity"];
    }

    /// <summary>Successful writes to the API server so far, Leases left out.</summary>
    public Task<long> ApiWritesAsync(CancellationToken cancellationToken) => _cluster.CountWritesAsync(null, cancellationToken);

    /// <summary>The same by resource, most first: what to look at when there are many.</summary>
    public async Task<string> ApiWritesByResourceAsync(CancellationToken cancellationToken) => string.Join(
        ", ",
        (await _cluster.ReadWritesAsync(cancellationToken)).OrderByDescending(write => write.Count)
            .Select(write => $"{write.Count} {write.Verb} {write.Resource}{(write.Subresource.Length > 0 ? "/" : "")}{write.Subresource}"));

    public async ValueTask DisposeAsync()
    {
        // Operators were started last and end first.
        foreach (var process in Enumerable.Reverse(_processes))
        {
            await process.DisposeAsync();
        }

        Kubernetes.Dispose();
        await _cluster.DisposeAsync();
    }
}

/// <summary>A row cannot run here; the message says why.</summary>
internal sealed class CannotRunException(string message) : Exception(message);
