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
        WebhookPlace place, IReadOnlyList<Webhook> found, IReadOnlyList<DesiredWebhook> desired, WebhookOwner owner, Adoption adoption, Contest contest, bool mayRemove, PlaceWish? wish = null)
    {
        wish ??= PlaceWish.All;
        var above = wish.Above.Select(w => new MarkedWebhook(w, WebhookMarker.Of(w, owner))).Where(m => m.Marker?.Owner != owner.Id).ToList();
        var marked = found.Select(w => new MarkedWebhook(w, WebhookMarker.Of(w, owner))).ToList();
        var inSync = new List<string>();
        var changes = new List<WebhookChange>();
        var removals = new List<WebhookChange>();
        var later = new List<WebhookChange>();
        var served = new List<string>();
        var failures = new List<WebhookFailure>();
        foreach (var wanted in desired)
        {
            if (wanted.Definition.Value is not { } definition)
            {
                failures.Add(WebhookFailure.At(place, wanted.Name, wanted.Definition.Fault!));
                continue;
            }

            // One of ours for another entry is neither a rival nor to be taken: it is kept or removed as that entry says.
            var ours = marked.Where(m => m.Marker is { } k && k.Owner == owner.Id && k.Hook == wanted.Name).Select(m => m.Webhook).ToList();
            var (task, reason) = wish.Of(wanted.Name);
            if (task != EntryTask.Keep)
            {
                (task == EntryTask.Remove ? removals : later).AddRange(task == EntryTask.Leave ? [] : ours.Select(w => Removal(wanted.Name, w, reason)));
                inSync.AddRange(task == EntryTask.Leave && wish.Counts(wanted.Name) && ours.Exists(w => Drift(w, definition).Count == 0) ? [wanted.Name] : []);
                continue;
            }

            // What another entry with the same url takes over is not there for this one.
            var others = marked.Where(m => m.Marker?.Owner != owner.Id && SameUrl(m.Webhook.Url, definition.Url) && !changes.Exists(c => c.Current?.Id == m.Webhook.Id)).ToList();
            var rules = new UrlRules(place, wanted.Name, definition, others, contest)
            {
                Above = above.FindAll(m => SameUrl(m.Webhook.Url, definition.Url)),
                AbovePlace = wish.AbovePlace,
                WhyCreate = wish.Moves(wanted.Name) ?? "there is none",
            };
            if (rules.Winner(mayHoldOnly: ours.Count == 0) is { } winner)
            {
                // Ours stays for the winner to take over, so that no delivery is missed, or goes when the winner has its own.
                failures.Add(WebhookFailure.At(place, wanted.Name, Contest.Lost(wanted.Name, winner)));
                served.AddRange(rules.IsServedBy(winner) ? [wanted.Name] : []);
                removals.AddRange(rules.IsServedBy(winner) ? ours.Select(w => Removal(wanted.Name, w, $"{winner.Name}, which is older, has its own there")) : []);
                continue;
            }

            var doubled = rules.Doubled();
            if (doubled is not null)
            {
                failures.Add(doubled);
                if (ours.Count == 0)
                {
                    continue;
                }
            }

            var (change, failure) = ours.Count > 0 ? Keep(wanted.Name, definition, ours) : rules.Find(adoption);
            Sort(wanted.Name, change, failure);
        }

        removals.AddRange(marked
            .Where(m => m.Marker is { } k && k.Owner == owner.Id && !desired.Any(d => d.Name == k.Hook))
            .Select(m => Removal(m.Marker!.Hook, m.Webhook, $"spec.webhooks has no entry {m.Marker.Hook}")));
        var own = marked.Count(m => m.Marker?.Owner == owner.Id);
        return new PlacePlan(place, Selected: true, inSync, mayRemove ? [.. changes, .. removals] : changes, failures)
        {
            RemovalsWithheld = !mayRemove && removals.Count > 0,
            Later = later,
            Served = served,
            LeavesOurs = changes.Count > 0 || own > (mayRemove ? removals.Count : 0),
        };

        // Of several of ours the one to keep is the one that needs no change, else the oldest.
        (WebhookChange? Change, WebhookFailure? Failure) Keep(string name, WebhookDefinition definition, List<Webhook> ours)
        {
            var keeper = ours.Find(w => Drift(w, definition).Count == 0) ?? Oldest(ours);
            removals.AddRange(ours.Where(w => w != keeper).Select(w => Removal(name, w, $"it doubles webhook {keeper.Id}")));
            var drift = Drift(keeper, definition);
            return drift.Count == 0
                ? default
                : (new WebhookChange(ChangeKind.Update, place, name, keeper, definition, $"it differs in {string.Join(", ", drift)}"), null);
        }

        WebhookChange Removal(string name, Webhook webhook, string why) => new(ChangeKind.Remove, place, name, webhook, Desired: null, why);

        void Sort(string name, WebhookChange? change, WebhookFailure? failure)
        {
            if (change is not null)
            {
                changes.Add(change);
            }
            else if (failure is not null)
            {
                failures.Add(failure);
            }
            else
            {
                inSync.Add(name);
            }
        }
    }

    /// <summary>What a place needs that must have none of ours.</summary>
    public static PlacePlan ForUnselected(WebhookPlace place, IReadOnlyList<Webhook> found, WebhookOwner owner, bool mayRemove, string reason)
    {
        var removals = found
            .Select(w => (Webhook: w, Marker: WebhookMarker.Of(w, owner)))
            .Where(m => m.Marker?.Owner == owner.Id)
            .Select(m => new WebhookChange(ChangeKind.Remove, place, m.Marker!.Hook, m.Webhook, Desired: null, reason))
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
        var ours = found.Select(w => (Webhook: w, Marker: WebhookMarker.Of(w, owner))).Where(m => m.Marker?.Owner == owner.Id).ToLookup(m => m.Marker!.Hook, m => m.Webhook, StringComparer.Ordinal);
        return [.. desired.Where(d => d.Definition.Value is { } definition && ours[d.Name].Any(w => Drift(w, definition).Count == 0)).Select(d => d.Name)];
    }

    /// <summary>The oldest of some webhooks; on Bitbucket Cloud, whose ids do not tell, always the same.</summary>
    public static Webhook Oldest(IEnumerable<Webhook> webhooks) => webhooks.OrderBy(w => w.Id.Length).ThenBy(w => w.Id, StringComparer.Ordinal).First();

    // What has to be put right on one of ours: its marker too, which tells a rotated secret where the secret is hidden.
    private static List<string> Drift(Webhook found, WebhookDefinition wanted)
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

    private static bool SameUrl(string one, string other) => string.Equals(one, other, StringComparison.Ordinal);
}
