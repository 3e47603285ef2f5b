using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>
/// The rules for the webhooks of one place. Ours are known by their marker; those of others are never touched, save
/// by <see cref="UrlRules"/>.
/// </summary>
internal static class PlacePlanner
{
    /// <summary>What a place needs that must have the webhooks, or those of them that <paramref name="wish"/> keeps there.</summary>
    public static PlacePlan ForSelected(
        WebhookPlace place, IReadOnlyList<Webhook> found, IReadOnlyList<DesiredWebhook> desired, WebhookOwner owner, Adoption adoption, Contest contest, bool mayRemove, PlaceWish? wish = null) =>
        new SelectedPlace(place, found, owner, adoption, contest, wish ?? PlaceWish.All).Plan(desired, mayRemove);

    /// <summary>What a place needs that must have none of ours.</summary>
    public static PlacePlan ForUnselected(WebhookPlace place, IReadOnlyList<Webhook> found, WebhookOwner owner, bool mayRemove, string reason)
    {
        var removals = found
            .Select(w => (Webhook: w, Hook: WebhookMarker.HookOf(w, owner)))
            .Where(m => m.Hook is not null)
            .Select(m => new WebhookChange(ChangeKind.Remove, place, m.Hook!, m.Webhook, Desired: null, reason))
            .ToList();
        return new PlacePlan(place, Selected: false, InSync: [], mayRemove ? removals : [], Failures: [])
        {
            RemovalsWithheld = !mayRemove && removals.Count > 0,
            LeavesOurs = !mayRemove && removals.Count > 0,
        };
    }

    /// <summary>Names of the wanted webhooks that are there, ours and as they must be.</summary>
    public static HashSet<string> InSync(IReadOnlyList<Webhook> found, IReadOnlyList<DesiredWebhook> desired, WebhookOwner owner)
    {
        var ours = found.ToLookup(w => WebhookMarker.HookOf(w, owner), StringComparer.Ordinal);
        return [.. desired.Where(d => d.Definition.Value is { } definition && ours[d.Name].Any(w => Drift(w, definition).Count == 0)).Select(d => d.Name)];
    }

    /// <summary>The oldest of some webhooks; on Bitbucket Cloud, whose ids do not tell, always the same.</summary>
    public static Webhook Oldest(IEnumerable<Webhook> webhooks) => webhooks.OrderBy(w => w.Id.Length).ThenBy(w => w.Id, StringComparer.Ordinal).First();

    /// <summary>What has to be put right on one of ours: its marker too, which tells a rotated secret where the secret is hidden.</summary>
    public static List<string> Drift(Webhook found, WebhookDefinition wanted)
    {
        var drift = Differences(found, wanted);
        if (!string.Equals(found.Marker, wanted.Marker, StringComparison.Ordinal) && !drift.Contains("secret", StringComparer.Ordinal))
        {
            drift.Add(SecretRotated(found, wanted) ? "secret" : "owner mark");
        }

        return drift;
    }

    private static bool SecretRotated(Webhook found, WebhookDefinition wanted) =>
        found.Secret.Value is null
        && WebhookMarker.Parse(found.Marker)?.SecretFingerprint != WebhookMarker.Parse(wanted.Marker)?.SecretFingerprint;

    /// <summary>In which fields a webhook is not as wanted, whoever made it.</summary>
    public static List<string> Differences(Webhook found, WebhookDefinition wanted)
    {
        var differences = new List<string>();
        Add("url", !SameUrl(found.Url, wanted.Url));
        Add("events", !wanted.Events.SetEquals(found.Events));
        Add("active", found.Active != wanted.Active);
        Add("sslVerification", found.SslVerification is { } ssl && ssl != wanted.SslVerification);
        Add("secret", found.Secret.IsSet != wanted.Secret is not null || (found.Secret.Value is { } secret && !secret.Equals(wanted.Secret)));
        return differences;

        void Add(string what, bool differs)
        {
            if (differs)
            {
                differences.Add(what);
            }
        }
    }

    public static bool SameUrl(string one, string other) => string.Equals(one, other, StringComparison.Ordinal);
}
