using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>All of a reconcile.</summary>
/// <param name="Connection">The resource as it was when the reconcile began.</param>
/// <param name="Observed">What was read.</param>
/// <param name="Levels">Which webhooks live where: computed once, from what was read, and handed on.</param>
/// <param name="Plan">What was to be done.</param>
/// <param name="Applied">What was done of it.</param>
public sealed record ReconcileOutcome(
    Connection Connection, ConnectionObserved Observed, WebhookLevels Levels, ConnectionPlan Plan, IReadOnlyList<AppliedChange> Applied)
{
    /// <summary>What was desired of the webhooks, as <see cref="DesiredWebhook.Fingerprint"/> tells it.</summary>
    public required string DesiredFingerprint { get; init; }

    /// <summary>The id that webhooks of the connection are marked with; null where it could not be told.</summary>
    public string? OwnerId { get; init; }

    /// <summary>True when nothing of the plan is to be done: there is none, or spec.mode asks to be told of it only.</summary>
    public bool WritesNothing => Connection.Spec.Mode == WriteMode.Plan || !Plan.Changes.Any();
}
