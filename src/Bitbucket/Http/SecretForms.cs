using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>
/// The forms in which a server may repeat a secret: as it is, percent-encoded, escaped as in JSON, and in base64 of either alphabet,
/// by itself or anywhere within a longer text.
/// </summary>
internal static class SecretForms
{
    // Shorter ones are found in texts that have nothing to do with the secret.
    private const int ShortestWithin = 8;

    /// <summary>The forms, the longest first: the start of it may be a secret of its own.</summary>
    public static string[] Of(IEnumerable<SecretText> secrets) =>
        [.. secrets.Where(s => !s.IsEmpty).SelectMany(s => Of(s.Reveal())).Distinct(StringComparer.OrdinalIgnoreCase).OrderByDescending(f => f.Length)];

    private static IEnumerable<string> Of(string value)
    {
        var escaped = Uri.EscapeDataString(value);
        var bytes = Encoding.UTF8.GetBytes(value);
        IEnumerable<string> base64 = [Convert.ToBase64String(bytes), Convert.ToBase64String(bytes).TrimEnd('='), .. Within(bytes)];
        return
        [
            value,
            escaped,
            Uri.EscapeDataString(escaped),
            WebUtility.UrlEncode(value),
            JavaScriptEncoder.Default.Encode(value),
            JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value),
            .. base64.SelectMany(b => (string[])[b, b.Replace('+', '-').Replace('/', '_'), Uri.EscapeDataString(b)]),
        ];
    }

    // What base64 makes of it at each of the three places that it may begin at, without the characters that its neighbours share.
    private static IEnumerable<string> Within(byte[] bytes)
    {
        for (var before = 0; before < 3; before++)
        {
            var text = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var shared = before == 0 ? 0 : before + 1;
            var end = text.Length - ((before + bytes.Length) % 3) switch { 0 => 0, 1 => 3, _ => 2 };
            if (end - shared >= ShortestWithin) yield return text[shared..end];
        }
    }
}
