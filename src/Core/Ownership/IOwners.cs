using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Ownership;

/// <summary>The connections of this cluster, by the id that their webhooks are marked with. A lookup costs the same for any number of them.</summary>
public interface IOwners
{
    /// <summary>All connections of the cluster are known: one that is not does not exist.</summary>
    bool IsComplete { get; }

    /// <summary>The connections whose webhooks are marked with an id: one, save where the annotation owner-id was copied.</summary>
    IReadOnlyList<KnownOwner> Find(string ownerId);

    /// <summary>
    /// Whether another connection is about to take over a webhook of one that is being deleted, so that removing it would leave a gap.
    /// False after a while, whatever becomes of the other, unless that one has the same id: then the webhook is its.
    /// </summary>
    /// <param name="ownerId">Whose webhook it is.</param>
    /// <param name="scope">Where.</param>
    /// <param name="url">Its URL.</param>
    bool IsAwaited(string ownerId, WebhookScope scope, string url);
}

/// <summary>A connection of this cluster.</summary>
/// <param name="Name"><c>namespace/name</c>.</param>
/// <param name="ServerKey">Its server, as <see cref="Model.ConnectionSpec.ServerKey"/>.</param>
/// <param name="UrlKeys">The URLs of its entries, as <see cref="WebhookUrl.KeyOf"/>.</param>
public sealed record KnownOwner(string Name, string ServerKey, IReadOnlyList<string> UrlKeys)
{
    /// <summary>It is being deleted.</summary>
    public bool IsDeleting { get; init; }

    /// <summary>It writes webhooks: it is neither suspended nor only planning.</summary>
    public bool Writes { get; init; }

    /// <summary>Its id comes from an annotation.</summary>
    public bool IsAnnotated { get; init; }

    /// <summary>When the resource was created.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>A webhook with this URL is among its entries.</summary>
    /// <param name="urlKey">As <see cref="WebhookUrl.KeyOf"/>.</param>
    public bool Desires(string urlKey) => UrlKeys.Contains(urlKey, StringComparer.Ordinal);

    /// <summary>What others have to know of a connection.</summary>
    public static KnownOwner Of(Model.Connection connection) => new(
        connection.FullName, connection.Spec.ServerKey, [.. connection.Spec.Webhooks.Select(w => WebhookUrl.KeyOf(w.Url)).Distinct(StringComparer.Ordinal)])
    {
        IsDeleting = connection.IsDeleting,
        Writes = connection.Spec is { Suspend: false, Mode: Model.WriteMode.Enforce },
        IsAnnotated = connection.OwnerId is not null,
        CreatedAt = connection.CreatedAt,
    };
}

/// <summary>Connections known from a list: of manifests, or none.</summary>
public sealed class ListedOwners : IOwners
{
    private readonly ILookup<string, KnownOwner> _owners;

    private ListedOwners(IEnumerable<(string Id, KnownOwner Owner)> owners) =>
        _owners = owners.ToLookup(o => o.Id, o => o.Owner, StringComparer.Ordinal);

    /// <summary>None is known.</summary>
    public static ListedOwners None { get; } = new([]);

    /// <inheritdoc/>
    public bool IsComplete => false;

    /// <summary>Those of a list.</summary>
    /// <param name="owners">Each with its owner id.</param>
    public static ListedOwners Of(IEnumerable<(string Id, KnownOwner Owner)> owners) => new(owners);

    /// <inheritdoc/>
    public IReadOnlyList<KnownOwner> Find(string ownerId) => [.. _owners[ownerId]];

    /// <inheritdoc/>
    public bool IsAwaited(string ownerId, WebhookScope scope, string url) => false;
}
