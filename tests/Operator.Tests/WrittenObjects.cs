using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BitbucketOperator.Operator.Tests;

/// <summary>
/// All objects that operators write, and every version of them as long as tests run: none may hold a secret of a test. What people write
/// themselves, such as the URL of a webhook, is not looked at.
/// </summary>
internal sealed class WrittenObjects : IAsyncDisposable
{
    private static readonly string[] Resources =
    [
        "apis/bitbucketoperator.dev/v1alpha1/{0}bitbucketconnections", "apis/bitbucketoperator.dev/v1alpha1/{0}bitbucketinventories",
        "api/v1/{0}events", "api/v1/{0}configmaps", "apis/coordination.k8s.io/v1/{0}leases",
    ];

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HttpClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _found = new();
    private readonly Task _watching;

    /// <summary>Begins to watch.</summary>
    public WrittenObjects(HttpClient client)
    {
        _client = client;
        _watching = Task.WhenAll(Resources.Select(r => WatchAsync($"{string.Format(null, r, "")}?watch=true")));
    }

    /// <summary>Looks at the objects of a namespace as they are now.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="others">Secrets without the mark.</param>
    /// <exception cref="SecretFoundException">One of them holds a secret.</exception>
    public async Task ShouldHoldNoSecretAsync(string ns, IReadOnlyCollection<string> others)
    {
        foreach (var resource in Resources)
        {
            using var answer = await _client.GetAsync(new Uri(string.Format(null, resource, $"namespaces/{ns}/"), UriKind.Relative));
            if (!answer.IsSuccessStatusCode)
            {
                continue;
            }

            foreach (var item in JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["items"]!.AsArray())
            {
                Marked.ShouldNotBeIn($"{resource} in {ns}", TextOf(item!.AsObject()), others);
            }
        }
    }

    /// <summary>To be asked at the end.</summary>
    /// <exception cref="SecretFoundException">A version of an object held a secret.</exception>
    public void ShouldHaveHeldNoSecret()
    {
        if (!_found.IsEmpty)
        {
            throw new SecretFoundException($"Secrets were written to the API server:\n{string.Join('\n', _found.Take(20))}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    // Again and again: a watch ends with its time, and with an API server that is restarted. It begins with all that is there.
    private Task<bool> WatchAsync(string path) => Eventually.IsTrueWithinAsync(TimeSpan.MaxValue, async () =>
    {
        try
        {
            using var answer = await _client.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, _stop.Token);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(_stop.Token));
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                Look(line);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            // The next one sees what was missed, unless it was overwritten meanwhile.
        }

        return _stop.IsCancellationRequested;
    });

    private void Look(string line)
    {
        if (Marked.Traces(line).Count == 0 || JsonNode.Parse(line)!["object"] is not JsonObject item)
        {
            return;
        }

        foreach (var trace in Marked.Traces(TextOf(item)))
        {
            _found.Enqueue($"{item["kind"]} {item["metadata"]?["namespace"]}/{item["metadata"]?["name"]}: {trace}");
        }
    }

    private static string TextOf(JsonObject item)
    {
        // People write a connection's spec, perhaps with kubectl apply, which repeats it in an annotation.
        if (item["kind"]?.GetValue<string>() is null or "BitbucketConnection" && item["spec"]?["auth"] is not null)
        {
            item.Remove("spec");
            (item["metadata"]?["annotations"] as JsonObject)?.Remove("kubectl.kubernetes.io/last-applied-configuration");
        }

        return item.ToJsonString(Readable);
    }
}
