using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Schedule;

/// <summary>A scope to sync.</summary>
/// <param name="Scope">Which.</param>
/// <param name="Class">Why.</param>
/// <param name="DueAt">Not before.</param>
public sealed record SyncItem(DesiredScope Scope, WorkClass Class, DateTimeOffset DueAt)
{
    /// <summary>The webhooks whose deliveries are to be asked about; empty for the sync of the scope itself.</summary>
    public IReadOnlyList<DeliveryCheck> Deliveries { get; init; } = [];
}
