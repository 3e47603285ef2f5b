using System.Globalization;
using System.Text;

namespace BitbucketOperator.Core.Port;

/// <summary>Text of others made fit to be shown: what controls a terminal, reorders text or cannot be seen is taken out, or escaped.</summary>
public static class VisibleText
{
    /// <summary>True for what is not seen as itself: control, bidi and zero-width characters, line separators, private and unknown ones.</summary>
    public static bool IsHidden(Rune rune) => IsIgnorable(rune.Value) || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>One line: control characters and runs of white space become one space, other hidden characters go.</summary>
    public static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.IsWhiteSpace(rune))
            {
                _ = line.Length > 0 && line[^1] != ' ' ? line.Append(' ') : line;
            }
            else if (!IsHidden(rune) && rune != Rune.ReplacementChar)
            {
                line.Append(rune.ToString());
            }
        }

        return line.ToString().TrimEnd();
    }

    /// <summary>For a terminal or a text log: hidden characters, line breaks included, are written as <c>\u001b</c>.</summary>
    public static string Escape(string text)
    {
        if (IsPlain(text))
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = IsHidden(rune) ? AppendEscaped(escaped, rune) : escaped.Append(rune.ToString());
        }

        return escaped.ToString();
    }

    private static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    // As JSON does it, so that it is right there too.
    private static StringBuilder AppendEscaped(StringBuilder escaped, Rune rune)
    {
        foreach (var unit in rune.ToString())
        {
            escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
        }

        return escaped;
    }

    // Letters and marks that are drawn as nothing.
    private static bool IsIgnorable(int value) => value is 0x034f or 0x115f or 0x1160 or 0x17b4 or 0x17b5 or 0x2800 or 0x3164 or 0xffa0
        or (>= 0x180b and <= 0x180f) or (>= 0xfe00 and <= 0xfe0f) or (>= 0xe0000 and <= 0xe0fff);
}
