using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Inventory;

/// <summary>What a reconcile found, and left, on one scope.</summary>
/// <param name="CheckedAt">When its webhooks were read.</param>
/// <param name="DueAt">When they are to be read again.</param>
/// <param name="DesiredFingerprint">What was desired then; anything else desired makes it due at once.</param>
/// <param name="Ready">How many webhooks were as desired.</param>
/// <param name="Failures">What failed; a scope with failures is due in every reconcile.</param>
public sealed record ScopeCheck(
    DateTimeOffset CheckedAt, DateTimeOffset DueAt, string DesiredFingerprint, int Ready, IReadOnlyList<WebhookFailure> Failures)
{
    /// <summary>The credential may no longer see the webhooks, which were as desired when they last could be seen.</summary>
    public bool VerifiedBefore { get; init; }

    /// <summary>What is known of the deliveries of its webhooks.</summary>
    public IReadOnlyList<DeliveryCheck> Deliveries { get; init; } = [];

    /// <summary>Mode Plan: what would be changed.</summary>
    public IReadOnlyList<WebhookChange> Planned { get; init; } = [];

    /// <summary>Webhooks of ours are left there only because nothing may be removed now; such a repository is due in every reconcile.</summary>
    public bool RemovalsWithheld { get; init; }

    /// <summary>The credential may not see the webhooks, and nothing tells that any is ours.</summary>
    public bool Unseen { get; init; }

    /// <summary>Webhooks of ours are, or may be, left there.</summary>
    public bool HoldsOurs { get; init; }

    /// <summary>A webhook is on its way to or from the scope; such a scope is due in every reconcile, until the move is over.</summary>
    public bool MovePending { get; init; }

    /// <summary>A project or workspace: which entries live there, by name. Null for a repository.</summary>
    public IReadOnlyDictionary<string, EntryLevel>? Levels { get; init; }

    /// <summary>A project or workspace whose webhooks the credential may not see.</summary>
    public bool ProjectLevelDenied { get; init; }
}
