using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Inventory;

/// <summary>A webhook that is not as desired.</summary>
/// <param name="Place">Where; <see cref="Port.Place.Everywhere"/> where the fault lies in the spec's entry.</param>
/// <param name="Webhook">Name of the entry in spec.webhooks; null when it concerns all of them.</param>
/// <param name="Fault">Why.</param>
public sealed record WebhookFailure(Place Place, string? Webhook, Fault Fault)
{
    /// <summary>A failure in a scope.</summary>
    public static WebhookFailure At(WebhookScope scope, string? webhook, Fault fault) => new(Place.Of(scope), webhook, fault);
}
