using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>A webhook found in a scope, with the mark of the connection that made it; null where nobody left one.</summary>
internal sealed record MarkedWebhook(Webhook Webhook, WebhookMarker? Marker);

/// <summary>
/// What to do about the webhooks of others that have a desired URL: leave those of another connection, take over one whose owner is
/// being deleted, adopt one that is nobody's.
/// </summary>
/// <param name="scope">Where.</param>
/// <param name="name">Name of the entry in spec.webhooks.</param>
/// <param name="definition">How its webhook must be.</param>
/// <param name="sameUrl">The webhooks there with the same URL that are not ours.</param>
internal sealed class UrlRules(WebhookScope scope, string name, WebhookDefinition definition, IReadOnlyList<OwnedWebhook> sameUrl)
{
    /// <summary>The webhooks of others with the URL on the project or workspace above: they deliver for the scope too.</summary>
    public IReadOnlyList<OwnedWebhook> ProjectLevel { get; init; } = [];

    /// <summary>That project or workspace.</summary>
    public WebhookScope? ProjectLevelScope { get; init; }

    /// <summary>Why a webhook is made.</summary>
    public string WhyCreate { get; init; } = Sentences.ThereIsNone;

    /// <summary>The oldest webhook there that another connection keeps, if it comes before all of ours; null when ours may be there.</summary>
    /// <param name="ours">Ours with the URL.</param>
    public OwnedWebhook? Older(IReadOnlyList<Webhook> ours) =>
        Oldest(sameUrl.Where(w => w.IsKept)) is { } theirs && ours.All(theirs.Webhook.IsOlderThan) ? theirs : null;

    /// <summary>The failure of an entry whose URL another connection's webhook has.</summary>
    public WebhookFailure Conflict(OwnedWebhook theirs)
    {
        if (theirs is { Kind: OwnerKind.FormerSelf, OwnerId: { } id })
        {
            return new WebhookFailure(Place.Everywhere, name, Fault.Waiting(Reasons.WebhookConflict, Sentences.FormerSelf(id)));
        }

        var isId = !theirs.Webhook.RepeatsCredential && theirs.OwnerId is { } owner && WebhookOwner.IsId(owner);
        return Failed(Reasons.WebhookConflict, Sentences.ManagedByOther(theirs.OwnerName, theirs.IsKnown || !isId ? null : theirs.OwnerId));
    }

    /// <summary>
    /// Why no webhook may be made below one of somebody else that delivers to the same URL already; null when there is none, or only
    /// one of a connection that is being deleted.
    /// </summary>
    public (OwnedWebhook Theirs, WebhookFailure Failure)? Doubled()
    {
        var kept = Oldest(ProjectLevel.Where(w => w.IsKept));
        if (kept is not null)
        {
            var words = Sentences.DoubledByOtherConnection(ProjectLevelScope!, kept.OwnerName);
            return (kept, kept.Kind == OwnerKind.FormerSelf ? Conflict(kept) : Failed(Reasons.WebhookConflict, words));
        }

        return ProjectLevel.FirstOrDefault(w => w.Kind == OwnerKind.Nobody) is { } nobodys
            ? (nobodys, Failed(Reasons.WebhookConflict, Sentences.DoubledByUnmarked(ProjectLevelScope!, name)))
            : null;
    }

    /// <summary>What to do where none of ours is there, and no other connection's.</summary>
    public (WebhookChange? Change, WebhookFailure? Failure) Find(AdoptionRule adoption)
    {
        if (Oldest(sameUrl.Where(w => w.Kind == OwnerKind.Leaving)) is { } leaving)
        {
            return (Change(ChangeKind.Update, leaving.Webhook, Sentences.TakenOver(leaving.OwnerName!)), null);
        }

        return sameUrl.Count == 0 ? (Change(ChangeKind.Create, current: null, WhyCreate), null) : Adopt(adoption);
    }

    private static OwnedWebhook? Oldest(IEnumerable<OwnedWebhook> webhooks) =>
        webhooks.Aggregate(default(OwnedWebhook), (oldest, w) => oldest is null || w.Webhook.IsOlderThan(oldest.Webhook) ? w : oldest);

    private (WebhookChange? Change, WebhookFailure? Failure) Adopt(AdoptionRule adoption)
    {
        var identical = sameUrl.Select(w => w.Webhook).FirstOrDefault(w => ScopePlanner.Differences(w, definition).Count == 0);
        var foreign = identical ?? ScopePlanner.Oldest(sameUrl.Select(w => w.Webhook));
        var differences = ScopePlanner.Differences(foreign, definition);
        var others = sameUrl.Count - 1;
        if (identical is not null && adoption != AdoptionRule.Never)
        {
            return (Change(ChangeKind.Adopt, identical, Sentences.AdoptedIdentical(others)), null);
        }

        if (adoption == AdoptionRule.Always)
        {
            return (Change(ChangeKind.Adopt, foreign, Sentences.AdoptedDiffering(differences, others)), null);
        }

        return (null, Failed(Reasons.WebhookNotAdopted, Sentences.NotAdopted(identical is null ? differences : null)));
    }

    private WebhookChange Change(ChangeKind kind, Webhook? current, string why) =>
        new(kind, scope, name, current, definition, why);

    private WebhookFailure Failed(Reason reason, Wording words) => WebhookFailure.At(scope, name, Fault.Waiting(reason, words));
}
