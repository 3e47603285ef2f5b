using System.Globalization;
using System.Text.RegularExpressions;
using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Yaml;

/// <summary>
/// What an unquoted scalar means, by the rules of kubectl's YAML reader (go-yaml v2): YAML 1.1 for booleans (yes, no, on,
/// off, y, n), 0 and 0o for octal numbers, underscores in numbers; times and base 60 stay text.
/// </summary>
internal static partial class YamlScalars
{
    private static readonly Dictionary<string, object?> Words = new(StringComparer.Ordinal)
    {
        [""] = null, ["~"] = null, ["null"] = null, ["Null"] = null, ["NULL"] = null,
        ["y"] = true, ["Y"] = true, ["yes"] = true, ["Yes"] = true, ["YES"] = true,
        ["true"] = true, ["True"] = true, ["TRUE"] = true, ["on"] = true, ["On"] = true, ["ON"] = true,
        ["n"] = false, ["N"] = false, ["no"] = false, ["No"] = false, ["NO"] = false,
        ["false"] = false, ["False"] = false, ["FALSE"] = false, ["off"] = false, ["Off"] = false, ["OFF"] = false,
        [".nan"] = double.NaN, [".NaN"] = double.NaN, [".NAN"] = double.NaN,
        [".inf"] = double.PositiveInfinity, [".Inf"] = double.PositiveInfinity, [".INF"] = double.PositiveInfinity,
        ["+.inf"] = double.PositiveInfinity, ["+.Inf"] = double.PositiveInfinity, ["+.INF"] = double.PositiveInfinity,
        ["-.inf"] = double.NegativeInfinity, ["-.Inf"] = double.NegativeInfinity, ["-.INF"] = double.NegativeInfinity,
    };

    /// <summary>null, bool, long, double or string. A double may be infinite or no number, which JSON does not know.</summary>
    public static object? Resolve(string text)
    {
        if (Words.TryGetValue(text, out var word))
        {
            return word;
        }

        // strconv.ParseFloat reads it as it is, and takes underscores between digits alone.
        if (text[0] == '.' && StrayUnderscore().IsMatch(text))
        {
            return text;
        }

        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('+' or '-' or '.'))
        {
            return text;
        }

        var plain = text.Replace("_", "", StringComparison.Ordinal);
        var integer = text[0] == '.' ? null : Integer(plain);
        return integer ?? (Decimals().IsMatch(plain) ? Float(plain) : null) ?? text;
    }

    private static object? Float(string text) =>
        double.Parse(text, CultureInfo.InvariantCulture) is var number && double.IsFinite(number) ? ScalarNode.Normalized(number) : null;

    // As strconv.ParseInt and ParseUint with base 0 take it; what only the latter takes is too large for a long.
    private static object? Integer(string text)
    {
        // Of binary numbers Go's YAML reads a sign there as well.
        if (text is ['0', 'b', '+' or '-', ..])
        {
            text = $"{text[2]}0b{text[3..]}";
        }

        var negative = text[0] == '-';
        var (radix, digits) = Radix(text[0] is '+' or '-' ? text[1..] : text);
        if (digits.Length == 0)
        {
            return null;
        }

        Int128 value = 0;
        foreach (var digit in digits)
        {
            var number = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : radix;
            if (number >= radix || value > ulong.MaxValue)
            {
                return null;
            }

            value = (value * radix) + number;
        }

        return Boxed(negative ? -value : value, isSigned: text[0] is '+' or '-');
    }

    private static object? Boxed(Int128 value, bool isSigned)
    {
        object? number = null;
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            number = (long)value;
        }
        else if (!isSigned && value <= ulong.MaxValue)
        {
            number = (double)value;
        }

        return number;
    }

    private static (int Radix, string Digits) Radix(string text) => text switch
    {
        ['0', 'x' or 'X', ..] => (16, text[2..]),
        ['0', 'o' or 'O', ..] => (8, text[2..]),
        ['0', 'b' or 'B', ..] => (2, text[2..]),
        ['0', _, ..] => (8, text[1..]),
        _ => (10, text),
    };

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Decimals();

    [GeneratedRegex("(?<![0-9])_|_(?![0-9])")]
    private static partial Regex StrayUnderscore();
}
