using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>A webhook found on a repository, with the mark of the connection that made it; null where nobody left one.</summary>
internal sealed record MarkedWebhook(Webhook Webhook, WebhookMarker? Marker);

/// <summary>
/// What to do about the webhooks of others that have a wanted URL: leave them, adopt one that is nobody's, take over one of a
/// younger connection, or yield to an older one.
/// </summary>
/// <param name="place">Where.</param>
/// <param name="name">Name of the entry in spec.webhooks.</param>
/// <param name="definition">How its webhook must be.</param>
/// <param name="sameUrl">The webhooks there with the same URL that are not marked as ours.</param>
/// <param name="contest">Who else wants the URL.</param>
internal sealed class UrlRules(
    WebhookPlace place, string name, WebhookDefinition definition, IReadOnlyList<MarkedWebhook> sameUrl, Contest contest)
{
    /// <summary>The webhooks of others with the URL on the project or workspace above: they deliver for the place too.</summary>
    public IReadOnlyList<MarkedWebhook> Above { get; init; } = [];

    /// <summary>That project or workspace.</summary>
    public WebhookPlace? AbovePlace { get; init; }

    /// <summary>Why a webhook is made.</summary>
    public string WhyCreate { get; init; } = "there is none";

    /// <summary>The older connection of this cluster that the entry yields to there; null when there is none.</summary>
    /// <param name="mayHoldOnly">An older one that claims nothing now, since it is suspended, counts too where it has a webhook there.</param>
    public Rival? Winner(bool mayHoldOnly) =>
        contest.Winner(place, definition.Url)
        ?? OlderHolder(Above)
        ?? (mayHoldOnly ? OlderHolder(sameUrl) : null);

    /// <summary>True when the winner's own webhook is there or above, so that ours is one too many.</summary>
    public bool IsServedBy(Rival winner) => sameUrl.Concat(Above).Any(w => w.Marker?.Owner == winner.OwnerId);

    /// <summary>
    /// Why no webhook may be made below one of somebody else that delivers to the same URL already; null when
    /// there is none, or only one of a younger connection, which yields.
    /// </summary>
    public WebhookFailure? Doubled()
    {
        if (Above.FirstOrDefault(w => w.Marker is null || contest.Holder(w.Marker, definition.Url) is null) is not { } theirs)
        {
            return null;
        }

        var (whose, cure) = theirs.Marker is null
            ? ("was not made by this operator", $"Remove it in Bitbucket, or set spec.webhooks[{name}].level to {AbovePlace!.Level} to have it taken over as spec.adoption says")
            : ($"belongs to another connection: {theirs.Webhook.Title}", "Remove one of the two");
        return Failed(
            Reasons.WebhookConflict,
            $"webhook {theirs.Webhook.Id} of {WebhooksStage.Named(AbovePlace!)} has the url of spec.webhooks[{name}], delivers for this repository too and {whose}. {cure}").Failure;
    }

    /// <summary>What to do where none of ours is there, and nobody is yielded to.</summary>
    public (WebhookChange? Change, WebhookFailure? Failure) Find(Adoption adoption)
    {
        var held = sameUrl.Where(w => w.Marker is not null).Select(w => (w.Webhook, Holder: contest.Holder(w.Marker!, definition.Url))).ToList();
        if (held.Find(h => h.Holder is null).Webhook is { } others)
        {
            return Failed(
                Reasons.WebhookConflict,
                $"webhook {others.Id} has the url of spec.webhooks[{name}] and belongs to another connection: {others.Title}. Remove one of the two");
        }

        if (held.Count > 0)
        {
            var (webhook, holder) = held[0];
            return (Change(ChangeKind.Update, webhook, $"{holder!.Name}, which is younger, made it and asks for the same url"), null);
        }

        return sameUrl.Count == 0 ? (Change(ChangeKind.Create, current: null, WhyCreate), null) : Adopt(adoption);
    }

    private (WebhookChange? Change, WebhookFailure? Failure) Adopt(Adoption adoption)
    {
        var identical = sameUrl.Select(w => w.Webhook).FirstOrDefault(w => PlacePlanner.Differences(w, definition).Count == 0);
        var foreign = identical ?? PlacePlanner.Oldest(sameUrl.Select(w => w.Webhook));
        var differences = string.Join(", ", PlacePlanner.Differences(foreign, definition));
        var rest = sameUrl.Count > 1 ? $"; {sameUrl.Count - 1} more with this url left alone" : "";
        if (identical is not null && adoption != Adoption.Never)
        {
            return (Change(ChangeKind.Adopt, identical, "it is as wanted and nobody's" + rest), null);
        }

        if (adoption == Adoption.Always)
        {
            return (Change(ChangeKind.Adopt, foreign, $"it is nobody's and differs in {differences}{rest}"), null);
        }

        return Failed(
            Reasons.WebhookNotAdopted,
            $"webhook {foreign.Id} has the url of spec.webhooks[{name}] and was not made by this operator"
            + (identical is null ? $"; it differs in {differences}. Remove it in Bitbucket, make it alike, or set spec.adoption to Always" : ". Remove it in Bitbucket, or set spec.adoption to IfIdentical"));
    }

    private Rival? OlderHolder(IEnumerable<MarkedWebhook> webhooks) =>
        webhooks.Select(w => w.Marker).OfType<WebhookMarker>().Select(m => contest.Holder(m, definition.Url)).FirstOrDefault(r => r is not null && contest.IsOlder(r));

    private WebhookChange Change(ChangeKind kind, Webhook? current, string why) => new(kind, place, name, current, definition, why);

    private (WebhookChange? Change, WebhookFailure? Failure) Failed(Reason reason, string message) =>
        (null, WebhookFailure.At(place, name, Fault.Waiting(reason, message)));
}
