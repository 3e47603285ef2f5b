using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>
/// Webhooks as Bitbucket writes them. Kept as a tree rather than a type: a replacement must carry back every field,
/// those of newer versions included, or it is cleared.
/// </summary>
internal static class WebhookJson
{
    private const int MaxEvents = 1_000;

    // What the server sets by itself.
    private static readonly string[] ReadOnly = ["id", "createdDate", "updatedDate", "statistics"];

    /// <summary>The webhook; null when it has no id, or one that Bitbucket does not give.</summary>
    public static Webhook? Read(JsonObject json, ServerText text)
    {
        if (json["id"] is not JsonValue value || value.ToString() is not { } id || !NameRules.IsId(id) || text.IsRepeatedIn(id)) return null;
        var configuration = json["configuration"] as JsonObject;
        var (title, marker) = (ServerText.Kept(Text(json, "name")), Text(configuration, "createdBy"));
        return new(
            id,
            title,
            marker is null ? null : ServerText.Kept(marker),
            ServerText.Kept(Text(json, "url")),
            (json["events"] as JsonArray ?? []).Take(MaxEvents).Select(key => ServerText.Kept(key?.ToString())).ToHashSet(StringComparer.Ordinal),
            Truth(json, "active") ?? true,
            Truth(json, "sslVerificationRequired"),
            Text(configuration, "secret") is { Length: > 0 } secret ? new(IsSet: true, new SecretText(secret)) : WebhookSecret.None)
        {
            CreatedAt = Time(json, "createdDate"),
            RepeatsCredential = text.IsRepeatedIn(title) || text.IsRepeatedIn(marker),
        };
    }

    /// <summary>True for a webhook of the level itself; a repository's listings of some versions hold those of its project.</summary>
    public static bool IsAt(ScopeKind level, JsonObject json) =>
        Text(json, "scopeType") is not { } scope || scope.Equals(level.ToString(), StringComparison.OrdinalIgnoreCase);

    /// <summary>What to send to make <paramref name="existing"/>, or nothing, be as defined.</summary>
    public static JsonObject Write(WebhookDefinition definition, JsonObject? existing = null)
    {
        var json = (JsonObject?)existing?.DeepClone() ?? [];
        foreach (var field in ReadOnly) json.Remove(field);
        json["name"] = definition.Title;
        json["url"] = definition.Url;
        json["active"] = definition.Active;
        json["sslVerificationRequired"] = definition.SslVerification;
        json["events"] = new JsonArray([.. definition.Events.Order(StringComparer.Ordinal).Select(key => JsonValue.Create(key))]);
        json["configuration"] = Configuration(definition, existing?["configuration"] as JsonObject);
        return json;
    }

    /// <summary>UTF-8 to send.</summary>
    public static byte[] ToBytes(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json, WireJson.Default.JsonObject);

    // An empty secret gives an error 500; no secret is one that is left out.
    private static JsonObject Configuration(WebhookDefinition definition, JsonObject? existing)
    {
        var configuration = (JsonObject?)existing?.DeepClone() ?? [];
        configuration["createdBy"] = definition.Marker;
        configuration.Remove("secret");
        if (definition.Secret is { IsEmpty: false } secret) configuration["secret"] = secret.Reveal();
        return configuration;
    }

    private static string? Text(JsonObject? json, string field) =>
        json?[field] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    // Milliseconds; a time that does not exist says nothing.
    private static DateTimeOffset? Time(JsonObject json, string field) =>
        json[field] is JsonValue value && value.TryGetValue(out long at) && at is > 0 and < 253_402_300_800_000
            ? DateTimeOffset.FromUnixTimeMilliseconds(at)
            : null;

    private static bool? Truth(JsonObject json, string field) => json[field]?.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };
}
