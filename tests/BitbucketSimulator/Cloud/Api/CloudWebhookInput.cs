using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>The body of a webhook creation or replacement, checked as the server checks it. Fields it does not know are ignored.</summary>
internal sealed record CloudWebhookInput(
    string Url, string? Description, bool Active, HashSet<string> Events, bool? SkipCertVerification, bool SecretGiven, string? Secret)
{
    private const int SecretLimit = 128;

    public static CloudWebhookInput Read(JsonObject json, CloudQuirks quirks, bool ofWorkspace)
    {
        var secret = Text(json, "secret");
        if (secret?.Length > SecretLimit) throw CloudErrors.BadText("secret", $"Ensure this value has at most {SecretLimit} characters.");
        var description = Text(json, "description");
        if (description?.Length > quirks.DescriptionLimit)
            throw CloudErrors.BadText("description", $"Ensure this value has at most {quirks.DescriptionLimit} characters.");
        return new(
            ReadUrl(json, quirks),
            description,
            Truth(json, "active") ?? true,
            ReadEvents(json, quirks, ofWorkspace),
            Truth(json, "skip_cert_verification"),
            json.ContainsKey("secret"),
            string.IsNullOrEmpty(secret) ? null : secret);
    }

    /// <summary>A secret that is not sent stays, and so does the look at certificates; everything else is replaced.</summary>
    public void ReplaceIn(CloudWebhook hook)
    {
        (hook.Url, hook.Description, hook.Active, hook.Events) = (Url, Description, Active, Events);
        hook.SkipCertVerification = SkipCertVerification ?? hook.SkipCertVerification;
        if (SecretGiven) hook.Secret = Secret;
    }

    private static string ReadUrl(JsonObject json, CloudQuirks quirks)
    {
        if (!json.ContainsKey("url")) throw CloudErrors.MissingField("url");
        var text = Text(json, "url") ?? throw CloudErrors.NullField("url");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw CloudErrors.BadField("url", "Enter a valid URL.");
        if (quirks.RefuseInternalUrls && IsInternal(url.IdnHost)) throw CloudErrors.BadField("url", "The URL must resolve to a public address.");
        return text;
    }

    private static HashSet<string> ReadEvents(JsonObject json, CloudQuirks quirks, bool ofWorkspace)
    {
        if (!json.ContainsKey("events")) throw CloudErrors.MissingField("events");
        if (json["events"] is not JsonArray list) throw CloudErrors.BadField("events", "A list of events is expected.");
        if (list.Count == 0) throw CloudErrors.BadField("events", "At least one event must be specified.");
        var events = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list)
        {
            var key = item is JsonValue value && value.TryGetValue<string>(out var text) ? text : item?.ToJsonString() ?? "null";
            if (!CloudEvents.Accepts(key, ofWorkspace, quirks.IssueEvents)) throw CloudErrors.BadField("events", $"\"{key}\" is not a valid event.");
            if (!events.Add(key)) throw CloudErrors.BadField("events", "Events must be unique.");
        }

        return events;
    }

    /// <summary>Names of this machine and of clusters, and addresses that are not routed.</summary>
    private static bool IsInternal(string host)
    {
        if (!IPAddress.TryParse(host, out var address))
            return !host.Contains('.', StringComparison.Ordinal)
                || Array.Exists([".svc", ".local", ".internal", ".localhost"], e => host.EndsWith(e, StringComparison.OrdinalIgnoreCase));
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (plain.AddressFamily == AddressFamily.InterNetworkV6) return IPAddress.IsLoopback(plain) || plain.IsIPv6LinkLocal || plain.IsIPv6UniqueLocal;
        var bytes = plain.GetAddressBytes();
        return bytes[0] is 0 or 10 or 127 || (bytes[0], bytes[1]) is (192, 168) or (169, 254) or (172, >= 16 and < 32);
    }

    private static string? Text(JsonObject json, string field) => json[field] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw CloudErrors.BadText(field, "Not a valid string."),
    };

    private static bool? Truth(JsonObject json, string field)
    {
        if (!json.TryGetPropertyValue(field, out var node)) return null;
        if (node is null) throw CloudErrors.NullField(field);
        return node is JsonValue value && value.TryGetValue<bool>(out var truth) ? truth : throw CloudErrors.BadText(field, "Must be a valid boolean.");
    }
}
