using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace BitbucketOperator.Testing;

/// <summary>
/// Secrets of tests. All hold one mark, so that one search finds every secret of every test in whatever the operator writes, in each
/// form that programs give to text.
/// </summary>
public static class Marked
{
    /// <summary>Part of every secret: it is changed by escaping in URLs and in JSON, and its base64 has characters of either alphabet.</summary>
    public const string Mark = "m4rk>ed?5ecret~";

    /// <summary>The same as part of a URL.</summary>
    public const string InUrl = "m4rk%3Eed%3F5ecret~";

    private static readonly (string Form, string Text)[] Forms = [.. FormsOf(Mark)];
    private static readonly SearchValues<string> AnyForm = SearchValues.Create([.. Forms.Select(f => f.Text)], StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a text is a secret of a test.</summary>
    public static bool Is(string text) => text.Contains(Mark, StringComparison.Ordinal);

    /// <summary>
    /// The forms in which a text holds a secret of a test, or one of some others: each with what stands around it. Empty for a text that
    /// holds none.
    /// </summary>
    /// <param name="text">What was written.</param>
    /// <param name="others">Secrets without the mark, such as those that the operator makes. Short ones are passed over: they are words.</param>
    public static IReadOnlyList<string> Traces(string text, params IReadOnlyCollection<string> others) =>
    [
        .. (text.AsSpan().ContainsAny(AnyForm) ? Forms : []).Concat(others.Where(o => o.Length >= 12).SelectMany(FormsOf))
            .Select(f => (f.Form, At: text.IndexOf(f.Text, StringComparison.OrdinalIgnoreCase), f.Text.Length))
            .Where(f => f.At >= 0)
            .Select(f => $"{f.Form}: …{text[Math.Max(0, f.At - 80)..Math.Min(text.Length, f.At + f.Length + 20)]}…"),
    ];

    /// <summary>Fails where something that was written holds a secret.</summary>
    /// <param name="where">What was written, for the message.</param>
    /// <param name="text">The text of it.</param>
    /// <param name="others">As for <see cref="Traces"/>.</param>
    /// <exception cref="SecretFoundException">It holds one.</exception>
    public static void ShouldNotBeIn(string where, string text, params IReadOnlyCollection<string> others)
    {
        if (Traces(text, others) is [_, ..] traces)
        {
            throw new SecretFoundException($"A secret is in {where}:\n{string.Join('\n', traces)}");
        }
    }

    private static IEnumerable<(string Form, string Text)> FormsOf(string secret)
    {
        var escaped = Uri.EscapeDataString(secret);
        (string, string)[] forms =
        [
            ("plain", secret),
            ("URL-encoded", escaped),
            ("form-encoded", WebUtility.UrlEncode(secret)),
            ("URL-encoded twice", Uri.EscapeDataString(escaped)),
            ("URL-encoded where it must be", secret.Replace(">", "%3E", StringComparison.Ordinal)),
            ("JSON-escaped", JavaScriptEncoder.Default.Encode(secret)),
            ("JSON-escaped twice", JavaScriptEncoder.Default.Encode(JavaScriptEncoder.Default.Encode(secret))),
            ("JSON", JsonEncodedText.Encode(secret, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value),
            ("HTML-escaped", HtmlEncoder.Default.Encode(secret)),
            ("hexadecimal", Convert.ToHexString(Encoding.UTF8.GetBytes(secret))),
            ("reversed", new string([.. secret.Reverse()])),
            .. Base64Of(secret).SelectMany(b => ((string, string)[])
            [
                ("base64", b), ("base64 for URLs", b.Replace('+', '-').Replace('/', '_')), ("base64, URL-encoded", Uri.EscapeDataString(b)),
                ("base64, JSON-escaped", JavaScriptEncoder.Default.Encode(b)),
            ]),
        ];
        return forms.DistinctBy(f => f.Item2, StringComparer.OrdinalIgnoreCase);
    }

    // At each of the three places that it may begin at, as in user:token, without the characters that its neighbours share.
    private static IEnumerable<string> Base64Of(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        for (var before = 0; before < 3; before++)
        {
            var text = Convert.ToBase64String([.. new byte[before], .. bytes]);
            yield return text[(before == 0 ? 0 : before + 1)..^(((before + bytes.Length) % 3) switch { 0 => 0, 1 => 3, _ => 2 })];
        }
    }
}

/// <summary>A secret of a test is where none may be.</summary>
public sealed class SecretFoundException(string message) : Exception(message);
