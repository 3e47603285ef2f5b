using System.Globalization;
using System.Text.Json;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>
/// Webhooks as Bitbucket Cloud writes them. It keeps one text with a webhook, which is both its title and the mark of its
/// owner, and never shows a secret.
/// </summary>
internal static class WebhookJson
{
    private const int MaxEvents = 1_000;
    private const string Repository = "repository";

    /// <summary>The webhook; null when it has no id, or one that Bitbucket does not give.</summary>
    public static Webhook? Read(WireWebhook row, ServerText text)
    {
        if (row.Uuid is not { } id || !NameRules.IsId(id) || text.IsRepeatedIn(id)) return null;
        var description = ServerText.Kept(row.Description);
        return new(
            id,
            description,
            description.Length == 0 ? null : description,
            ServerText.Kept(row.Url),
            (row.Events ?? []).OfType<string>().Take(MaxEvents).Select(ServerText.Kept).ToHashSet(StringComparer.Ordinal),
            row.Active ?? true,
            row.SkipCertVerification is { } skip ? !skip : null,
            new(row.SecretSet ?? false, Value: null))
        {
            CreatedAt = Time(row.CreatedAt),
            RepeatsCredential = text.IsRepeatedIn(description),
        };
    }

    /// <summary>True for a webhook of the level itself. A workspace's subject can be the team or the user that the workspace was.</summary>
    public static bool IsAt(ScopeKind level, WireWebhook row) =>
        row.Subject?.Type is not { } subject || subject.Equals(Repository, StringComparison.OrdinalIgnoreCase) == (level == ScopeKind.Repository);

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
