using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Inventory;

/// <summary>What a sync found, and left, in one scope.</summary>
/// <param name="CheckedAt">When its webhooks were read.</param>
/// <param name="DueAt">When they are to be read again, should nothing change before.</param>
/// <param name="DesiredFingerprint">What was desired then; anything else desired makes it due at once.</param>
/// <param name="InPlace">Names of the entries whose webhook is there as desired.</param>
/// <param name="Failures">What failed.</param>
public sealed record ScopeCheck(
    DateTimeOffset CheckedAt, DateTimeOffset DueAt, string DesiredFingerprint, IReadOnlyList<string> InPlace, IReadOnlyList<WebhookFailure> Failures)
{
    /// <summary>How many webhooks are as desired.</summary>
    public int Ready => InPlace.Count;

    /// <summary>Which scope.</summary>
    public required WebhookScope Scope { get; init; }

    /// <summary>It must have webhooks; false: it must not have any of ours.</summary>
    public bool Selected { get; init; }

    /// <summary>A project or workspace that was read to know what is desired there, and not synced.</summary>
    public bool IsSeenOnly => DesiredFingerprint.Length == 0;

    /// <summary>Nobody looked since this process began: status says that the webhooks were as desired.</summary>
    public bool IsAssumed { get; init; }

    /// <summary>How many times in a row it failed in a way that may heal by itself.</summary>
    public int Tries { get; init; }

    /// <summary>Why its webhooks could not be read; null when they could.</summary>
    public Fault? ReadFault { get; init; }

    /// <summary>The credential may not see the webhooks any more, which were as desired when they last could be seen.</summary>
    public bool VerifiedBefore { get; init; }

    /// <summary>What is known of the deliveries of its webhooks.</summary>
    public IReadOnlyList<DeliveryCheck> Deliveries { get; init; } = [];

    /// <summary>Mode Plan: what would be changed, now or once another webhook has taken its place.</summary>
    public IReadOnlyList<WebhookChange> Planned { get; init; } = [];

    /// <summary>Changes that Bitbucket refused, with the reason.</summary>
    public IReadOnlyList<AppliedChange> Refused { get; init; } = [];

    /// <summary>Names of the desired webhooks that another connection has there, in place of ours.</summary>
    public IReadOnlyList<string> Served { get; init; } = [];

    /// <summary>Ids of the owners whose webhooks are in the way of ours.</summary>
    public IReadOnlyList<string> WaitsFor { get; init; } = [];

    /// <summary>A webhook of ours stays until another connection took it over.</summary>
    public bool IsHandingOver { get; init; }

    /// <summary>What was written to the webhooks and not found there since.</summary>
    public IReadOnlyList<WrittenWebhook> Written { get; init; } = [];

    /// <summary>Webhooks of ours are left there only because nothing may be removed now.</summary>
    public bool RemovalsWithheld { get; init; }

    /// <summary>The credential may not see the webhooks, and nothing tells that any is ours.</summary>
    public bool Unseen { get; init; }

    /// <summary>Webhooks of ours are, or may be, left there.</summary>
    public bool HoldsOurs { get; init; }

    /// <summary>A webhook goes from the scope to another one, and stays until it is in place there.</summary>
    public bool MovePending { get; init; }

    /// <summary>A project or workspace: what could be seen of its webhooks last. Null for a repository.</summary>
    public ProjectLevelView? ProjectLevel { get; init; }

    /// <summary>Whether status tells the same by both; times do not count.</summary>
    public bool SaysTheSameAs(ScopeCheck? other) =>
        other is not null
        && DesiredFingerprint == other.DesiredFingerprint
        && HoldsOurs == other.HoldsOurs
        && InPlace.SequenceEqual(other.InPlace, StringComparer.Ordinal)
        && Failures.SequenceEqual(other.Failures)
        && Planned.Count == other.Planned.Count
        && Deliveries.Select(d => (d.Id, d.Failure, d.TestDue)).SequenceEqual(other.Deliveries.Select(d => (d.Id, d.Failure, d.TestDue)));
}
