using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Ownership;

namespace BitbucketOperator.Core.Planning;

/// <summary>What the plan for one scope depends on beside its webhooks and what is desired.</summary>
/// <param name="Owners">The other connections of this cluster.</param>
/// <param name="Written">What was written to the scope's webhooks and not read since.</param>
public sealed record ScopeFacts(IOwners Owners, IReadOnlyList<WrittenWebhook> Written)
{
    /// <summary>No other connection is known, and nothing was written.</summary>
    public static ScopeFacts None { get; } = new(ListedOwners.None, []);
}
