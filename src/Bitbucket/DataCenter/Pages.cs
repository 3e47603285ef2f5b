using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>
/// Follows a listing over its pages. The server caps the limit, sends short and empty pages before the last one, and
/// skips numbers: only its own nextPageStart says where to go on.
/// </summary>
internal sealed class Pages(RestSession session, int maxPages, int limit = 1000)
{
    /// <summary>The rows of all pages, as they come.</summary>
    /// <exception cref="FaultException">A page is missing or makes no sense; the rows before it are not all.</exception>
    public async IAsyncEnumerable<T> ReadAsync<T>(
        RestCall call, string path, JsonTypeInfo<WirePage<T>> type, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var start = 0L;
        for (var number = 1; number <= maxPages; number++)
        {
            var page = await session.GetAsync(call, $"{path}{separator}limit={limit}&start={start}", type, cancellationToken);
            foreach (var row in page.Values ?? throw Incomplete(call, "a page has no values"))
                yield return row ?? throw Incomplete(call, "a page has an empty row");
            if (page.IsLastPage ?? throw Incomplete(call, "a page does not say whether it is the last")) yield break;
            start = Next(call, start, page.NextPageStart);
        }

        throw Incomplete(call, $"there are more than {maxPages} pages");
    }

    /// <summary>The fault of a listing that contradicts itself.</summary>
    public static FaultException Incomplete(RestCall call, string why) => new(
        Fault.Transient(Reasons.ListingIncomplete, $"When {call}, the server's pages do not add up: {why}. Nothing is concluded from what was read."));

    internal static long Next(RestCall call, long start, long? next) => next switch
    {
        null => throw Incomplete(call, "more pages follow and the server does not say where"),
        { } value when value <= start => throw Incomplete(call, "the next page does not lie after this one"),
        { } value => value,
    };
}
