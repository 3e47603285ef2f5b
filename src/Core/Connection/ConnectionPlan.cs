namespace BitbucketOperator.Core.Connection;

/// <summary>What is to be done to the webhooks, in order, and what cannot be done and why.</summary>
/// <param name="Places">One entry for each place that was looked at, sorted by name.</param>
/// <param name="RemovalsWithheld">Why nothing is removed although something would be; null when removals are allowed.</param>
/// <param name="ManagedBefore">Where webhooks of ours may be while the plan is carried out: recorded before the first of them is made.</param>
/// <param name="ManagedAfter">Where webhooks of ours may be when all of the plan was done.</param>
public sealed record ConnectionPlan(
    IReadOnlyList<PlacePlan> Places,
    string? RemovalsWithheld,
    IReadOnlyList<string> ManagedBefore,
    IReadOnlyList<string> ManagedAfter)
{
    /// <summary>The plan that does nothing.</summary>
    public static ConnectionPlan Nothing(IReadOnlyList<string> managedIn) => new([], RemovalsWithheld: null, managedIn, managedIn);

    /// <summary>All changes, in order.</summary>
    public IEnumerable<WebhookChange> Changes => Places.SelectMany(p => p.Changes);
}

/// <summary>The plan for one place.</summary>
/// <param name="Place">Which.</param>
/// <param name="Selected">It is a selected repository, or holds some; false: it must not have any webhook of ours.</param>
/// <param name="InSync">Names of the wanted webhooks that are as they must be.</param>
/// <param name="Changes">What to do, removals last.</param>
/// <param name="Failures">What is not as wanted and cannot be put right.</param>
public sealed record PlacePlan(
    WebhookPlace Place,
    bool Selected,
    IReadOnlyList<string> InSync,
    IReadOnlyList<WebhookChange> Changes,
    IReadOnlyList<WebhookFailure> Failures)
{
    /// <summary>Something of ours would be removed, and nothing may be removed now.</summary>
    public bool RemovalsWithheld { get; init; }

    /// <summary>Removals that wait until the webhook that takes the place of theirs was seen; part of what mode Plan tells.</summary>
    public IReadOnlyList<WebhookChange> Later { get; init; } = [];

    /// <summary>Names of the wanted webhooks that an older connection has there, in place of ours.</summary>
    public IReadOnlyList<string> Served { get; init; } = [];

    /// <summary>When all changes were made, webhooks of ours are still there, or may be.</summary>
    public bool LeavesOurs { get; init; }

    /// <summary>Its webhooks could not be seen; <see cref="InSync"/> tells how they were when they last could be.</summary>
    public bool VerifiedBefore { get; init; }

    /// <summary>
    /// Its webhooks could not be seen, and nothing tells that it has any of ours: no failure, and no proof that none is left.
    /// </summary>
    public bool Unseen { get; init; }
}

/// <summary>The kinds of change.</summary>
public enum ChangeKind
{
    /// <summary>Make a webhook that is missing.</summary>
    Create,

    /// <summary>Put one of ours right.</summary>
    Update,

    /// <summary>Take over one that is as wanted and not ours.</summary>
    Adopt,

    /// <summary>Remove one of ours.</summary>
    Remove,
}

/// <summary>One change to one webhook.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Place">Where.</param>
/// <param name="Hook">Name of the entry in spec.webhooks.</param>
/// <param name="Current">The webhook on the server; null with <see cref="ChangeKind.Create"/>.</param>
/// <param name="Desired">How it must be; null with <see cref="ChangeKind.Remove"/>.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record WebhookChange(
    ChangeKind Kind, WebhookPlace Place, string Hook, Webhook? Current, WebhookDefinition? Desired, string Reason);
