using BitbucketOperator.Testing.Servers;
using System.Collections.Immutable;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Convergence.Tests.World;

/// <summary>Whose a webhook is, and how ours are signed.</summary>
internal static class Marks
{
    /// <summary>The entry that a webhook of ours was made for; null for one of others.</summary>
    public static string? EntryOf(Hook hook) => Of(hook) is { } marker && marker.Owner == Resource.Owner.Id ? marker.Hook : null;

    public static bool IsOurs(Hook hook) => EntryOf(hook) is not null;

    /// <summary>True for one that nobody signed.</summary>
    public static bool IsUnsigned(Hook hook) => Of(hook) is null;

    /// <summary>Title and marker of a webhook that <paramref name="owner"/> made.</summary>
    public static (string Title, string? Marker) Sign(bool cloud, WebhookOwner owner, string entry, string? secret)
    {
        var marker = new WebhookMarker(owner.Id, entry, secret is null ? null : new SecretText(secret).Fingerprint($"{owner.Id}/{entry}"))
        {
            Cluster = owner.Cluster,
        };
        return cloud ? (marker.Description(owner), null) : (WebhookMarker.Title(entry, owner), marker.ToString());
    }

    private static WebhookMarker? Of(Hook hook) => WebhookMarker.Of(
        new Webhook(
            hook.Id,
            hook.Title,
            hook.Marker ?? (WebhookMarker.Parse(hook.Title) is null ? null : hook.Title),
            hook.Fields.Url,
            ImmutableHashSet<string>.Empty,
            hook.Fields.Active,
            hook.Fields.Ssl,
            WebhookSecret.None),
        Resource.Owner);
}
