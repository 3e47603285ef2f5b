using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Testing;

/// <summary>Counts of a status, as tests compare them.</summary>
public static class StatusCounts
{
    /// <summary>Webhooks that are ready, of those that are desired: <c>6/6</c>.</summary>
    public static string ReadyOfDesired(this WebhooksStatus webhooks) => $"{webhooks.Ready}/{webhooks.Desired}";
}
