using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Model;

/// <summary>A BitbucketConnection in the operator's own words, whatever version of the API it was written in.</summary>
public sealed record Connection
{
    /// <summary>The resource's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The resource's name.</summary>
    public required string Name { get; init; }

    /// <summary>The resource's UID; empty where it has none yet.</summary>
    public string Uid { get; init; } = "";

    /// <summary>metadata.generation.</summary>
    public long? Generation { get; init; }

    /// <summary>When the resource was created; the latest time there is where that is not known.</summary>
    public DateTime CreatedAt { get; init; } = DateTime.MaxValue;

    /// <summary>The resource is being deleted.</summary>
    public bool IsDeleting { get; init; }

    /// <summary>What is desired.</summary>
    public required ConnectionSpec Spec { get; init; }

    /// <summary>What earlier reconciles left in status.</summary>
    public KnownState Known { get; init; } = new();

    /// <summary>An annotation whose value is longer than the operator reads, so that it counts as empty; null when there is none.</summary>
    public string? OverlongAnnotation { get; init; }

    /// <summary>The annotation bitbucketoperator.dev/owner-id; null when there is none.</summary>
    public string? OwnerId { get; init; }

    /// <summary>The annotation bitbucketoperator.dev/confirm-inventory; null when there is none.</summary>
    public string? ConfirmedListing { get; init; }

    /// <summary>The annotation bitbucketoperator.dev/requestedAt, or else Flux' own; null when there is neither.</summary>
    public string? RequestedAt { get; init; }

    /// <summary>The annotation bitbucketoperator.dev/abandon-webhooks is "true".</summary>
    public bool AbandonsWebhooks { get; init; }

    /// <summary><c>namespace/name</c>.</summary>
    public string FullName => $"{Namespace}/{Name}";

    /// <summary>Somebody requested a full reconcile that was not done yet.</summary>
    public bool IsRequested => RequestedAt is not null && RequestedAt != Known.HandledRequest;

    /// <summary>An earlier reconcile reached another server than spec names now, or the same one by another name.</summary>
    public bool HasMoved => Known.ServerAddress is { } before && before != Spec.Address;
}

/// <summary>What status remembers for later reconciles.</summary>
public sealed record KnownState
{
    /// <summary>The generation that status speaks of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>The address of the server that was reached last.</summary>
    public string? ServerAddress { get; init; }

    /// <summary>Where webhooks of ours may be.</summary>
    public IReadOnlyList<string> ManagedIn { get; init; } = [];

    /// <summary>The id that our webhooks are marked with.</summary>
    public string? OwnerId { get; init; }

    /// <summary>The last plausible listing.</summary>
    public ListingBaseline Baseline { get; init; } = new(Repositories: null, ListedBy: null, Confirmed: null);

    /// <summary>
    /// Which scopes were seen to be as desired: what this process saw, what inventories tell, or the status of an earlier version.
    /// </summary>
    public VerifiedScopes Verified { get; init; } = VerifiedScopes.None;

    /// <summary>Webhooks whose deliveries were failing.</summary>
    public IReadOnlyList<FailingDelivery> FailingDeliveries { get; init; } = [];

    /// <summary>How many scopes hid their webhooks from the credential.</summary>
    public int Hidden { get; init; }

    /// <summary>How many of them were seen to hold webhooks of ours before.</summary>
    public int VerifiedHidden { get; init; }

    /// <summary>The last request for a full reconcile that was done.</summary>
    public string? HandledRequest { get; init; }
}

/// <summary>What the next listing is measured against.</summary>
/// <param name="Repositories">How many repositories the last plausible listing held; null when there was none.</param>
/// <param name="ListedBy">Fingerprint of what it was asked for.</param>
/// <param name="Confirmed">The annotation that confirmed a listing and is still there.</param>
public sealed record ListingBaseline(int? Repositories, string? ListedBy, string? Confirmed);

/// <summary>A webhook whose deliveries were failing.</summary>
/// <param name="Place">Where it is.</param>
/// <param name="Webhook">Name of the entry in spec.webhooks.</param>
/// <param name="Message">What failed.</param>
public sealed record FailingDelivery(Place Place, string? Webhook, string Message);
