using System.Globalization;
using System.Text;

namespace BitbucketOperator.Core.Credentials;

/// <summary>
/// Invisible characters that are part of what is seen around them: they make one emoji of several, and join or part letters in Persian,
/// Hindi and other scripts. A keyboard writes them, so that a password may have them there; anywhere else they came by accident.
/// </summary>
internal static class Joiners
{
    private const int NonJoiner = 0x200c;
    private const int Joiner = 0x200d;
    private const int EmojiStyle = 0xfe0f;
    private const int Keycap = 0x20e3;

    // Arabic to Sinhala.
    private const int FirstJoined = 0x600;
    private const int LastJoined = 0xdff;

    /// <summary>True when the character is part of what stands around it.</summary>
    public static bool Belongs(Rune[] text, int at)
    {
        var before = at > 0 ? text[at - 1] : default;
        var after = at + 1 < text.Length ? text[at + 1] : default;
        return text[at].Value switch
        {
            EmojiStyle => IsEmoji(before) || after.Value == Keycap,
            Joiner => ((IsEmoji(before) || before.Value == EmojiStyle) && IsEmoji(after)) || (IsJoined(before) && IsJoined(after)),
            NonJoiner => IsJoined(before) && IsJoined(after),
            _ => false,
        };
    }

    // Skin tones are modifiers, arrows are mathematical; "‼", "⁉", "ℹ" and "〰" are neither.
    private static bool IsEmoji(Rune rune) => rune.Value is 0x203c or 0x2049 or 0x2139 or 0x3030
        || (rune.Value > 0x7f
            && Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.MathSymbol);

    private static bool IsJoined(Rune rune) =>
        rune.Value is >= FirstJoined and <= LastJoined
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
