using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials;

/// <summary>
/// What is wrong with a value and how to put it right, to go after the name of its key; null where nothing is. Never the value: of its
/// characters, only those that cannot be seen are named. A value with a flaw is not sent, since each try could count as a failed login.
/// </summary>
internal static partial class SecretFlaws
{
    /// <summary>Bytes of another encoding than UTF-8, such as Latin-1.</summary>
    public static Wording? OfEncoding(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            return null;
        }

        var position = 1;
        var rest = bytes;
        while (Rune.DecodeFromUtf8(rest, out _, out var used) == OperationStatus.Done)
        {
            rest = rest[used..];
            position++;
        }

        return Sentences.NotUtf8(position);
    }

    /// <summary>What no value may have: characters that are not seen, white space around it, and text that stands for a value.</summary>
    public static Wording? OfAny(string text)
    {
        if (text.EndsWith('\n') || text.EndsWith('\r'))
        {
            return Sentences.EndsWithLineBreak;
        }

        if (Find(text, (runes, at) => VisibleText.IsHidden(runes[at]) && !Joiners.Belongs(runes, at)) is var (rune, position))
        {
            return Sentences.HiddenCharacter(NameOf(rune), position);
        }

        if (Find(text, (runes, at) => runes[at] == Rune.ReplacementChar) is var (_, replaced))
        {
            return Sentences.NotUtf8(replaced);
        }

        if (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]))
        {
            return Sentences.WhiteSpaceAround;
        }

        return Placeholder().IsMatch(text) ? Sentences.IsPlaceholder : null;
    }

    /// <summary>What no token has: white space, anything beyond ASCII, and quotes around it.</summary>
    public static Wording? OfToken(string text) =>
        Find(text, (runes, at) => runes[at].Value is <= ' ' or > '~') is var (rune, position) ? Sentences.NoTokenCharacter(NameOf(rune), position)
        : text.Length > 1 && text[0] == text[^1] && text[0] is '"' or '\'' ? Sentences.InQuotes
        : null;

    /// <summary>What no name of Basic authentication has.</summary>
    public static Wording? OfUsername(string text) =>
        text.Contains(':', StringComparison.Ordinal) ? Sentences.ColonInName : null;

    /// <summary>What is not an e-mail address.</summary>
    public static Wording? OfEmail(string text) =>
        text.IndexOf('@', StringComparison.Ordinal) > 0
            ? OfUsername(text)
            : Sentences.NoEmailAddress;

    private static (Rune Rune, int Position)? Find(string text, Func<Rune[], int, bool> isMeant)
    {
        var runes = text.EnumerateRunes().ToArray();
        for (var at = 0; at < runes.Length; at++)
        {
            if (isMeant(runes, at))
            {
                return (runes[at], at + 1);
            }
        }

        return null;
    }

    // What can be seen is not named: it could be part of a secret.
    private static string NameOf(Rune rune) => rune.Value switch
    {
        0 => "a NUL",
        '\t' => "a tab",
        '\n' => "a line break",
        '\r' => "a carriage return",
        ' ' => "a space",
        0x7f => "a delete character (U+007F)",
        0xa0 => "a no-break space (U+00A0)",
        0xad => "a soft hyphen (U+00AD)",
        0x200b => "a zero-width space (U+200B)",
        0x200c => "a zero-width non-joiner (U+200C)",
        0x200d => "a zero-width joiner (U+200D)",
        0x2060 => "a word joiner (U+2060)",
        0xfeff => "a byte order mark (U+FEFF)",
        >= 0x202a and <= 0x202e or >= 0x2066 and <= 0x2069 or 0x200e or 0x200f or 0x61c => $"a direction mark (U+{rune.Value:X4})",
        _ when Rune.IsControl(rune) => $"a control character (U+{rune.Value:X4})",
        _ when VisibleText.IsHidden(rune) || Rune.IsWhiteSpace(rune) => $"an invisible character (U+{rune.Value:X4})",
        _ => "a character beyond ASCII",
    };

    // Of envsubst and Flux, Kubernetes, SOPS, Helm, vals, Bank-Vaults, 1Password, the Vault plugin of Argo CD, of samples, and what Sealed
    // Secrets encrypts. Values that somebody could have chosen are left: a password may say "Replace_This_2024!".
    [GeneratedRegex(
        """^(\$\{[A-Za-z_][A-Za-z0-9_]*(:[-=?+].*)?\}|(?-i:\$\([A-Z_][A-Z0-9_]*\))|ENC\[.*\]|\{\{.*\}\}|ref\+[a-z0-9]+://.*|vault:[^#]+#.+|"""
        + """op://[^/]+/.+|<path:[^<>]*>|<[^<>]*(your|insert|replace|token|password|secret)[^<>]*>|replace[-_](with|me|this)([-_][a-z_-]+)?|"""
        + """change[-_ ]?me|(?-i:Ag[A-D][A-Za-z0-9+/]{700,}={0,2}))$""",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Placeholder();
}
