using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>What is to be done to the webhooks, in order, and what cannot be done and why.</summary>
/// <param name="Scopes">One entry for each scope that was looked at, sorted by name.</param>
/// <param name="RemovalsWithheld">Why nothing is removed although something would be; null when removals are allowed.</param>
/// <param name="ManagedBefore">Where webhooks of ours may be while the plan is carried out: recorded before the first of them is made.</param>
/// <param name="ManagedAfter">Where webhooks of ours may be when all of the plan was done.</param>
public sealed record ConnectionPlan(
    IReadOnlyList<ScopePlan> Scopes,
    string? RemovalsWithheld,
    IReadOnlyList<string> ManagedBefore,
    IReadOnlyList<string> ManagedAfter)
{
    /// <summary>The plan that does nothing.</summary>
    public static ConnectionPlan Nothing(IReadOnlyList<string> managedIn) => new([], RemovalsWithheld: null, managedIn, managedIn);

    /// <summary>All changes, in order.</summary>
    public IEnumerable<WebhookChange> Changes => Scopes.SelectMany(p => p.Changes);
}
