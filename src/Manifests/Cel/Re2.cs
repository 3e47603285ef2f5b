using System.Text;
using System.Text.RegularExpressions;

namespace BitbucketOperator.Manifests.Cel;

/// <summary>
/// Regular expressions of the API server, which are RE2's, as .NET's: $ is the very end, \d, \w, \s and \b are ASCII, and
/// matching takes linear time. What RE2 does not know, or knows otherwise than .NET, is an error.
/// </summary>
internal static class Re2
{
    /// <summary>The regular expression. It matches by UTF-16 units: a character outside of the basic plane counts as two.</summary>
    /// <exception cref="ArgumentException">It is none, or one that is not supported; the message shows nothing of it.</exception>
    public static Regex ToRegex(string pattern)
    {
        try
        {
            return new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new ArgumentException("the regular expression is not valid or not supported", error);
        }
    }

    private static string Translate(string pattern)
    {
        var translated = new StringBuilder(pattern.Length + 8);
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\' when i + 1 < pattern.Length:
                    translated.Append(Escape(pattern[++i], inClass));
                    break;
                case '[' when !inClass:
                    inClass = true;
                    translated.Append('[');
                    i = FirstOfClass(pattern, i, translated);
                    break;
                case '[':
                    translated.Append(pattern.AsSpan(i) is ['[', ':', ..] ? throw new NotSupportedException() : @"\[");
                    break;
                case ']' when inClass:
                    inClass = false;
                    translated.Append(']');
                    break;
                case '$' when !inClass:
                    translated.Append(@"\z");
                    break;
                case '(' when !inClass && pattern.AsSpan(i) is ['(', '?', ..]:
                    i = Group(pattern, i, translated);
                    break;
                default:
                    translated.Append(pattern[i]);
                    break;
            }
        }

        return translated.ToString();
    }

    private static string Escape(char escaped, bool inClass) => escaped switch
    {
        'd' => inClass ? "0-9" : "[0-9]",
        'w' => inClass ? "0-9A-Za-z_" : "[0-9A-Za-z_]",
        's' => inClass ? @"\t\n\f\r " : @"[\t\n\f\r ]",
        'D' when !inClass => "[^0-9]",
        'W' when !inClass => "[^0-9A-Za-z_]",
        'S' when !inClass => @"[^\t\n\f\r ]",
        'A' or 'z' when !inClass => $@"\{escaped}",
        't' or 'n' or 'f' or 'r' or 'v' or 'a' => $@"\{escaped}",
        _ when char.IsAscii(escaped) && !char.IsAsciiLetterOrDigit(escaped) => $@"\{escaped}",
        _ => throw new NotSupportedException(),
    };

    // A ] that comes first is one of the class.
    private static int FirstOfClass(string pattern, int index, StringBuilder translated)
    {
        if (index + 1 < pattern.Length && pattern[index + 1] == '^')
        {
            translated.Append('^');
            index++;
        }

        if (index + 1 < pattern.Length && pattern[index + 1] == ']')
        {
            translated.Append(@"\]");
            index++;
        }

        return index;
    }

    // Groups without a capture and the flags i, m and s are the same in both.
    private static int Group(string pattern, int index, StringBuilder translated)
    {
        var end = pattern.IndexOfAny([':', ')'], index + 2);
        var flags = end < 0 ? throw new NotSupportedException() : pattern.AsSpan(index + 2, end - index - 2);
        if (flags.ContainsAnyExcept("ims-"))
        {
            throw new NotSupportedException();
        }

        translated.Append(pattern.AsSpan(index, end - index + 1));
        return end;
    }
}
