using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>
/// Follows a listing over its pages. Each names the next one in a form that is Bitbucket's own affair; it is taken as it
/// is, if it leads to where the credential may go.
/// </summary>
internal sealed class Pages(ApiSession session, int maxPages)
{
    /// <summary>The rows of all pages, as they come.</summary>
    /// <exception cref="FaultException">A page is missing or makes no sense; the rows before it are not all.</exception>
    public async IAsyncEnumerable<T> ReadAsync<T>(
        RestCall call, Uri first, JsonTypeInfo<WirePage<T>> type, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var read = new HashSet<Uri>();
        var uri = first;
        var rows = 0;
        while (uri is not null)
        {
            if (!read.Add(uri)) throw Incomplete(call, "they lead in a circle");
            if (read.Count > maxPages) throw Incomplete(call, $"there are more than {maxPages}");
            var page = await session.GetAsync(call, uri, type, cancellationToken);
            var values = page.Values ?? throw Incomplete(call, "one has no values");
            foreach (var row in values) yield return row ?? throw Incomplete(call, "one has an empty row");
            uri = Next(call, page.Next);

            // The number of rows is not to be trusted by itself, since some may be hidden from the credential.
            rows += values.Count;
            if (uri is null && page.Size > rows && values.Count == page.Pagelen) throw Incomplete(call, "the last one is full, and more rows were announced");
        }
    }

    /// <summary>The fault of a listing that contradicts itself.</summary>
    public static FaultException Incomplete(RestCall call, string why) => new(
        Fault.Transient(Reasons.ListingIncomplete, $"When {call}, the server's pages do not add up: {why}. Nothing is concluded from what was read."));

    private Uri? Next(RestCall call, string? next)
    {
        if (string.IsNullOrEmpty(next)) return null;
        if (!Uri.TryCreate(next, UriKind.Absolute, out var uri)) throw Incomplete(call, "one names an address for the next that is none");
        return session.Urls.IsBelowApi(uri)
            ? uri
            : throw Incomplete(call, "one names an address for the next that lies outside the API, where the credential must not go");
    }
}
