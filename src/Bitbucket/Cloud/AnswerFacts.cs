using System.Text;
using System.Text.Json;
using BitbucketOperator.Bitbucket.Http;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>Everything about an answer that decides what it means. Its text is safe to show.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Kind">What the body claims to be.</param>
internal sealed record AnswerFacts(int Status, BodyKind Kind = BodyKind.Json)
{
    /// <summary>What Bitbucket says: message, detail and fields in one; empty when it says nothing.</summary>
    public string Message { get; init; } = "";

    /// <summary>The code of an error of the token endpoint, such as <c>invalid_client</c>.</summary>
    public string? Error { get; init; }

    /// <summary>The fields of the request that an error names; empty when it names none.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Scopes that the credential would need and lacks, sorted.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>The header x-credential-type; null when there is none. To be compared, not to be shown.</summary>
    public string? CredentialType { get; init; }

    /// <summary>The header x-oauth-scopes; null when there is none or it is empty. To be compared, not to be shown.</summary>
    public string? Granted { get; init; }

    /// <summary>When to come back.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Where a redirect leads: scheme and host only.</summary>
    public string? RedirectsTo { get; init; }

    /// <summary>An error in JSON is not Bitbucket's own, but of a proxy or firewall.</summary>
    public bool IsForeign { get; init; }

    /// <summary>The credential is good, and this kind of it may not make the call.</summary>
    public bool IsOtherMechanism => Says("not accessible by this authentication mechanism");

    /// <summary>True when the message has these words, in whatever case.</summary>
    public bool Says(string words) => Message.Contains(words, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads an answer to a request for <paramref name="uri"/>.</summary>
    public static AnswerFacts Of(HttpAnswer answer, Uri uri, ServerText text)
    {
        var facts = new AnswerFacts((int)answer.Status, answer.Kind)
        {
            CredentialType = Text(answer.Header("x-credential-type")),
            Granted = Text(answer.Header("x-oauth-scopes")),
            RetryAfter = answer.RetryAfter,
            RedirectsTo = answer.Location is { } location ? Addresses.OriginOf(uri, location, text) : null,
        };
        return answer.Succeeded || answer.Kind is BodyKind.Html or BodyKind.Empty ? facts : facts.WithError(answer, text);
    }

    private AnswerFacts WithError(HttpAnswer answer, ServerText text)
    {
        if (Kind == BodyKind.Json)
        {
            try
            {
                using var json = JsonTree.Parse(answer.Body);
                return WithError(json.RootElement, text);
            }
            catch (JsonException)
            {
                // An edge proxy says what it has to say in plain words, whatever the header claims.
            }
        }

        return this with { Kind = BodyKind.Other, Message = text.Clean(Encoding.UTF8.GetString(answer.Body)) };
    }

    private AnswerFacts WithError(JsonElement json, ServerText text)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("error", out var error)) return this with { IsForeign = true };
        if (error.ValueKind == JsonValueKind.String)
        {
            var code = text.Clean(error.GetString()!);
            return this with { Error = code, Message = TextOf(json, "error_description") is { } said ? text.Clean(said) : code };
        }

        if (error.ValueKind != JsonValueKind.Object) return this;
        List<string> words = [.. Words(error, "message"), .. Words(error, "detail"), .. Words(error, "fields")];
        return this with { Message = text.Clean(string.Join(' ', words)), Fields = FieldsOf(error), Required = RequiredOf(error, text) };
    }

    // detail is a text or an object; fields is an object of lists, an object of texts, or a list of texts.
    private static IEnumerable<string> Words(JsonElement error, string name)
    {
        if (!error.TryGetProperty(name, out var value)) return [];
        return value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array => Texts(value),
            JsonValueKind.Object when name == "fields" => value.EnumerateObject().Select(field => $"{field.Name}: {string.Join(' ', Texts(field.Value))}"),
            _ => [],
        };
    }

    private static IReadOnlyList<string> FieldsOf(JsonElement error) =>
        error.TryGetProperty("fields", out var fields) && fields.ValueKind == JsonValueKind.Object
            ? [.. fields.EnumerateObject().Select(field => field.Name)]
            : [];

    // All that the call needs is named, and all that is there.
    private static IReadOnlyList<string> RequiredOf(JsonElement error, ServerText text)
    {
        if (!error.TryGetProperty("detail", out var detail) || detail.ValueKind != JsonValueKind.Object) return [];
        if (!detail.TryGetProperty("required", out var required)) return [];
        var granted = Scopes.Parse(detail.TryGetProperty("granted", out var list) ? string.Join(' ', Texts(list)) : "");
        var scopes = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var scope in Texts(required).Take(10)) scopes.Add(text.Clean(scope));
        return [.. scopes.IsSubsetOf(granted) ? scopes : scopes.Except(granted, StringComparer.Ordinal)];
    }

    private static List<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!).ToList(),
        _ => [],
    };

    private static string? TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Text(string? header) => string.IsNullOrWhiteSpace(header) ? null : header.Trim();
}
