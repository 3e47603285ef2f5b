using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>
/// The rules for the webhooks of one scope. Ours are known by their marker; those of others are never touched, save
/// by <see cref="UrlRules"/>.
/// </summary>
internal static class ScopePlanner
{
    private const string SecretField = "secret";

    /// <summary>What a scope needs that must have the webhooks, or those of them that <paramref name="tasks"/> keeps there.</summary>
    public static ScopePlan ForSelected(
        WebhookScope scope,
        IReadOnlyList<Webhook> found,
        IReadOnlyList<DesiredWebhook> desired,
        WebhookOwner owner,
        AdoptionRule adoption,
        ScopeFacts facts,
        bool mayRemove,
        ScopeTasks? tasks = null) =>
        new SelectedScope(scope, found, owner, adoption, facts, tasks ?? ScopeTasks.All).Plan(desired, mayRemove);

    /// <summary>What a scope needs that must have none of ours.</summary>
    public static ScopePlan ForUnselected(
        WebhookScope scope, IReadOnlyList<Webhook> found, WebhookOwner owner, bool mayRemove, string reason, Func<string, bool>? isAwaited = null)
    {
        var ours = found
            .Select(w => (Webhook: w, Hook: WebhookMarker.HookOf(w, owner)))
            .Where(m => m.Hook is not null)
            .ToList();
        var awaited = ours.FindAll(m => isAwaited?.Invoke(m.Webhook.Url) is true);
        var removals = ours.Except(awaited)
            .Select(m => new WebhookChange(ChangeKind.Remove, scope, m.Hook!, m.Webhook, Desired: null, reason))
            .ToList();
        return new ScopePlan(scope, Selected: false, InSync: [], mayRemove ? removals : [], Failures: [])
        {
            RemovalsWithheld = !mayRemove && removals.Count > 0,
            LeavesOurs = awaited.Count > 0 || (!mayRemove && removals.Count > 0),
            IsHandingOver = awaited.Count > 0,
        };
    }

    /// <summary>Names of the desired webhooks that are there, ours and as they must be.</summary>
    public static HashSet<string> InSync(IReadOnlyList<Webhook> found, IReadOnlyList<DesiredWebhook> desired, WebhookOwner owner)
    {
        var ours = found.ToLookup(w => WebhookMarker.HookOf(w, owner), StringComparer.Ordinal);
        return
        [
            .. desired.Where(d => d.Definition.Value is { } definition && ours[d.Name].Any(w => Drift(w, definition).Count == 0))
                .Select(d => d.Name),
        ];
    }

    /// <summary>The oldest of some webhooks.</summary>
    public static Webhook Oldest(IEnumerable<Webhook> webhooks) => webhooks.Aggregate((oldest, w) => w.IsOlderThan(oldest) ? w : oldest);

    /// <summary>What has to be put right on one of ours: its marker too, which tells a rotated secret where the secret is hidden.</summary>
    public static List<string> Drift(Webhook found, WebhookDefinition desired)
    {
        var drift = Differences(found, desired);
        if (!IsMarked(found, desired) && !SecretDiffers(found, desired))
        {
            drift.Add(SecretRotated(found, desired) ? SecretField : Sentences.OwnerMark);
        }

        return drift;
    }

    // Who does not know the cluster leaves its word as it is.
    private static bool IsMarked(Webhook found, WebhookDefinition desired) =>
        desired.IsMarkedAs(found.Marker)
        || (desired.FormerMarker is null
            && WebhookMarker.Parse(found.Marker) is { Cluster: not null } marker
            && marker with { Cluster = null } == WebhookMarker.Parse(desired.Marker));

    private static bool SecretDiffers(Webhook found, WebhookDefinition desired) =>
        found.Secret.IsSet != desired.Secret is not null || (found.Secret.Value is { } secret && !secret.Equals(desired.Secret));

    private static bool SecretRotated(Webhook found, WebhookDefinition desired) =>
        found.Secret.Value is null
        && WebhookMarker.Parse(found.Marker)?.SecretFingerprint != WebhookMarker.Parse(desired.Marker)?.SecretFingerprint;

    /// <summary>In which fields a webhook is not as desired, whoever made it.</summary>
    public static List<string> Differences(Webhook found, WebhookDefinition desired)
    {
        var differences = new List<string>();
        Add("url", !WebhookUrl.AreSame(found.Url, desired.Url));
        Add("events", !desired.Events.SetEquals(found.Events));
        Add("active", found.Active != desired.Active);
        Add("sslVerification", found.SslVerification is { } ssl && ssl != desired.SslVerification);
        Add(SecretField, SecretDiffers(found, desired));
        return differences;

        void Add(string what, bool differs)
        {
            if (differs)
            {
                differences.Add(what);
            }
        }
    }
}
