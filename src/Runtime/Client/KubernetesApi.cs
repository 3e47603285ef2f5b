using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace BitbucketOperator.Runtime.Client;

/// <summary>
/// Requests to the API server for any type with source-generated JSON.
/// Every call has a time-out of 30 s; 429 is repeated as the server asks, up to five times. Errors come as
/// <see cref="KubernetesApiException"/>, lost connections as <see cref="HttpRequestException"/>, time-outs as
/// <see cref="TimeoutException"/>; a write that the fence does not let through as <see cref="NotLeadingException"/>.
/// </summary>
/// <param name="client">The connection.</param>
/// <param name="clock">For time-outs and pauses.</param>
/// <param name="fence">Asked before every write; null where there is no leader.</param>
public sealed class KubernetesApi(ApiServerClient client, TimeProvider clock, IWriteFence? fence = null)
{
    private const int MaxAttempts = 5;
    private const int PageSize = 500;
    private const string AnyJson = "application/json";
    private const string MetadataListOnly = $"{AnyJson};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{AnyJson}";
    private const string MetadataOnly = $"{AnyJson};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,{AnyJson}";
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromSeconds(10);

    /// <summary>Reads one object; null when it does not exist.</summary>
    public async Task<T?> FindAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await SendAsync(HttpMethod.Get, path, body: null, type, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>The resourceVersion of each object of a collection in a namespace, by name; the server sends no more than metadata.</summary>
    /// <param name="path">The collection.</param>
    /// <param name="labelSelector">Which of its objects.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyDictionary<string, string>> ListVersionsAsync(
        string path, string labelSelector, CancellationToken cancellationToken)
    {
        var versions = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var metadata in ListMetadataAsync(path, labelSelector, cancellationToken))
        {
            versions[metadata?.Name ?? ""] = metadata?.ResourceVersion ?? "";
        }

