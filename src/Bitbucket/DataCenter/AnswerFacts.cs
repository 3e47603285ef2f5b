using System.Buffers;
using System.Net;
using System.Text.Json;
using BitbucketOperator.Bitbucket.Http;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>Everything about an answer that decides what it means. Its text is safe to show.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Kind">What the body claims to be.</param>
internal sealed record AnswerFacts(int Status, BodyKind Kind = BodyKind.Json)
{
    private const string Xsrf = "XSRF check failed";

    /// <summary>The user that the server took us for; null when it named none, or anonymous.</summary>
    public string? User { get; init; }

    /// <summary>This server, or a proxy in front of it, names no users at all, so that no name proves nothing.</summary>
    public bool NamesNobody { get; init; }

    /// <summary>Class names of the server's exceptions, without their package.</summary>
    public IReadOnlyList<string> Exceptions { get; init; } = [];

    /// <summary>What the server says; empty when it says nothing.</summary>
    public string Message { get; init; } = "";

    /// <summary>The header that asks for a CAPTCHA.</summary>
    public string? DeniedReason { get; init; }

    /// <summary>When to come back.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Where a redirect leads: scheme and host only.</summary>
    public string? RedirectsTo { get; init; }

    /// <summary>A redirect leads to another address of the API: what was asked for has a new name.</summary>
    public bool IsMoved { get; init; }

    /// <summary>An error is not Bitbucket's own, but of a proxy or firewall: a web page, plain text, or JSON of another form.</summary>
    public bool IsForeign { get => field || Kind is BodyKind.Html or BodyKind.Other; init; }

    /// <summary>Bitbucket takes the request for a forged one: it says so in plain text.</summary>
    public bool IsXsrfRefusal => Message.Contains(Xsrf, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Bitbucket 10 stores a webhook and fails to write the answer where several are made at once; without the inner exception, it
    /// refuses the request.
    /// </summary>
    public bool WasStored =>
        Has("JsonMappingException") && Message.Contains("java.util.ConcurrentModificationException", StringComparison.Ordinal);

    /// <summary>What holds the credential, for messages.</summary>
    public string CredentialPlace { get; init; } = "the Secret of spec.auth.secretRef";

    /// <summary>What people call the credential.</summary>
    public string CredentialNoun { get; init; } = "token";

    /// <summary>A sentence that may help with a refused credential, by its kind and form; empty where nothing helps.</summary>
    public string CredentialHint { get; init; } = "";

    /// <summary>True when one of the exceptions has this name.</summary>
    public bool Has(string exception) => Exceptions.Contains(exception, StringComparer.Ordinal);

    /// <summary>Reads an answer to a request for <paramref name="uri"/>.</summary>
    public static AnswerFacts Of(HttpAnswer answer, Uri uri, bool namesNobody, ServerText text)
    {
        var facts = new AnswerFacts((int)answer.Status, answer.Kind)
        {
            User = UserOf(answer, text),
            NamesNobody = namesNobody,
            DeniedReason = answer.Header("X-Authentication-Denied-Reason"),
            RetryAfter = answer.RetryAfter,
            RedirectsTo = answer.Location is { } location ? Addresses.OriginOf(uri, location, text) : null,
        };
        if (answer.Succeeded) return facts;
        if (SaysStatusInXml(answer)) return facts with { Kind = BodyKind.Json };
        return answer.Kind == BodyKind.Json ? facts.WithErrors(answer.Body, text) : facts with { Message = SaysXsrf(answer) ? Xsrf : "" };
    }

    // The platform below Bitbucket answers in XML here and there, as it does in JSON elsewhere.
    private static bool SaysStatusInXml(HttpAnswer answer) =>
        answer.Kind == BodyKind.Other && answer.Body.FirstSpan.IndexOf("<status-code>"u8) >= 0;

    // Bitbucket names these two in each error, though they can be null.
    private static bool IsError(JsonElement error) =>
        error.ValueKind == JsonValueKind.Object && (error.TryGetProperty("exceptionName", out _) || error.TryGetProperty("context", out _));

    private static bool SaysXsrf(HttpAnswer answer) =>
        answer.Status == HttpStatusCode.Forbidden && answer.Body.FirstSpan.IndexOf("XSRF check failed"u8) >= 0;

    // The name may come percent-encoded. Anonymous requests get no name, or this word.
    private static string? UserOf(HttpAnswer answer, ServerText text)
    {
        var name = answer.Header("X-AUSERNAME")?.Trim();
        if (string.IsNullOrEmpty(name) || name.Equals("anonymous", StringComparison.OrdinalIgnoreCase)) return null;
        return text.CleanOrNull(Uri.UnescapeDataString(name));
    }

    private AnswerFacts WithErrors(ReadOnlySequence<byte> body, ServerText text)
    {
        try
        {
            using var json = JsonTree.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object) return this with { IsForeign = true };
            var isEnvelope = json.RootElement.TryGetProperty("errors", out var list) && list.ValueKind == JsonValueKind.Array;
            isEnvelope = isEnvelope && (User is not null || list.EnumerateArray().Any(IsError));
            var errors = isEnvelope
                ? list.EnumerateArray().Where(error => error.ValueKind == JsonValueKind.Object).Take(5).ToList()
                : [json.RootElement];
            var messages = errors.Select(error => Text(error, "message")).OfType<string>().Distinct(StringComparer.Ordinal);
            return this with
            {
                Exceptions = [.. errors.Select(error => Text(error, "exceptionName")).OfType<string>().Select(e => text.Clean(ShortName(e)))],
                Message = text.Clean(string.Join(' ', messages)),
                IsForeign = !isEnvelope && !json.RootElement.TryGetProperty("status-code", out _),
            };
        }
        catch (JsonException)
        {
            return this with { Kind = BodyKind.Other };
        }
    }

    private static string ShortName(string exception) => exception[(exception.LastIndexOf('.') + 1)..];

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
