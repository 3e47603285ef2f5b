using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>A scope whose webhooks matter.</summary>
/// <param name="Scope">Which.</param>
/// <param name="Fingerprint">What is desired there, as a text that changes with it.</param>
public sealed record DesiredScope(WebhookScope Scope, string Fingerprint)
{
    /// <summary>Why it must have none of ours; null where it must have webhooks.</summary>
    public string? WhyNone { get; init; }

    /// <summary>A project or workspace whose webhooks decide what is desired there and below, and were never read: reading comes first.</summary>
    public bool IsToBeSeenFirst { get; init; }

    /// <summary>
    /// The project or workspace above that must be synced first, for what is done here depends on what is found there; null where
    /// nothing does.
    /// </summary>
    public DesiredScope? DependsOn { get; init; }
}
