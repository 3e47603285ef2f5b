using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Ownership;

/// <summary>Whether a connection can have webhooks of its own.</summary>
public static class OwnerRules
{
    /// <summary>Why webhooks cannot be told to be the connection's; null when they can.</summary>
    public static Fault? Refusal(Connection connection, IEnumerable<ConflictingConnection> conflicting)
    {
        if (connection.OwnerId is not { } id)
        {
            return null;
        }

        if (!WebhookOwner.IsId(id))
        {
            return Fault.Terminal(Reasons.InvalidOwnerId, Sentences.OwnerIdMalformed);
        }

        var same = conflicting.Where(r => r.OwnerId == id && r.IsActive && (r.Connection.OwnerId is null || r.IsOlderThan(connection)))
            .Select(r => r.Name).Order(StringComparer.Ordinal).FirstOrDefault();
        return same is null ? null : Fault.Waiting(Reasons.InvalidOwnerId, Sentences.OwnerIdTaken(same));
    }
}
