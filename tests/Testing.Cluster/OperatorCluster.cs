using BitbucketOperator.ControlPlane;
using System.Text.Json.Nodes;

namespace BitbucketOperator.Testing.Cluster;

/// <summary>An API server with the definition and the operator's rights as config/ has them. Dispose it to stop what was started for it.</summary>
public class OperatorCluster : IAsyncDisposable
{
    private const string Account = "bitbucket-operator";
    private const string SystemNamespace = "bitbucket-operator-system";
    private readonly string _run = Guid.NewGuid().ToString("N")[..6];
    private HttpClient _client = null!;
    private int _namespaces;

    public ControlPlane.Cluster Cluster { get; private set; } = null!;

    /// <summary>A kubeconfig with the operator's own rights and no more.</summary>
    public string OperatorKubeconfig { get; private set; } = "";

    /// <summary>Starts it, and gives the operator its rights.</summary>
    public async ValueTask InitializeAsync()
    {
        Cluster = await ControlPlane.Cluster.StartAsync();
        _client = Cluster.CreateClient();
        await KubectlAsync("apply", "-f", SourceTree.PathOf("config", "rbac", "namespace.yaml"), "-f", SourceTree.PathOf(
            "config", "crd"), "-f", SourceTree.PathOf("config", "rbac"));
        await LetItMakeSecretsAsync();
        OperatorKubeconfig = await Cluster.WriteKubeconfigForServiceAccountAsync(SystemNamespace, Account);
    }

    /// <summary>Whether the API server heeds admission policies; the development API server does not.</summary>
    public async Task<bool> HasPoliciesAsync() => await ReadAsync("apis/admissionregistration.k8s.io/v1") is not null;

    // The component of config/ for webhooks with generateSecret.
    private async Task LetItMakeSecretsAsync()
    {
        var all = await File.ReadAllTextAsync(SourceTree.PathOf("config", "components", "generate-secret", "generate_secret.yaml"));
        var taken = await HasPoliciesAsync() ? [all] : all.Split("---\n").Where(d => d.Contains("rbac.authorization.k8s.io/", StringComparison.Ordinal));
        (await Cluster.KubectlAsync(["apply", "-f", "-"], string.Join("---\n", taken))).EnsureSuccess();
    }

    /// <summary>A kubeconfig with the operator's rights but for some verbs on a resource.</summary>
    public async Task<string> KubeconfigWithoutAsync(string resource, params string[] verbs)
    {
        var name = $"{Account}-without-{resource}-{string.Join('-', verbs)}-{_run}";
        var role = JsonNode.Parse((await ReadAsync($"apis/rbac.authorization.k8s.io/v1/clusterroles/{Account}"))!)!.AsObject();
        foreach (var rule in role["rules"]!.AsArray().Where(r => r!["resources"]!.AsArray().Any(x => x!.GetValue<string>() == resource)))
        {
            rule!["verbs"] = new JsonArray([.. rule["verbs"]!.AsArray().Select(v => v!.GetValue<string>()).Except(verbs).Select(v => (JsonNode)v)]);
        }

        role["metadata"] = new JsonObject { ["name"] = name };
        await ApplyAsync(role.ToJsonString());
        await KubectlAsync("create", "serviceaccount", name, "--namespace", SystemNamespace);
        await KubectlAsync("create", "clusterrolebinding", name, $"--clusterrole={name}", $"--serviceaccount={SystemNamespace}:{name}");
        await KubectlAsync(
            "create", "rolebinding", name, $"--role={Account}-leader-election", $"--serviceaccount={SystemNamespace}:{name}", "--namespace", SystemNamespace);
        return await Cluster.WriteKubeconfigForServiceAccountAsync(SystemNamespace, name);
    }

    /// <summary>Makes a namespace that nobody else uses.</summary>
    public async Task<string> NewNamespaceAsync()
    {
        // A cluster that is not ours may have those of another run.
        var name = $"test-{_run}-{Interlocked.Increment(ref _namespaces)}";
        await ApplyAsync(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } }.ToJsonString());
        return name;
    }

    /// <summary>What the API server has at a path; null where there is nothing. kubectl would take a third of a second of a processor.</summary>
    public async Task<string?> ReadAsync(string path)
    {
        string? text = null;

        // An API server that just came back asks for patience.
        await Eventually.IsTrueAsync($"an answer of the API server other than 429 at {path}", async () =>
        {
            using var answer = await _client.GetAsync(new Uri(path, UriKind.Relative));
            if (answer.StatusCode == System.Net.HttpStatusCode.TooManyRequests)
            {
                return false;
            }

            text = answer.StatusCode == System.Net.HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
            return true;
        });
        return text;
    }

    public Task DeleteLeaseAsync(string name) => KubectlAsync("delete", "lease", name, "--namespace", SystemNamespace);

    public async Task<string> KubectlAsync(params string[] arguments) => (await Cluster.KubectlAsync(arguments)).EnsureSuccess().Output;

    /// <summary>Applies a manifest in JSON, as kubectl apply --server-side does.</summary>
    public async Task ApplyAsync(string json)
    {
        var manifest = JsonNode.Parse(json)!;
        var (name, ns) = (manifest["metadata"]!["name"]!.GetValue<string>(), manifest["metadata"]!["namespace"]?.GetValue<string>());
        var path = manifest["kind"]!.GetValue<string>() switch
        {
            "Namespace" => $"api/v1/namespaces/{name}",
            "Secret" => $"api/v1/namespaces/{ns}/secrets/{name}",
            "ClusterRole" => $"apis/rbac.authorization.k8s.io/v1/clusterroles/{name}",
            "ConfigMap" => $"api/v1/namespaces/{ns}/configmaps/{name}",
            _ => $"{Connections(ns!)}/{name}",
        };
        await PatchAsync($"{path}?fieldManager=tests&force=true&fieldValidation=Strict", "application/apply-patch+yaml", json);
    }

    /// <summary>Sets an annotation.</summary>
    public Task AnnotateAsync(string path, string key, string value) => PatchAsync(
        path, "application/merge-patch+json",
        new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [key] = value } } }.ToJsonString());

    /// <summary>Merges JSON into a status, as an operator does.</summary>
    public Task PatchStatusAsync(string path, JsonNode status) => PatchAsync(
        $"{path}/status", "application/merge-patch+json", new JsonObject { ["status"] = status.DeepClone() }.ToJsonString());

    /// <summary>The path of the connections of a namespace.</summary>
    public static string Connections(string ns) => $"apis/bitbucketoperator.dev/v1alpha1/namespaces/{ns}/bitbucketconnections";

    private async Task PatchAsync(string path, string type, string json)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, type);
        using var answer = await _client.PatchAsync(new Uri(path, UriKind.Relative), content);
        if (!answer.IsSuccessStatusCode)
        {
            throw new ClusterException($"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
