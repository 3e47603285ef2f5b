using System.Buffers;

namespace BitbucketOperator.Core.Port;

/// <summary>
/// What keys, slugs and ids can be, by Bitbucket's own limits. What cannot be one is never part of a path, of a key or of a record.
/// </summary>
public static class NameRules
{
    // A personal project's key is ~ and its user's slug; neither product keeps one that is longer.
    private const int LongestKey = 128;
    private const int LongestSlug = 128;
    private const int LongestCloudSlug = 62;
    private const int LongestId = 64;

    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    private static readonly SearchValues<char> IdLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789{}-");

    /// <summary>A project's key: letters, digits, <c>_</c>, <c>-</c> and <c>.</c>; <c>~name</c> for a personal one.</summary>
    public static bool IsProjectKey(string text) => text.Length <= LongestKey && IsName(text.StartsWith('~') ? text[1..] : text, LongestKey);

    /// <summary>A repository's slug: letters, digits, <c>_</c>, <c>-</c> and <c>.</c>; at most 128 characters, 62 on Cloud.</summary>
    public static bool IsSlug(string text, Flavour flavour) => IsName(text, flavour == Flavour.Cloud ? LongestCloudSlug : LongestSlug);

    /// <summary>An id that a server gave: a number, or a UUID in braces.</summary>
    public static bool IsId(string text) => text.Length is > 0 and <= LongestId && !text.AsSpan().ContainsAnyExcept(IdLetters);

    private static bool IsName(string text, int longest) =>
        text.Length > 0 && text.Length <= longest && text is not ("." or "..") && !text.AsSpan().ContainsAnyExcept(Letters);
}
