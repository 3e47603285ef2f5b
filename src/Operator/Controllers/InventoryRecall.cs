using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Model;

namespace BitbucketOperator.Controllers;

/// <summary>Brings what inventories tell into a reconcile.</summary>
internal static class InventoryRecall
{
    /// <summary>
    /// The connection with what is known of its scopes. Inventories, and the status of an earlier version, are asked by the first
    /// reconcile of a process alone: from then on the process knows better.
    /// </summary>
    public static async Task<Connection> RecallAsync(
        this IInventories inventories, BitbucketConnection entity, Connection connection, ConnectionState state, CancellationToken cancellationToken)
    {
        state.Verified ??= (await inventories.LoadAsync(entity, cancellationToken)).OrEarlier(connection.Known.Verified);
        return connection with { Known = connection.Known with { Verified = state.Verified } };
    }
}
