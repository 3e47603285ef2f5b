using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>
/// Reads listings page by page. <c>nextPageStart</c> is used as given: pages are filtered after they were fetched, so they
/// may be short or empty while more follow.
/// </summary>
internal sealed class Pages(RestSession session, int maxPages)
{
    private const int Limit = 1000;

    public async IAsyncEnumerable<T> ReadAsync<T>(
        string path, JsonTypeInfo<WirePage<T>> type, Operation operation, string subject, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var start = 0L;
        for (var count = 0; ; count++)
        {
            var page = await session.GetAsync($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}start={start}&limit={Limit}", type, operation, subject, cancellationToken);
            if (page.Values is null)
            {
                throw Incomplete(subject, "a page has no values");
            }

            foreach (var value in page.Values)
            {
                yield return value;
            }

            if (page.IsLastPage)
            {
                yield break;
            }

            start = page.NextPageStart is { } next && next > start
                ? next
                : throw Incomplete(subject, "a page says that more follow and not where");
            if (count + 1 >= maxPages)
            {
                throw Incomplete(subject, $"it has more than {maxPages} pages");
            }
        }
    }

    private static FaultException Incomplete(string subject, string why) =>
        new(Fault.Transient(Reasons.ListingIncomplete, $"the listing of {subject} makes no sense: {why}"));
}
