namespace BitbucketOperator.BitbucketSimulator.Serving;

/// <summary>The order in which a server shows a webhook's events.</summary>
internal static class EventOrder
{
    /// <summary>The server keeps events in a hash set; a fixed hash gives an order that is neither the caller's nor sorted.</summary>
    public static IEnumerable<string> OfServer(IEnumerable<string> events) =>
        events.OrderBy(e => e.Aggregate(17u, (hash, c) => (hash * 16777619u) ^ c));
}
