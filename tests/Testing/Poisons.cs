using System.Text;

namespace BitbucketOperator.Testing;

/// <summary>What attackers put where a server, or anybody, can write text. Each test has places of its own, and takes all of these.</summary>
public static class Poisons
{
    /// <summary>A credential as servers repeat it: it needs escaping in URLs and JSON, and its base64 has characters of either alphabet.</summary>
    public const string Secret = "BBDC-Nj>?k4Mzc~A/5ecret+of==the\"bot";

    /// <summary>Who logs in with it.</summary>
    public const string Username = "bot";

    private const string Hidden = "\0\a\b\t\n\v\f\r\u001b\u007f\u0085\u009b\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029"
        + "\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\u3164\ufe0f\ufeff\ufff9";

    /// <summary>The credential in the forms that a server repeats it in.</summary>
    public static IReadOnlyDictionary<string, string> Echoes { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["plain"] = Secret,
        ["upper case"] = Secret.ToUpperInvariant(),
        ["percent-encoded"] = Uri.EscapeDataString(Secret),
        ["percent-encoded in lower case"] = Uri.EscapeDataString(Secret).ToLowerInvariant(),
        ["percent-encoded twice"] = Uri.EscapeDataString(Uri.EscapeDataString(Secret)),
        ["base64"] = Base64(Secret),
        ["base64 without padding"] = Base64(Secret).TrimEnd('='),
        ["base64 for URLs"] = Base64(Secret).Replace('+', '-').Replace('/', '_'),
        ["Basic pair"] = Base64($"{Username}:{Secret}"),
        ["base64 behind another name"] = Base64($"x-token-auth:{Secret}"),
        ["base64 within a text"] = Base64($"Authorization: Bearer {Secret}\r\n"),
        ["broken by a zero-width space"] = Secret.Insert(9, "\u200b"),
        ["JSON-escaped"] = Secret.Replace("\"", "\\\"", StringComparison.Ordinal),
    };

    /// <summary>All of them, by what they are.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(Echoes, StringComparer.Ordinal)
    {
        ["escape sequences"] = "a\u001b[31mred\u001b]0;title\ab",
        ["NUL and line breaks"] = "a\0b\r\nc\u2028d",
        ["bidi and zero-width"] = "a\u202eb\u2066c\u200bd\ufeffe",
        ["every hidden character"] = Hidden,
        ["only hidden characters"] = "\u200b\u202e\u2060",
        ["7 MB"] = new('x', 7_000_000),
        ["a credential where it is cut"] = new string('x', 290) + Secret + new string('y', 8_000),
        ["credentials until it is cut"] = string.Concat(Enumerable.Repeat(Secret, 1_000)),
        ["half a surrogate"] = "a\ud83d",
        ["a parent folder"] = "..",
        ["a path"] = "../../admin",
    };

    /// <summary>The names, for theories: some texts are too long for the name of a test.</summary>
    public static IEnumerable<string> Names => All.Keys;

    /// <summary>What of the poisons a text still holds; empty for a text that may be shown.</summary>
    public static IReadOnlyList<string> Traces(string? text, int longest = 320)
    {
        text ??= "";
        List<string> traces = [.. Hidden.Where(text.Contains).Select(c => $"U+{(int)c:X4}"), .. EchoesIn(text)];
        return text.Length <= longest ? traces : [.. traces, $"{text.Length} characters"];
    }

    /// <summary>The forms of the credential that a text holds, of this one or another.</summary>
    public static IReadOnlyList<string> EchoesIn(string text, string secret = Secret) =>
    [
        .. Forms(secret).Where(f => text.Contains(f, StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Forms(string secret)
    {
        // The end of a form is enough to tell it; what surrounds the secret changes the characters at its ends in base64.
        yield return secret;
        yield return secret[..(secret.Length / 2)];
        yield return Uri.EscapeDataString(secret);
        for (var shift = 0; shift < 3; shift++)
        {
            yield return Base64(new string('x', shift) + secret)[4..^4];
            yield return Base64(new string('x', shift) + secret)[4..^4].Replace('+', '-').Replace('/', '_');
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
