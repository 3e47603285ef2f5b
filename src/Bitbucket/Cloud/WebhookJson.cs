using System.Globalization;
using System.Text.Json;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>
/// Webhooks as Bitbucket Cloud writes them. It keeps one text with a webhook, which is both its title and the mark of its
/// owner, and never shows a secret.
/// </summary>
internal static class WebhookJson
{
    /// <summary>The webhook; null when it has no id.</summary>
    public static Webhook? Read(WireWebhook row)
    {
        if (string.IsNullOrEmpty(row.Uuid)) return null;
        var text = row.Description ?? "";
        return new(
            row.Uuid,
            text,
            text.Length == 0 ? null : text,
            row.Url ?? "",
            (row.Events ?? []).OfType<string>().ToHashSet(StringComparer.Ordinal),
            row.Active ?? true,
            row.SkipCertVerification is { } skip ? !skip : null,
            new(row.SecretSet ?? false, Value: null))
        {
            CreatedAt = Time(row.CreatedAt),
        };
    }

    /// <summary>True for a webhook of the level itself.</summary>
    public static bool IsAt(ScopeKind level, WireWebhook row) =>
        row.Subject?.Type is not { } subject || subject.Equals(level.ToString(), StringComparison.OrdinalIgnoreCase);

    /// <summary>What to send to have the webhook as defined. Without a secret in the definition, the webhook's own stays.</summary>
    public static byte[] Write(WebhookDefinition definition)
    {
        if (definition.Secret is { IsEmpty: false } secret) return ToBytes(Body(definition, secret.Reveal()));
        return JsonSerializer.SerializeToUtf8Bytes<WireWebhookBody>(
            new(definition.Marker, definition.Url, definition.Active, !definition.SslVerification, Events(definition)),
            CloudJson.Default.WireWebhookBody);
    }

    /// <summary>What to send to have the webhook as defined, and its secret taken away.</summary>
    public static byte[] WriteWithoutSecret(WebhookDefinition definition) => ToBytes(Body(definition, secret: null));

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    private static WireWebhookBodyWithSecret Body(WebhookDefinition definition, string? secret) =>
        new(definition.Marker, definition.Url, definition.Active, !definition.SslVerification, Events(definition), secret);

    private static byte[] ToBytes(WireWebhookBodyWithSecret body) =>
        JsonSerializer.SerializeToUtf8Bytes(body, CloudJson.Default.WireWebhookBodyWithSecret);

    // A key that is there twice is refused; an order makes requests alike.
    private static string[] Events(WebhookDefinition definition) => [.. definition.Events.Order(StringComparer.Ordinal)];
}
