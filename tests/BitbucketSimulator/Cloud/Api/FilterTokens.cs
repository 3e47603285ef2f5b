using System.Text;
using BitbucketOperator.BitbucketSimulator.Serving;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>Cuts the text of a query into words, signs and strings; a string keeps its opening quote as a mark.</summary>
internal static class FilterTokens
{
    private static readonly string[] Signs = ["!=", "!~", ">=", "<=", "=", "~", ">", "<", "(", ")", ","];

    public static ApiException Invalid() => CloudErrors.BadRequest("Invalid query expression.");

    public static List<string> Of(string text)
    {
        var tokens = new List<string>();
        var at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at])) at++;
            else if (text[at] == '"') tokens.Add(Quoted(text, ref at));
            else tokens.Add(SignAt(text, at) is { } sign ? Advance(sign, ref at) : Word(text, ref at));
        }

        return tokens;
    }

    private static string Quoted(string text, ref int at)
    {
        var value = new StringBuilder("\"");
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                at++;
                return value.ToString();
            }

            if (text[at] == '\\' && at + 1 < text.Length) at++;
            value.Append(text[at]);
        }

        throw Invalid();
    }

    private static string Word(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] != '"' && SignAt(text, at) is null) at++;
        return text[start..at];
    }

    private static string Advance(string sign, ref int at)
    {
        at += sign.Length;
        return sign;
    }

    private static string? SignAt(string text, int at) => Array.Find(Signs, s => string.CompareOrdinal(text, at, s, 0, s.Length) == 0);
}
