using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Ownership;

/// <summary>Whether a connection can have webhooks of its own, and whose the others are. The marker on the server decides.</summary>
public static class OwnerRules
{
    /// <summary>Why webhooks cannot be told to be the connection's; null when they can.</summary>
    public static Fault? Refusal(Connection connection, IOwners owners)
    {
        if (connection.OwnerId is not { } id)
        {
            return null;
        }

        if (!WebhookOwner.IsId(id))
        {
            return Fault.Terminal(Reasons.InvalidOwnerId, Sentences.OwnerIdMalformed);
        }

        var same = owners.Find(id).Where(o => o is { Writes: true, IsDeleting: false } && o.Name != connection.FullName && Precedes(o, connection))
            .Select(o => o.Name).Order(StringComparer.Ordinal).FirstOrDefault();
        return same is null ? null : Fault.Waiting(Reasons.InvalidOwnerId, Sentences.OwnerIdTaken(same));
    }

    /// <summary>
    /// Who lives on with the owner id of a connection that is being deleted, on the same server: its webhooks are that one's. Null when
    /// nobody does.
    /// </summary>
    public static KnownOwner? Successor(Connection leaving, string ownerId, IOwners owners) => owners.Find(ownerId)
        .Where(o => o is { Writes: true, IsDeleting: false } && o.ServerKey == leaving.Spec.ServerKey && o.Name != leaving.FullName)
        .OrderBy(o => o.IsAnnotated).ThenBy(o => o.CreatedAt).ThenBy(o => o.Name, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <summary>
    /// A connection that is being deleted, and whose annotation names the id of another one, with the id that its own webhooks have:
    /// that of before it was annotated. Null when it has none of its own.
    /// </summary>
    public static Connection? WithOwnId(Connection leaving, string ownerId) =>
        leaving.OwnerId is not null && leaving.Known.OwnerId is { } used && used != ownerId ? leaving with { OwnerId = null } : null;

    /// <summary>Whose a webhook is that is not marked as ours.</summary>
    internal static OwnedWebhook OwnerOf(Webhook webhook, WebhookMarker? marker, WebhookOwner self, IOwners owners)
    {
        if (marker is null)
        {
            return new OwnedWebhook(webhook, OwnerKind.Nobody);
        }

        var known = owners.Find(marker.Owner);
        var url = WebhookUrl.KeyOf(webhook.Url);
        if (known.FirstOrDefault(o => !o.IsDeleting && o.Desires(url)) is { } owner)
        {
            return Owned(OwnerKind.Other, owner.Name);
        }

        if (known.FirstOrDefault(o => o.IsDeleting) is { } leaving)
        {
            return Owned(OwnerKind.Leaving, leaving.Name);
        }

        if (owners.IsComplete && marker.Cluster is { } cluster && cluster == self.Cluster)
        {
            return Owned(OwnerKind.Nobody, known.Count > 0 ? known[0].Name : null);
        }

        var name = known.Count > 0 ? known[0].Name : WebhookMarker.OwnerNameOf(webhook);
        var isFormerSelf = known.Count == 0
            && (marker.Cluster is null || marker.Cluster != self.Cluster)
            && WebhookOwner.IsId(marker.Owner)
            && name == $"{self.Namespace}/{self.Name}";
        return Owned(isFormerSelf ? OwnerKind.FormerSelf : OwnerKind.Other, name);

        OwnedWebhook Owned(OwnerKind kind, string? name) => new(webhook, kind, marker.Owner, name) { IsKnown = known.Count > 0 };
    }

    // On another server the same id does no harm.
    private static bool Precedes(KnownOwner other, Connection connection) =>
        other.ServerKey == connection.Spec.ServerKey
        && (!other.IsAnnotated || (other.CreatedAt != connection.CreatedAt
            ? other.CreatedAt < connection.CreatedAt
            : string.CompareOrdinal(other.Name, connection.FullName) < 0));
}

/// <summary>Whose a webhook is that is not ours.</summary>
internal enum OwnerKind
{
    /// <summary>Nobody's: it is not marked, or its owner in this cluster is gone or does not desire it.</summary>
    Nobody,

    /// <summary>A connection's of this cluster that is being deleted.</summary>
    Leaving,

    /// <summary>Another connection's.</summary>
    Other,

    /// <summary>A connection's of the same name in a cluster that is not this one: most likely ours, before the cluster was rebuilt.</summary>
    FormerSelf,
}

/// <summary>A webhook that is not ours.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="Kind">Whose it is.</param>
/// <param name="OwnerId">Of its marker; null where it has none.</param>
/// <param name="OwnerName">The owner's <c>namespace/name</c>; null where that is not known.</param>
internal sealed record OwnedWebhook(Webhook Webhook, OwnerKind Kind, string? OwnerId = null, string? OwnerName = null)
{
    /// <summary>The owner is a connection of this cluster.</summary>
    public bool IsKnown { get; init; }

    /// <summary>It is somebody's, who keeps it.</summary>
    public bool IsKept => Kind is OwnerKind.Other or OwnerKind.FormerSelf;
}
