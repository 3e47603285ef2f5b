using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>Opens listings.</summary>
internal sealed class Pages(ApiSession session, int maxPages)
{
    /// <summary>The most bytes of all pages of a listing that is kept whole.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>A listing, page by page.</summary>
    public PageReader<T> Open<T>(RestCall call, Uri first, JsonTypeInfo<WirePage<T>> type)
        where T : class => new(session, call, first, type, maxPages);

    /// <summary>The rows of all pages, as they come.</summary>
    /// <exception cref="FaultException">A page is missing or makes no sense; the rows before it are not all.</exception>
    public async IAsyncEnumerable<T> ReadAsync<T>(
        RestCall call, Uri first, JsonTypeInfo<WirePage<T>> type, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var reader = Open(call, first, type);
        while (await reader.NextAsync(cancellationToken) is { } rows)
        {
            if (reader.Bytes > MaxBytes) throw Incomplete(call, $"they hold more than {MaxBytes >> 20} MiB");
            foreach (var row in rows) yield return row;
        }
    }

    /// <summary>The fault of a listing that contradicts itself.</summary>
    public static FaultException Incomplete(RestCall call, string why) => new(
        Fault.Transient(
            Reasons.ListingIncomplete,
            new($"Inconsistent pages while {call}; using none of them", "Check proxies in front of Bitbucket", why)));
}

/// <summary>
/// Follows a listing over its pages. Each names the next one in a form that is Bitbucket's own affair; it is taken as it
/// is, if it leads to where the credential may go. A page that could not be read can be asked for again.
/// </summary>
internal sealed class PageReader<T>(ApiSession session, RestCall call, Uri first, JsonTypeInfo<WirePage<T>> type, int maxPages)
    where T : class
{
    private const int LongestNext = 4_000;

    private Uri? _next = first;
    private Uri? _passed;
    private int _read;
    private int _rows;

    /// <summary>The bytes of all pages so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>The rows of the next page; null when there is none.</summary>
    public async Task<IReadOnlyList<T>?> NextAsync(CancellationToken cancellationToken)
    {
        if (_next is not { } uri) return null;
        if (uri == _passed) throw Pages.Incomplete(call, "they lead in a circle");
        if (_read == maxPages) throw Pages.Incomplete(call, $"there are more than {maxPages}");
        var answer = await session.SendAsync(call, HttpMethod.Get, uri, body: null, cancellationToken);
        var page = ApiSession.Read(call, answer, type);
        Bytes += answer.Body.Length;

        // One page of the past is enough to find a circle: each is kept until twice as many were read (R. P. Brent).
        if (int.IsPow2(++_read)) _passed = uri;
        var rows = page.Values ?? throw Pages.Incomplete(call, "one has no values");
        if (rows.Any(r => r is null)) throw Pages.Incomplete(call, "one has an empty row");
        _next = Next(page.Next);

        // The number of rows is not to be trusted by itself, since some may be hidden from the credential.
        _rows += rows.Count;
        if (_next is null && page.Size > _rows && rows.Count == page.Pagelen)
        {
            throw Pages.Incomplete(call, "the last one is full, and more rows were announced");
        }

        return rows!;
    }

    private Uri? Next(string? next)
    {
        if (string.IsNullOrEmpty(next)) return null;
        if (next.Length > LongestNext) throw Pages.Incomplete(call, "one names an address for the next that is too long");
        if (!Uri.TryCreate(next, UriKind.Absolute, out var uri)) throw Pages.Incomplete(call, "one names an address for the next that is none");
        return session.Urls.IsBelowApi(uri)
            ? uri
            : throw Pages.Incomplete(call, "one names an address for the next that lies outside the API, where the credential must not go");
    }
}
