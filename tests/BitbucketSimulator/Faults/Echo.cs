using System.Text;
using System.Text.Json.Nodes;

namespace BitbucketOperator.BitbucketSimulator.Faults;

/// <summary>
/// A server that repeats the credential of the request wherever it writes text: in plain, in base64 and percent-encoded. Listings get
/// further rows, whose slugs, keys and ids are the credential.
/// </summary>
internal static class Echo
{
    // Texts that people see. Keys and ids of real rows stay, so that the client gets as far as it can.
    private static readonly HashSet<string> Told = new(StringComparer.Ordinal)
    {
        "version", "displayName", "display_name", "nickname", "name", "title", "description", "message", "detail", "exceptionName", "statusMessage",
        "error_description", "outcome", "createdBy", "full_name",
    };

    /// <summary>The forms of a request's credential; none where it has none.</summary>
    public static IReadOnlyList<string> FormsOf(HttpRequest request)
    {
        if (request.Headers.Authorization.ToString().Split(' ', 2) is not [var scheme, { Length: > 0 } value]) return [];
        var secret = scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)
            ? Encoding.UTF8.GetString(Convert.FromBase64String(value)).Split(':', 2)[^1]
            : value;
        return [secret, Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)), Uri.EscapeDataString(secret), value];
    }

    /// <summary>Headers are text as well.</summary>
    public static void Spoil(IHeaderDictionary headers, IReadOnlyList<string> forms)
    {
        if (headers.TryGetValue("X-AUSERNAME", out var name)) headers["X-AUSERNAME"] = $"{name}-{string.Join('-', forms)}";
    }

    public static void Spoil(JsonNode? node, IReadOnlyList<string> forms)
    {
        switch (node)
        {
            case JsonObject map:
                SpoilFields(map, forms);
                break;
            case JsonArray list:
                foreach (var item in list) Spoil(item, forms);
                break;
        }
    }

    private static void SpoilFields(JsonObject map, IReadOnlyList<string> forms)
    {
        if (map["values"] is JsonArray { Count: > 0 } rows && rows[0] is JsonObject first && first["slug"] is not null)
        {
            foreach (var form in forms)
            {
                rows.Add(Row(first, form, row => row["slug"] = form));
                rows.Add(Row(first, form, row => row["project"] = new JsonObject { ["key"] = form }));
            }
        }

        foreach (var (name, value) in map.ToList())
        {
            if (Told.Contains(name) && value is JsonValue text && text.TryGetValue<string>(out var told)) map[name] = $"{told}-{string.Join('-', forms)}";
            else if (name == "href" && value is not null) map[name] = $"{value}?token={forms[0]}";
            else Spoil(value, forms);
        }
    }

    private static JsonObject Row(JsonObject first, string form, Action<JsonObject> change)
    {
        var row = (JsonObject)first.DeepClone();
        row["id"] = Math.Abs(form.GetHashCode(StringComparison.Ordinal));
        change(row);
        return row;
    }
}
