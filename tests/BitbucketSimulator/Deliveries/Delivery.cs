using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Deliveries;

/// <summary>What became of one event for one webhook.</summary>
/// <param name="WebhookId">The webhook.</param>
/// <param name="Url">Where it went.</param>
/// <param name="Skipped">The circuit breaker was open, or too much was in flight: nothing was sent.</param>
/// <param name="Outcome">Null when skipped.</param>
/// <param name="Description">Status or error in words.</param>
public sealed record Delivery(int WebhookId, string Url, bool Skipped, Outcome? Outcome, string Description)
{
    /// <summary>Cloud's name of the webhook, with braces; empty on Data Center.</summary>
    public string WebhookUuid { get; init; } = "";

    /// <summary>How often it was sent; Cloud repeats after a 5xx answer.</summary>
    public int Attempts { get; init; } = 1;
}
