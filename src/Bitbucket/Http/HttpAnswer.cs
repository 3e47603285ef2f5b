using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>What a body claims to be.</summary>
internal enum BodyKind
{
    /// <summary>There is none.</summary>
    Empty,

    /// <summary>JSON, or something that does not say and could be.</summary>
    Json,

    /// <summary>A web page.</summary>
    Html,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>An answer that was read to its end.</summary>
internal sealed record HttpAnswer(
    HttpStatusCode Status, BodyKind Kind, ReadOnlySequence<byte> Body, TimeSpan? RetryAfter = null, Uri? Location = null)
{
    private HttpResponseHeaders? Headers { get; init; }

    /// <summary>Takes over what <paramref name="response"/> says; its body was read to <paramref name="body"/>.</summary>
    public static HttpAnswer Of(HttpResponseMessage response, ReadOnlySequence<byte> body, DateTimeOffset now) =>
        new(
            response.StatusCode,
            KindOf(response.Content.Headers.ContentType?.MediaType, body.FirstSpan),
            body,
            RetryAfterOf(response, now),
            response.Headers.Location)
        {
            Headers = response.Headers,
        };

    /// <summary>True for 2xx.</summary>
    public bool Succeeded => (int)Status is >= 200 and < 300;

    /// <summary>The first value of a header; null when there is none.</summary>
    public string? Header(string name) =>
        Headers is not null && Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    /// <summary>The body as JSON.</summary>
    /// <exception cref="JsonException">It is none, or something else, or has more values than any answer of Bitbucket.</exception>
    public T? Read<T>(JsonTypeInfo<T> type)
    {
        JsonTree.RequireFewValues(Body);
        var reader = new Utf8JsonReader(Body);
        var value = JsonSerializer.Deserialize(ref reader, type);
        return reader.Read() ? throw new JsonException("More follows after the value.") : value;
    }

    internal static BodyKind KindOf(string? mediaType, ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return BodyKind.Empty;
        if (mediaType is null) return body.TrimStart(" \r\n\t"u8) is [(byte)'<', ..] ? BodyKind.Html : BodyKind.Json;
        if (mediaType.Contains("json", StringComparison.OrdinalIgnoreCase)) return BodyKind.Json;
        return mediaType.Contains("html", StringComparison.OrdinalIgnoreCase) ? BodyKind.Html : BodyKind.Other;
    }

    private static TimeSpan? RetryAfterOf(HttpResponseMessage response, DateTimeOffset now)
    {
        var value = response.Headers.RetryAfter;
        var wait = value?.Delta ?? (value?.Date - now);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
