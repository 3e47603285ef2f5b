using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>
/// The rules for the webhooks of one repository. Ours are known by their marker; those of others are never touched, save
/// that one may be adopted.
/// </summary>
internal static class RepositoryPlanner
{
    /// <summary>What a repository needs that must have the webhooks.</summary>
    public static RepositoryPlan ForSelected(
        WebhookPlace repository, IReadOnlyList<Webhook> found, IReadOnlyList<DesiredWebhook> desired, WebhookOwner owner, Adoption adoption, bool mayRemove)
    {
        var marked = found.Select(w => (Webhook: w, Marker: WebhookMarker.Of(w, owner))).ToList();
        var inSync = new List<string>();
        var changes = new List<WebhookChange>();
        var removals = new List<WebhookChange>();
        var failures = new List<WebhookFailure>();
        foreach (var wanted in desired)
        {
            if (wanted.Definition.Value is not { } definition)
            {
                failures.Add(new WebhookFailure(repository.Name, wanted.Name, wanted.Definition.Fault!));
                continue;
            }

            var ours = marked.Where(m => m.Marker is { } k && k.Owner == owner.Id && k.Hook == wanted.Name).Select(m => m.Webhook).ToList();
            var (keeper, change, failure) = ours.Count > 0
                ? Keep(repository, wanted.Name, definition, ours)
                : Find(repository, wanted.Name, definition, marked, owner.Id, adoption);
            removals.AddRange(ours.Where(w => w != keeper).Select(w =>
                new WebhookChange(ChangeKind.Remove, repository, wanted.Name, w, Desired: null, $"it doubles webhook {keeper!.Id}")));
            Sort(wanted.Name, change, failure);
        }

        removals.AddRange(marked
            .Where(m => m.Marker is { } k && k.Owner == owner.Id && !desired.Any(d => d.Name == k.Hook))
            .Select(m => new WebhookChange(
                ChangeKind.Remove, repository, m.Marker!.Hook, m.Webhook, Desired: null, $"spec.webhooks has no entry {m.Marker.Hook}")));
        return new RepositoryPlan(repository, Selected: true, inSync, mayRemove ? [.. changes, .. removals] : changes, failures)
        {
            RemovalsWithheld = !mayRemove && removals.Count > 0,
        };

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

    /// <summary>What a repository needs that must have none of ours.</summary>
    public static RepositoryPlan ForUnselected(WebhookPlace repository, IReadOnlyList<Webhook> found, WebhookOwner owner, bool mayRemove, string reason)
    {
        var removals = found
            .Select(w => (Webhook: w, Marker: WebhookMarker.Of(w, owner)))
            .Where(m => m.Marker?.Owner == owner.Id)
            .Select(m => new WebhookChange(ChangeKind.Remove, repository, m.Marker!.Hook, m.Webhook, Desired: null, reason))
            .ToList();
        return new RepositoryPlan(repository, Selected: false, InSync: [], mayRemove ? removals : [], Failures: [])
        {
            RemovalsWithheld = !mayRemove && removals.Count > 0,
        };
    }

    // Of several of ours the one to keep is the one that needs no change, else the oldest.
    private static (Webhook Keeper, WebhookChange? Change, WebhookFailure? Failure) Keep(
        WebhookPlace repository, string name, WebhookDefinition definition, List<Webhook> ours)
    {
        var keeper = ours.Find(w => Drift(w, definition).Count == 0) ?? ours.OrderBy(w => w.Id.Length).ThenBy(w => w.Id, StringComparer.Ordinal).First();
        var drift = Drift(keeper, definition);
        return drift.Count == 0
            ? (keeper, null, null)
            : (keeper, new WebhookChange(ChangeKind.Update, repository, name, keeper, definition, $"it differs in {string.Join(", ", drift)}"), null);
    }

    private static (Webhook? Keeper, WebhookChange? Change, WebhookFailure? Failure) Find(
        WebhookPlace repository, string name, WebhookDefinition definition, List<(Webhook Webhook, WebhookMarker? Marker)> marked, string ownerId, Adoption adoption)
    {
        // One of ours for another entry is neither a rival nor to be taken: it is kept or removed as that entry says.
        var sameUrl = marked.Where(m => m.Marker?.Owner != ownerId && SameUrl(m.Webhook.Url, definition.Url)).ToList();
        if (sameUrl.Find(m => m.Marker is not null) is { Marker: not null } other)
        {
            return (null, null, new WebhookFailure(repository.Name, name, Fault.Waiting(
                Reasons.WebhookConflict,
                $"webhook {other.Webhook.Id} has the url of spec.webhooks[{name}] and belongs to another connection: {other.Webhook.Title}. Remove one of the two")));
        }

        if (sameUrl.Count == 0)
        {
            return (null, new WebhookChange(ChangeKind.Create, repository, name, Current: null, definition, "there is none"), null);
        }

        var identical = sameUrl.Find(m => Differences(m.Webhook, definition).Count == 0).Webhook;
        if (identical is not null && adoption != Adoption.Never)
        {
            return (identical, new WebhookChange(ChangeKind.Adopt, repository, name, identical, definition, "it is as wanted and nobody's"), null);
        }

        var foreign = sameUrl[0].Webhook;
        return (null, null, new WebhookFailure(repository.Name, name, Fault.Waiting(
            Reasons.WebhookNotAdopted,
            $"webhook {foreign.Id} has the url of spec.webhooks[{name}] and was not made by this operator"
            + (identical is null ? $"; it differs in {string.Join(", ", Differences(foreign, definition))}" : "")
            + ". Remove it in Bitbucket" + (identical is null ? ", or make it alike" : ", or set spec.adoption to IfIdentical"))));
    }

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

    private static List<string> Differences(Webhook found, WebhookDefinition wanted)
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
