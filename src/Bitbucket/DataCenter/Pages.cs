using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>Opens listings.</summary>
internal sealed class Pages(RestSession session, int maxPages, int limit = 1000)
{
    /// <summary>The most bytes of all pages of a listing that is kept whole.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>A listing, page by page.</summary>
    public PageReader<T> Open<T>(RestCall call, string path, JsonTypeInfo<WirePage<T>> type)
        where T : class => new(session, call, path, type, maxPages, limit);

    /// <summary>The rows of all pages, as they come.</summary>
    /// <exception cref="FaultException">A page is missing or makes no sense; the rows before it are not all.</exception>
    public async IAsyncEnumerable<T> ReadAsync<T>(
        RestCall call, string path, JsonTypeInfo<WirePage<T>> type, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var reader = Open(call, path, type);
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

    internal static long Next(RestCall call, long start, long? next) => next switch
    {
        null => throw Incomplete(call, "more pages follow and the server does not say where"),
        { } value when value <= start => throw Incomplete(call, "the next page does not lie after this one"),
        { } value => value,
    };
}

/// <summary>
/// Follows a listing over its pages. The server caps the limit, sends short and empty pages before the last one, and
/// skips numbers: only its own nextPageStart says where to go on. A page that could not be read can be asked for again.
/// </summary>
internal sealed class PageReader<T>(RestSession session, RestCall call, string path, JsonTypeInfo<WirePage<T>> type, int maxPages, int limit)
    where T : class
{
    private readonly char _separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
    private long? _start = 0;
    private int _read;

    /// <summary>The bytes of all pages so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>The rows of the next page; null when there is none.</summary>
    public async Task<IReadOnlyList<T>?> NextAsync(CancellationToken cancellationToken)
    {
        if (_start is not { } start) return null;
        if (_read == maxPages) throw Pages.Incomplete(call, $"there are more than {maxPages} pages");
        var at = $"{path}{_separator}limit={limit}&start={start}";
        var answer = await session.SendAsync(call, HttpMethod.Get, at, body: null, cancellationToken);
        var page = RestSession.Read(call, answer, type);
        Bytes += answer.Body.Length;
        _read++;
        var rows = page.Values ?? throw Pages.Incomplete(call, "a page has no values");
        if (rows.Any(r => r is null)) throw Pages.Incomplete(call, "a page has an empty row");
        var isLast = page.IsLastPage ?? throw Pages.Incomplete(call, "a page does not say whether it is the last");
        _start = isLast ? null : Pages.Next(call, start, page.NextPageStart);
        return rows!;
    }
}
