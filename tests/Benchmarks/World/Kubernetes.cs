using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using BitbucketOperator.ControlPlane;

namespace BitbucketOperator.Benchmarks.World;

/// <summary>An administrator's access to the API server. Waits with watches, which cost the API server less than polling.</summary>
internal sealed class Kubernetes(Cluster cluster) : IDisposable
{
    private const string Group = "apis/bitbucketoperator.dev/v1alpha1";
    private readonly HttpClient _client = cluster.CreateClient();

    /// <summary>The path of the connections of a namespace, or of all.</summary>
    public static string Connections(string? ns = null) =>
        ns is null ? $"{Group}/bitbucketconnections" : $"{Group}/namespaces/{ns}/bitbucketconnections";

    public async Task<JsonNode?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await _client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        return answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Applies a manifest, as kubectl apply --server-side does.</summary>
    public async Task ApplyAsync(JsonObject manifest, CancellationToken cancellationToken)
    {
        var (name, ns) = ((string?)manifest["metadata"]!["name"], (string?)manifest["metadata"]!["namespace"]);
        var path = (string?)manifest["kind"] switch
        {
            "Namespace" => $"api/v1/namespaces/{name}",
            "Secret" => $"api/v1/namespaces/{ns}/secrets/{name}",
            "ConfigMap" => $"api/v1/namespaces/{ns}/configmaps/{name}",
            _ => $"{Connections(ns)}/{name}",
        };
        const string Query = "fieldManager=bench&force=true&fieldValidation=Strict";
        await PatchAsync($"{path}?{Query}", "application/apply-patch+yaml", manifest, cancellationToken);
    }

    /// <summary>Changes an object and returns it.</summary>
    public Task<JsonNode> MergeAsync(string path, JsonObject patch, CancellationToken cancellationToken) =>
        PatchAsync(path, "application/merge-patch+json", patch, cancellationToken);

    /// <summary>
    /// Waits until the objects of a collection, as they are and as they become, are so; false when the patience ends before.
    /// </summary>
    /// <param name="collection">Path of the collection.</param>
    /// <param name="reached">Is shown each object whenever it changes, and says whether the end is reached.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="cancellationToken">Ends the waiting with an exception.</param>
    public async Task<bool> WatchUntilAsync(
        string collection, Func<JsonNode, bool> reached, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = Eventually.Patience(patience, cancellationToken);
        try
        {
            while (true)
            {
                await foreach (var item in StatesAsync(collection, limit.Token))
                {
                    if (reached(item)) return true;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _client.Dispose();

    private async IAsyncEnumerable<JsonNode> StatesAsync(string collection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var separator = collection.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var list = (await ReadAsync(collection, cancellationToken))!;
        foreach (var item in list["items"]!.AsArray())
        {
            yield return item!;
        }

        var watch = new Uri($"{collection}{separator}watch=true&resourceVersion={list["metadata"]!["resourceVersion"]}", UriKind.Relative);
        using var answer = await _client.GetAsync(watch, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var reader = new StreamReader(await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            var change = JsonNode.Parse(line)!;
            if ((string?)change["type"] == "ERROR") yield break;
            yield return change["object"]!;
        }
    }

    private async Task<JsonNode> PatchAsync(string path, string type, JsonObject body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, type);
        using var answer = await _client.PatchAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {text}");
    }
}
