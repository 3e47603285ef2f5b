using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Inventory;

/// <summary>
/// What was written to a webhook, until a read finds it there: tells a server that does not keep it, and somebody who keeps writing
/// something else, from a drift that is to be repaired. Fingerprints only.
/// </summary>
/// <param name="Hook">Name of the entry in spec.webhooks.</param>
/// <param name="Id">The server's id of the webhook.</param>
/// <param name="Desired">What was to be written.</param>
/// <param name="Stored">What the server answered that it stored.</param>
/// <param name="Replaced">What somebody else had written before; null where it was ours, or nobody knows.</param>
public sealed record WrittenWebhook(string Hook, string Id, string Desired, string Stored, string? Replaced)
{
    /// <summary>A webhook as found, or as answered.</summary>
    public static string FingerprintOf(Webhook webhook) => Fingerprint(
        webhook.Marker, webhook.Url, webhook.Events, webhook.Active, webhook.SslVerification, webhook.Secret.IsSet, webhook.Secret.Value);

    /// <summary>A webhook as it is to be.</summary>
    public static string FingerprintOf(WebhookDefinition definition) => Fingerprint(
        definition.Marker, definition.Url, definition.Events, definition.Active, definition.SslVerification, definition.Secret is not null, definition.Secret);

    private static string Fingerprint(string? marker, string url, IReadOnlySet<string> events, bool active, bool? ssl, bool isSigned, SecretText? secret)
    {
        var text = $"{marker}\n{url}\n{string.Join(' ', events.Order(StringComparer.Ordinal))}\n{active} {ssl} {isSigned} {secret?.Fingerprint(url)}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
    }
}
