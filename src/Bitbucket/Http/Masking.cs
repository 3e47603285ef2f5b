using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>The one place that takes secrets out of text.</summary>
public static partial class Masking
{
    private const int MaxLength = 300;

    /// <summary>
    /// The text with every occurrence of each secret replaced by <c>***</c>: as it is, percent-encoded, escaped as in
    /// JSON, and in base64.
    /// </summary>
    public static string Mask(string text, params ReadOnlySpan<SecretText> secrets)
    {
        // The longest form goes first: the start of it may be a secret of its own.
        var forms = new SortedSet<string>(Comparer<string>.Create(LongestFirst));
        foreach (var secret in secrets)
        {
            if (secret.IsEmpty) continue;
            var value = secret.Reveal();
            forms.Add(value);
            forms.Add(Uri.EscapeDataString(value));
            forms.Add(JavaScriptEncoder.Default.Encode(value));
            forms.Add(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value));
            forms.Add(Convert.ToBase64String(Encoding.UTF8.GetBytes(value)));
        }

        foreach (var form in forms) text = text.Replace(form, "***", StringComparison.Ordinal);
        return text;
    }

    /// <summary>
    /// Text of a server made fit for a status: secrets masked, control characters and runs of white space turned into
    /// one space, cut after 300 characters.
    /// </summary>
    public static string Clean(string text, params ReadOnlySpan<SecretText> secrets)
    {
        var clean = new StringBuilder();
        foreach (var character in Mask(text, secrets))
        {
            var space = char.IsControl(character) || char.IsWhiteSpace(character) || char.IsSurrogate(character) || IsFormat(character);
            if (!space) clean.Append(character);
            else if (clean.Length > 0 && clean[^1] != ' ') clean.Append(' ');
            if (clean.Length > MaxLength) break;
        }

        return clean.Length > MaxLength ? clean.ToString(0, MaxLength) + "…" : clean.ToString().TrimEnd();
    }

    /// <summary>The text with each URL reduced to its scheme and host: logins, paths and queries of URLs are often secrets.</summary>
    public static string WithoutUrlDetails(string text) => Url().Replace(text, match =>
        Uri.TryCreate(match.Value, UriKind.Absolute, out var url)
            ? url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)
            : "a URL");

    [GeneratedRegex("""[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+""", RegexOptions.None, 1000)]
    private static partial Regex Url();

    // Marks that reorder or hide text on a terminal.
    private static bool IsFormat(char character) =>
        char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.PrivateUse;

    private static int LongestFirst(string left, string right) =>
        left.Length != right.Length ? right.Length.CompareTo(left.Length) : string.CompareOrdinal(left, right);
}
