using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>The body of a webhook creation or replacement, checked as the server checks it.</summary>
internal sealed record WebhookInput(
    string Name,
    string Url,
    bool Active,
    HashSet<string> Events,
    Dictionary<string, string> Configuration,
    bool SslVerificationRequired,
    string? Username,
    string? Password)
{
    public static WebhookInput Read(JsonObject json, ServerVersion version)
    {
        var name = Text(json, "name");
        if (string.IsNullOrWhiteSpace(name)) throw Errors.BadRequest("A name is required.", "name");
        var url = Text(json, "url");
        if (url is null && version.IsPlatform10()) throw Errors.BadRequest("No URL was specified", "url");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https"))
            throw Errors.BadRequest("A valid URL is required.", "url");
        var credentials = version.KnowsProjectWebhooks() ? Object(json, "credentials") : null;
        return new(
            name,
            url,
            Truth(json, "active"),
            ReadEvents(json, version),
            ReadConfiguration(json),
            !version.KnowsSslVerification() || Truth(json, "sslVerificationRequired"),
            credentials is null ? null : Text(credentials, "username"),
            credentials is null ? null : Text(credentials, "password"));
    }

    /// <summary>Everything not sent is cleared, except the password when the same user name comes without one.</summary>
    public void ReplaceIn(Webhook hook)
    {
        var keepsPassword = Username is not null && Password is null;
        (hook.Name, hook.Url, hook.Active, hook.Events) = (Name, Url, Active, Events);
        (hook.Configuration, hook.SslVerificationRequired) = (Configuration, SslVerificationRequired);
        (hook.Username, hook.Password) = (Username, keepsPassword ? hook.Password : Password);
    }

    private static HashSet<string> ReadEvents(JsonObject json, ServerVersion version)
    {
        var events = new HashSet<string>(StringComparer.Ordinal);
        if (version.IsPlatform10() && json["events"] is null or JsonArray { Count: 0 })
            throw Errors.BadRequest("At least one event must be provided", "events");
        if (json["events"] is not { } node) return events;
        if (node is not JsonArray list) throw Errors.BadRequest("events must be a list.", "events");
        foreach (var (index, item) in list.Index())
        {
            var key = item is JsonValue value && value.TryGetValue<string>(out var text) ? text : item?.ToJsonString() ?? "null";
            if (!EventKeys.Accepts(version, key)) throw Errors.BadRequest($"the event {key} is unknown", $"events[{index}].id");
            events.Add(key);
        }

        return events;
    }

    private static Dictionary<string, string> ReadConfiguration(JsonObject json)
    {
        var configuration = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Object(json, "configuration") is not { } fields) return configuration;
        foreach (var (key, value) in fields)
        {
            if (value is null) continue;
            configuration[key] = value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
        }

        // An empty key cannot sign; the real server finds out too late to say so politely.
        return configuration.TryGetValue("secret", out var secret) && secret.Length == 0
            ? throw Errors.ServerError()
            : configuration;
    }

    private static string? Text(JsonObject json, string field) => json[field] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw Errors.BadRequest($"{field} must be text.", field),
    };

    private static bool Truth(JsonObject json, string field) => json[field] switch
    {
        null => true,
        JsonValue value when value.TryGetValue<bool>(out var truth) => truth,
        _ => throw Errors.BadRequest($"{field} must be true or false.", field),
    };

    private static JsonObject? Object(JsonObject json, string field) => json[field] switch
    {
        null => null,
        JsonObject inner => inner,
        _ => throw Errors.BadRequest($"{field} must be an object.", field),
    };
}
