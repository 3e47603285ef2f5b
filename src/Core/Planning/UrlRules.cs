using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>A webhook found on a repository, with the mark of the connection that made it; null where nobody left one.</summary>
internal sealed record MarkedWebhook(Webhook Webhook, WebhookMarker? Marker);

/// <summary>
/// What to do about the webhooks of others that have a desired URL: leave them, adopt one that is nobody's, take over one of a
/// younger connection, or yield to an older one.
/// </summary>
/// <param name="scope">Where.</param>
/// <param name="name">Name of the entry in spec.webhooks.</param>
/// <param name="definition">How its webhook must be.</param>
/// <param name="sameUrl">The webhooks there with the same URL that are not marked as ours.</param>
/// <param name="conflicts">Who else desires the URL.</param>
internal sealed class UrlRules(
    WebhookScope scope, string name, WebhookDefinition definition, IReadOnlyList<MarkedWebhook> sameUrl, ConflictRules conflicts)
{
    /// <summary>The webhooks of others with the URL on the project or workspace above: they deliver for the scope too.</summary>
    public IReadOnlyList<MarkedWebhook> ProjectLevel { get; init; } = [];

    /// <summary>That project or workspace.</summary>
    public WebhookScope? ProjectLevelScope { get; init; }

    /// <summary>Why a webhook is made.</summary>
    public string WhyCreate { get; init; } = Sentences.ThereIsNone;

    /// <summary>The older connection of this cluster that the entry yields to there; null when there is none.</summary>
    /// <param name="mayHoldOnly">An older one that claims nothing now, since it is suspended, counts too where it has a webhook there.</param>
    public ConflictingConnection? Winner(bool mayHoldOnly) =>
        conflicts.Winner(scope, definition.Url)
        ?? OlderHolder(ProjectLevel)
        ?? (mayHoldOnly ? OlderHolder(sameUrl) : null);

    /// <summary>True when the winner's own webhook is there or above, so that ours is one too many.</summary>
    public bool IsServedBy(ConflictingConnection winner) => sameUrl.Concat(ProjectLevel).Any(w => w.Marker?.Owner == winner.OwnerId);

    /// <summary>
    /// Why no webhook may be made below one of somebody else that delivers to the same URL already; null when
    /// there is none, or only one of a younger connection, which yields.
    /// </summary>
    public WebhookFailure? Doubled()
    {
        if (ProjectLevel.FirstOrDefault(w => w.Marker is null || conflicts.Holder(w.Marker, definition.Url) is null) is not { } theirs)
        {
            return null;
        }

        var (id, title) = (theirs.Webhook.Id, theirs.Webhook.Title);
        var message = theirs.Marker is null
            ? Sentences.DoubledByUnmarked(id, ProjectLevelScope!, name)
            : Sentences.DoubledByOtherConnection(id, ProjectLevelScope!, name, title);
        return Failed(Reasons.WebhookConflict, message).Failure;
    }

    /// <summary>What to do where none of ours is there, and nobody is yielded to.</summary>
    public (WebhookChange? Change, WebhookFailure? Failure) Find(AdoptionRule adoption)
    {
        var held = sameUrl.Where(w => w.Marker is not null)
            .Select(w => (w.Webhook, Holder: conflicts.Holder(w.Marker!, definition.Url)))
            .ToList();
        if (held.Find(h => h.Holder is null).Webhook is { } others)
        {
            return Failed(Reasons.WebhookConflict, Sentences.OfOtherConnection(others.Id, name, others.Title));
        }

        if (held.Count > 0)
        {
            var (webhook, holder) = held[0];
            return (Change(ChangeKind.Update, webhook, Sentences.YoungerMadeIt(holder!.Name)), null);
        }

        return sameUrl.Count == 0 ? (Change(ChangeKind.Create, current: null, WhyCreate), null) : Adopt(adoption);
    }

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

        return Failed(Reasons.WebhookNotAdopted, Sentences.NotAdopted(foreign.Id, name, identical is null ? differences : null));
    }

    private ConflictingConnection? OlderHolder(IEnumerable<MarkedWebhook> webhooks) =>
        webhooks.Select(w => w.Marker).OfType<WebhookMarker>()
            .Select(m => conflicts.Holder(m, definition.Url))
            .FirstOrDefault(r => r is not null && conflicts.IsOlder(r));

    private WebhookChange Change(ChangeKind kind, Webhook? current, string why) =>
        new(kind, scope, name, current, definition, why);

    private (WebhookChange? Change, WebhookFailure? Failure) Failed(Reason reason, string message) =>
        (null, WebhookFailure.At(scope, name, Fault.Waiting(reason, message)));
}
