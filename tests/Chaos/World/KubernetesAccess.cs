using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.ControlPlane;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Chaos.World;

/// <summary>What people do with kubectl. They do it again until the API server, which may be down, has taken it.</summary>
internal sealed class KubernetesAccess(Cluster cluster) : IDisposable
{
    private const string Group = "apis/bitbucketoperator.dev/v1alpha1";
    private readonly HttpClient _client = cluster.CreateClient();

    public static string Connections(string ns) => $"{Group}/namespaces/{ns}/bitbucketconnections";

    public static string Secret(string ns, string name) => $"api/v1/namespaces/{ns}/secrets/{name}";

    /// <summary>Creates or replaces an object as kubectl apply --server-side does.</summary>
    public Task ApplyAsync(string path, JsonObject manifest) =>
        SendAsync(
            HttpMethod.Patch, $"{path}?fieldManager=chaos&force=true&fieldValidation=Strict", "application/apply-patch+yaml", manifest);

    public Task MergeAsync(string path, JsonObject patch) => SendAsync(HttpMethod.Patch, path, "application/merge-patch+json", patch);

    public Task DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, "application/json", body: null);

    public async Task<BitbucketConnection?> ConnectionAsync(string ns, string name)
    {
        var text = await SendAsync(HttpMethod.Get, $"{Connections(ns)}/{name}", "", body: null);
        return text is null ? null : JsonSerializer.Deserialize(text, ApiJsonContext.Default.BitbucketConnection);
    }

    /// <summary>All that people can read in a namespace of what the operator writes.</summary>
    public async Task<string> WrittenAsync(string ns)
    {
        string[] paths = [Connections(ns), $"{Group}/namespaces/{ns}/bitbucketinventories", $"api/v1/namespaces/{ns}/events"];
        return string.Join('\n', await Task.WhenAll(paths.Select(p => SendAsync(HttpMethod.Get, p, "", body: null))));
    }

    public void Dispose() => _client.Dispose();

    // Null where there is nothing, or no longer.
    private async Task<string?> SendAsync(HttpMethod method, string path, string type, JsonObject? body)
    {
        (HttpStatusCode? Status, string Text) answer = (null, "");
        await Eventually.IsTrueAsync(
            $"an answer of the API server to {method} {path}",
            async () => IsFinal(answer = await TryAsync(method, path, type, body)),
            () => answer.Text);
        return answer.Status switch
        {
            HttpStatusCode.NotFound => null,
            < HttpStatusCode.BadRequest => answer.Text,
            _ => throw new ClusterException($"{method} {path}: {answer.Status} {answer.Text}"),
        };
    }

    // A conflict is with the operator, or with a deletion that is under way. An API server that just started does not know the kind
    // yet; else it names what is not found.
    private static bool IsFinal((HttpStatusCode? Status, string Text) answer) => answer.Status switch
    {
        null or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => false,
        HttpStatusCode.NotFound => answer.Text.Contains("\"name\":", StringComparison.Ordinal),
        _ => true,
    };

    private async Task<(HttpStatusCode? Status, string Text)> TryAsync(HttpMethod method, string path, string type, JsonObject? body)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
            request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, type);
            using var patience = Eventually.Patience(TimeSpan.FromSeconds(30));
            using var response = await _client.SendAsync(request, patience.Token);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(patience.Token));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return (null, e.Message);
        }
    }
}
