using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>All of a reconcile.</summary>
/// <param name="State">What is desired, and the resource and what was read to know it.</param>
/// <param name="Applied">What syncs did since the reconcile before.</param>
public sealed record ReconcileOutcome(DesiredState State, IReadOnlyList<AppliedChange> Applied)
{
    /// <summary>What limits make of the work that is left; null where the reconcile did not get as far as webhooks.</summary>
    public Outlook? Outlook { get; init; }

    /// <summary>The resource as it was when the reconcile began.</summary>
    public Connection Connection => State.Connection;

    /// <summary>What was read.</summary>
    public ConnectionObserved Observed => State.Observed;

    /// <summary>Which webhooks live where.</summary>
    public WebhookLevels Levels => State.Levels;

    /// <summary>The id that webhooks of the connection are marked with; null where it could not be told.</summary>
    public string? OwnerId => Observed.Refusal is null ? State.Owner.Id : null;
}
