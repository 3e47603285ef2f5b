using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace BitbucketOperator.Manifests.Documents;

/// <summary>Writes values into messages as the API server does, but for logins and queries of URLs, which are masked.</summary>
internal static partial class ApiText
{
    /// <summary>As Go's %q.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in MaskValue(text).EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' or '\\' => quoted.Append('\\').Append((char)rune.Value),
                '\a' => quoted.Append(@"\a"),
                '\b' => quoted.Append(@"\b"),
                '\f' => quoted.Append(@"\f"),
                '\n' => quoted.Append(@"\n"),
                '\r' => quoted.Append(@"\r"),
                '\t' => quoted.Append(@"\t"),
                '\v' => quoted.Append(@"\v"),
                _ when Prints(rune) => quoted.Append(rune.ToString()),
                < 0x80 => quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                < 0x10000 => quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A value: text quoted, everything else as JSON.</summary>
    public static string Value(Node node)
    {
        switch (node)
        {
            case ScalarNode { Value: string text }:
                return Quote(text);
            case ScalarNode { Value: double number }:
                return number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
            default:
                return Json(node);
        }
    }

    /// <summary>A number as Go's JSON has it: with an exponent only from 1e21 and below 1e-6.</summary>
    public static string JsonNumber(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        var magnitude = Math.Abs(number);
        return !text.Contains('E', StringComparison.Ordinal) ? text
            : magnitude is >= 1e-6 and < 1e21 ? decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)
            : text.Replace("E-0", "e-", StringComparison.Ordinal).Replace('E', 'e');
    }

    private static string Json(Node node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            node.Write(writer);
        }

        var json = SurrogatePair().Replace(
            Encoding.UTF8.GetString(buffer.WrittenSpan),
            pair => string.Concat(pair.Groups[1].ValueSpan, HexChar(pair.Groups[2].ValueSpan), HexChar(pair.Groups[3].ValueSpan)));
        return QueryInJson().Replace(MaskLogins(json), query => MaskQuery(query.Value));

        static string HexChar(ReadOnlySpan<char> digits) => ((char)ushort.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString();
    }

    /// <summary>The text without the user names, passwords and values of queries of the URLs in it.</summary>
    public static string Mask(string text) => QueryInText().Replace(MaskLogins(text), query => MaskQuery(query.Value));

    private static string MaskLogins(string text) => text.Contains('@', StringComparison.Ordinal) ? Login().Replace(text, "//…@") : text;

    // Of a value it is known where it ends: whatever stands in the query belongs to it. A URL may lack its scheme by mistake.
    private static string MaskValue(string text)
    {
        text = LoginAtStart().Replace(MaskLogins(text), "…@");
        var parameter = Parameter().Match(text);
        var query = text.Contains("://", StringComparison.Ordinal) ? text.IndexOfAny(['?', '&', '#']) : parameter.Success ? parameter.Index : -1;
        return query < 0 ? text : text[..(query + 1)] + MaskQuery(text[(query + 1)..]);
    }

    private static string MaskQuery(string query) =>
        string.Join('&', query.Split('&').Select(p => $"{p.AsSpan(0, p.IndexOf('=', StringComparison.Ordinal) + 1)}…"));

    private static bool Prints(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);

    // What the writer escapes although its encoder need not.
    [GeneratedRegex(@"(?<!\\)((?:\\\\)*)\\u(D[89AB][0-9A-F]{2})\\u(D[C-F][0-9A-F]{2})")]
    private static partial Regex SurrogatePair();

    // A password may hold slashes that should have been escaped: up to the last @ of the word.
    [GeneratedRegex(@"//\S*@")]
    private static partial Regex Login();

    [GeneratedRegex(@"^[^\s/:]+:[^\s/]*@")]
    private static partial Regex LoginAtStart();

    [GeneratedRegex(@"[?&][A-Za-z0-9_.-]+=")]
    private static partial Regex Parameter();

    [GeneratedRegex("""(?<=://[^\s"'?&#]*[?&#])[^\s"']+""", RegexOptions.None, 1000)]
    private static partial Regex QueryInText();

    [GeneratedRegex("""(?<=://(?:\\.|[^"\\?&#])*[?&#])(?:\\.|[^"\\])+""", RegexOptions.None, 1000)]
    private static partial Regex QueryInJson();
}
