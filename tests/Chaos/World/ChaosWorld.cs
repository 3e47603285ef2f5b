using System.Text;
using System.Text.Json.Nodes;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing.Cluster;
using BitbucketOperator.Testing.Servers;

namespace BitbucketOperator.Chaos.World;

/// <summary>A namespace with three connections, the servers that they are for, and two replicas that share a Lease.</summary>
internal sealed class ChaosWorld : IAsyncDisposable
{
    public const int Replicas = 2;
    private const int PageSize = 2;
    private readonly ChaosCluster _cluster;
    private readonly List<string> _log = [];

    // What is written is what is wanted then: of two edits at once the later one stays.
    private readonly SemaphoreSlim _editing = new(1, 1);

    private ChaosWorld(ChaosCluster cluster, string ns, PlayedDataCenter dataCenter, PlayedCloud cloud)
    {
        (_cluster, Namespace, Servers) = (cluster, ns, [dataCenter, cloud]);
        Connections =
        [
            new(dataCenter, "repos", isAuto: false),
            new(dataCenter, "projects", isAuto: true),
            new(cloud, "cloud", isAuto: false),
        ];
    }

    public string Namespace { get; }

    public IReadOnlyList<PlayedServer> Servers { get; }

    public IReadOnlyList<PlayedConnection> Connections { get; }

    public List<Replica> ReplicaList { get; } = [];

    /// <summary>Webhooks of other people, by id: nobody may touch them.</summary>
    public Dictionary<string, Hook> Foreign { get; } = new(StringComparer.Ordinal);

    /// <summary>Webhooks of ours on what the account could not see for a while: they may stay where none must be any more.</summary>
    public HashSet<string> Unseen { get; } = new(StringComparer.Ordinal);

    /// <summary>What happened, for people.</summary>
    public string Log
    {
        get
        {
            lock (_log) return string.Join('\n', _log);
        }
    }

    public static async Task<ChaosWorld> StartAsync(ChaosCluster cluster)
    {
        var world = new ChaosWorld(
            cluster,
            await cluster.NewNamespaceAsync(),
            await PlayedDataCenter.StartAsync(PageSize, TimeProvider.System),
            await PlayedCloud.StartAsync(PageSize, TimeProvider.System));
        try
        {
            world.Populate();
            await world.CreateObjectsAsync();
            await world.StartReplicasAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    public void Note(string text)
    {
        lock (_log) _log.Add($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {text}");
    }

    public Task WriteHookSecretAsync(PlayedConnection connection) =>
        WriteSecretAsync(connection.HookSecretName, () => new JsonObject { ["secret"] = connection.HookSecret });

    public Task WriteCredentialAsync(PlayedConnection connection) =>
        WriteSecretAsync(connection.CredentialSecretName, connection.CredentialData);

    public Task DeleteSecretAsync(string name) => _cluster.Kubernetes.DeleteAsync(KubernetesAccess.Secret(Namespace, name));

    /// <summary>Applies a connection as it is wanted, unless it is deleted at the moment.</summary>
    public Task ApplyAsync(PlayedConnection connection) => EditAsync(() => connection.Deleted
        ? Task.CompletedTask
        : _cluster.Kubernetes.ApplyAsync(PathOf(connection), new JsonObject
        {
            ["apiVersion"] = "bitbucketoperator.dev/v1alpha1",
            ["kind"] = "BitbucketConnection",
            ["metadata"] = Meta(connection.Name),
            ["spec"] = connection.Spec(),
        }));

    public Task DeleteAsync(PlayedConnection connection) => EditAsync(() => _cluster.Kubernetes.DeleteAsync(PathOf(connection)));

    /// <summary>Ends the suspension of one that is being deleted: its webhooks stay until then.</summary>
    public Task ReleaseAsync(PlayedConnection connection) =>
        _cluster.Kubernetes.MergeAsync(PathOf(connection), new JsonObject { ["spec"] = new JsonObject { ["suspend"] = false } });

    /// <summary>Asks for a reconcile at once, as people do.</summary>
    public Task RequestAsync(PlayedConnection connection, string request)
    {
        var annotations = new JsonObject { [Annotations.RequestedAt] = request };
        return _cluster.Kubernetes.MergeAsync(
            PathOf(connection), new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } });
    }

    public Task<BitbucketConnection?> ReadAsync(PlayedConnection connection) =>
        _cluster.Kubernetes.ConnectionAsync(Namespace, connection.Name);

    /// <summary>The webhooks of a server that are not <see cref="Foreign"/>.</summary>
    public IReadOnlyList<Hook> OursOn(PlayedServer server) => [.. server.Hooks.Where(h => !Foreign.ContainsKey(h.Id))];

    public Task<string> WrittenAsync() => _cluster.Kubernetes.WrittenAsync(Namespace);

    /// <summary>How often anybody tried to write a webhook.</summary>
    public long WriteAttempts => Servers.Sum(s => s.Counters.WebhookWriteAttempts);

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in ReplicaList)
        {
            await replica.DisposeAsync();
        }

        foreach (var server in Servers)
        {
            await server.DisposeAsync();
        }

        _editing.Dispose();
    }

    private void Populate()
    {
        foreach (var server in Servers)
        {
            foreach (var project in new[] { "PLAT", "TOOLS" })
            {
                server.AddProject(project);
            }

            foreach (var slug in new[] { "api", "web" })
            {
                server.AddRepository("PLAT", slug, archived: false, fork: false);
            }

            foreach (var slug in PlayedConnection.KeptSlugs)
            {
                server.AddRepository("TOOLS", slug, archived: false, fork: false);
            }

            foreach (var scope in server.ProjectLevel)
            {
                server.SetManagesAbove(scope, manages: true);
            }

            server.GrantAll();
        }
    }

    private async Task CreateObjectsAsync()
    {
        foreach (var connection in Connections)
        {
            await WriteCredentialAsync(connection);
            await WriteHookSecretAsync(connection);
            await ApplyAsync(connection);
        }
    }

    private async Task StartReplicasAsync()
    {
        var cloud = Servers.OfType<PlayedCloud>().Single();
        string[] flags = ["--allow-http", "--cloud-api-url", cloud.ApiUrl.ToString(), "--cloud-token-url", cloud.TokenUrl.ToString()];
        for (var i = 0; i < Replicas; i++)
        {
            var proxy = await _cluster.ProxyAsync();
            var kubeconfig = await _cluster.WriteKubeconfigAsync($"{Namespace}-{i}", proxy.Address);
            ReplicaList.Add(new Replica(kubeconfig, Namespace, proxy, flags));
            ReplicaList[i].Decide(_ => null);
            ReplicaList[i].EnsureRunning();
        }
    }

    private async Task EditAsync(Func<Task> edit)
    {
        await _editing.WaitAsync();
        try
        {
            await edit();
        }
        finally
        {
            _editing.Release();
        }
    }

    private Task WriteSecretAsync(string name, Func<JsonObject> data) => EditAsync(() =>
        _cluster.Kubernetes.ApplyAsync(KubernetesAccess.Secret(Namespace, name), new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = Meta(name),
            ["data"] = new JsonObject(data().Select(d => KeyValuePair.Create<string, JsonNode?>(d.Key, Base64($"{d.Value}")))),
        }));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private string PathOf(PlayedConnection connection) => $"{KubernetesAccess.Connections(Namespace)}/{connection.Name}";

    private JsonObject Meta(string name) => new() { ["name"] = name, ["namespace"] = Namespace };
}