        return versions;
    }

    /// <summary>
    /// The objects of a collection that have a finalizer, as NAMESPACE/NAME; the server sends no more than metadata. None where it
    /// does not know the kind.
    /// </summary>
    /// <param name="path">The collection.</param>
    /// <param name="labelSelector">Which of its objects; null or empty: all.</param>
    /// <param name="finalizer">The finalizer.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<string>> ListWithFinalizerAsync(
        string path, string? labelSelector, string finalizer, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        try
        {
            await foreach (var metadata in ListMetadataAsync(path, labelSelector ?? "", cancellationToken))
            {
                if (metadata?.Finalizers?.Contains(finalizer) == true)
                {
                    found.Add($"{metadata.Namespace}/{metadata.Name}");
                }
            }
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return [];
        }

        return found;
    }

    private async IAsyncEnumerable<PartialMetadata?> ListMetadataAsync(
        string path, string labelSelector, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var page = $"{path}?labelSelector={Uri.EscapeDataString(labelSelector)}&limit={PageSize}";
        var next = "";
        do
        {
            var list = await SendAsync(
                HttpMethod.Get, page + next, body: null, RuntimeJson.Default.PartialList, cancellationToken, MetadataListOnly);
            foreach (var item in list.Items ?? [])
            {
                yield return item.Metadata;
            }

            next = list.Metadata?.Continue is { Length: > 0 } token ? $"&continue={Uri.EscapeDataString(token)}" : null;
        }
        while (next is not null);
    }

    /// <summary>Creates an object in the collection at <paramref name="path"/>; returns what was stored.</summary>
    public Task<T> CreateAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, Json(JsonSerializer.SerializeToUtf8Bytes(body, type)), type, cancellationToken);

    /// <summary>Replaces the object at <paramref name="path"/>; its resourceVersion, if set, must still be current.</summary>
    public Task<T> ReplaceAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, path, Json(JsonSerializer.SerializeToUtf8Bytes(body, type)), type, cancellationToken);

    /// <summary>As <see cref="CreateAsync"/>, but returns the resourceVersion alone, and has the server send no more.</summary>
    public Task<string> CreateReturningVersionAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendForVersionAsync(HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(body, type), cancellationToken);

    /// <summary>As <see cref="ReplaceAsync"/>, but returns the resourceVersion alone, and has the server send no more.</summary>
    public Task<string> ReplaceReturningVersionAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendForVersionAsync(HttpMethod.Put, path, JsonSerializer.SerializeToUtf8Bytes(body, type), cancellationToken);

    /// <summary>Applies an RFC 7386 merge patch; returns what was stored.</summary>
    public Task<T> MergePatchAsync<T>(string path, JsonObject patch, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, path, Json(Bytes(patch), "application/merge-patch+json"), type, cancellationToken);

    /// <summary>Deletes an object in the background; what depends on it goes later.</summary>
    public Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, path, body: null, RuntimeJson.Default.StatusBody, cancellationToken);

    /// <summary>Opens a GET and returns once the headers are there; the caller reads the body and disposes the response.</summary>
    internal async Task<HttpResponseMessage> OpenAsync(string path, string accept, CancellationToken cancellationToken)
    {
        using var request = await RequestAsync(HttpMethod.Get, path, content: null, accept, cancellationToken);
        using var timeout = new CancellationTokenSource(RequestTimeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var response = await client.SendAsync(request, linked.Token);
            await ThrowIfErrorAsync(response, linked.Token);
            return response;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No answer from the API server {client.Name} within {RequestTimeout.TotalSeconds:0} s: GET {path}", e);
        }
    }

    private async Task<string> SendForVersionAsync(HttpMethod method, string path, byte[] body, CancellationToken cancellationToken)
    {
        var stored = await SendAsync(method, path, Json(body), RuntimeJson.Default.PartialObject, cancellationToken, MetadataOnly);
        return stored.Metadata?.ResourceVersion ?? throw new JsonException($"The API server {client.Name} answered without metadata: {method} {path}");
    }

    private async Task<T> SendAsync<T>(
        HttpMethod method, string path, Payload? body, JsonTypeInfo<T> type, CancellationToken cancellationToken, string accept = AnyJson)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await SendOnceAsync(method, path, body, type, accept, cancellationToken);
            }
            catch (KubernetesApiException e) when (e.StatusCode == HttpStatusCode.TooManyRequests && attempt < MaxAttempts)
            {
                var wait = e.RetryAfter ?? TimeSpan.FromSeconds(1);
                await Task.Delay(wait < MaxRetryAfter ? wait : MaxRetryAfter, clock, cancellationToken);
            }
        }
    }

    private async Task<T> SendOnceAsync<T>(
        HttpMethod method, string path, Payload? body, JsonTypeInfo<T> type, string accept, CancellationToken cancellationToken)
    {
        using var content = ContentOf(method, body);
        using var request = await RequestAsync(method, path, content, accept, cancellationToken);
        using var timeout = new CancellationTokenSource(RequestTimeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        // Here as well as when the body leaves: no connection is kept waiting for the fence.
        if (method != HttpMethod.Get && fence is not null && !await fence.MayWriteAsync(cancellationToken))
        {
            throw new NotLeadingException();
        }

        try
        {
            using var response = await client.SendAsync(request, linked.Token);
            await ThrowIfErrorAsync(response, linked.Token);
            await using var stream = await response.Content.ReadAsStreamAsync(linked.Token);
            return await JsonSerializer.DeserializeAsync(stream, type, linked.Token) ?? throw new JsonException("the answer is null");
        }
        catch (JsonException e)
        {
            throw new JsonException($"The API server {client.Name} answered what cannot be read: {method} {path}: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No answer from the API server {client.Name} within {RequestTimeout.TotalSeconds:0} s: {method} {path}", e);
        }
    }

    private HttpContent? ContentOf(HttpMethod method, Payload? body)
    {
        HttpContent? content = method != HttpMethod.Get && fence is not null ? new FencedContent(body?.Bytes ?? [], fence)
            : body is not null ? new ByteArrayContent(body.Bytes) : null;
        content?.Headers.ContentType = body is null ? null : new MediaTypeHeaderValue(body.MediaType);
        return content;
    }

    private async Task<HttpRequestMessage> RequestAsync(
        HttpMethod method, string path, HttpContent? content, string accept, CancellationToken cancellationToken)
    {
        var root = client.Server.AbsoluteUri;
        var request = new HttpRequestMessage(method, new Uri(root.EndsWith('/') ? root + path : $"{root}/{path}"))
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        await client.AuthorizeAsync(request, cancellationToken);
        return request;
    }

    private async Task ThrowIfErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            client.LoginRefused();
        }

        using (response)
        {
            var status = await ReadStatusAsync(response, cancellationToken);
            throw KubernetesApiException.From(
                response.StatusCode,
                status,
                $"HTTP {(int)response.StatusCode} {response.ReasonPhrase}",
                RetryAfterOf(response.Headers.RetryAfter));
        }
    }

    private static async Task<StatusBody?> ReadStatusAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        const int Limit = 64 * 1024;
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[Limit];
        var length = await stream.ReadAtLeastAsync(buffer, Limit, throwOnEndOfStream: false, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(buffer.AsSpan(0, length), RuntimeJson.Default.StatusBody);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private TimeSpan? RetryAfterOf(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? header?.Date - clock.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static Payload Json(byte[] bytes, string mediaType = AnyJson) => new(bytes, mediaType);

    private static byte[] Bytes(JsonObject node)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            node.WriteTo(writer);
        }

        return stream.ToArray();
    }

    // A request is sent more than once after 429, its content object only once.
    private sealed record Payload(byte[] Bytes, string MediaType);
}
