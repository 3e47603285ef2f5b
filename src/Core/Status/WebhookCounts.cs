using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Status;

/// <summary>How the desired webhooks stand. Each counts once: desired is the sum of the others, and none is negative.</summary>
/// <param name="Desired">How many there must be.</param>
/// <param name="Ready">Those in place.</param>
/// <param name="Waiting">Those whose turn has not come, and in mode Plan those that a planned change would make.</param>
/// <param name="Failed">All others.</param>
internal sealed record WebhookCounts(int Desired, int Ready, int Waiting, int Failed)
{
    /// <summary>Counted now.</summary>
    public static WebhookCounts Of(WebhookTally tally) => Of(tally.Desired, tally.Ready, tally.Waiting + tally.Pending);

    /// <summary>As status has them, where nothing could be counted.</summary>
    public static WebhookCounts Kept(WebhooksStatus? before) => Of(
        before?.Desired ?? 0, before?.Ready ?? 0, before?.Waiting ?? (before is null ? 0 : before.Desired - before.Ready - before.Failed));

    private static WebhookCounts Of(int desired, int ready, int waiting)
    {
        ready = Math.Clamp(ready, 0, desired);
        waiting = Math.Clamp(waiting, 0, desired - ready);
        return new WebhookCounts(desired, ready, waiting, desired - ready - waiting);
    }
}
