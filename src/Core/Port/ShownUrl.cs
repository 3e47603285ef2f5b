using System.Text;
using System.Text.RegularExpressions;

namespace BitbucketOperator.Core.Port;

/// <summary>
/// A webhook's URL as people may see it, such as <c>https://ci.example.com/hook?token=…</c>. User name, password, values of the query
/// and the fragment are secrets: they are masked.
/// </summary>
public static partial class ShownUrl
{
    private const char Mask = '…';
    private const string AfterScheme = "://";
    private const int LongestShown = 300;

    // Shorter values, such as of ?active=true, are words that other texts have too.
    private const int ShortestSecret = 6;

    /// <summary>Scheme, host, path and the names of the query.</summary>
    public static string Of(string url)
    {
        var schemeEnd = url.IndexOf(AfterScheme, StringComparison.Ordinal);
        if (schemeEnd < 0)
        {
            return $"{Mask}";
        }

        var hostStart = schemeEnd + AfterScheme.Length;
        var rest = url[hostStart..];
        var userEnd = UserEnd(rest);
        var shown = new StringBuilder(url, 0, hostStart, url.Length + 8).Append(userEnd > 0 ? $"{Mask}@" : "");
        rest = rest[userEnd..];
        var pathEnd = rest.IndexOfAny(['?', '#']);
        shown.Append(pathEnd < 0 ? rest : rest[..pathEnd]);
        if (pathEnd >= 0)
        {
            AppendQuery(shown, rest[pathEnd..]);
        }

        return shown.Length <= LongestShown ? shown.ToString() : $"{shown.ToString(0, LongestShown)}{Mask}";
    }

    /// <summary>A text with each URL in it as people may see it.</summary>
    public static string In(string text) =>
        text.Contains(AfterScheme, StringComparison.Ordinal) ? Url().Replace(text, match => Of(match.Value)) : text;

    /// <summary>A text with each URL in it reduced to scheme and host: of a receiver, the path too may be a secret.</summary>
    public static string HostsIn(string text) => Url().Replace(text, match => Uri.TryCreate(match.Value, UriKind.Absolute, out var url)
        ? url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)
        : "a URL");

    /// <summary>What of a URL must not be repeated: its user info, and the values of its query, as they are written and decoded.</summary>
    public static IEnumerable<SecretText> SecretsOf(string url)
    {
        var rest = url[(url.IndexOf(AfterScheme, StringComparison.Ordinal) is >= 0 and var at ? at + AfterScheme.Length : 0)..];
        var user = rest[..UserEnd(rest)].TrimEnd('@');
        var query = rest.IndexOf('?', StringComparison.Ordinal) is >= 0 and var start ? rest[(start + 1)..] : "";
        var values = query.Split('&', '#').Select(p => p[(p.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        return ((string[])[user, .. user.Split(':', 2), .. values])
            .SelectMany(v => (string[])[v, Uri.UnescapeDataString(v)])
            .Where(v => v.Length >= ShortestSecret)
            .Distinct(StringComparer.Ordinal)
            .Select(v => new SecretText(v));
    }

    // A password may hold characters that should have been escaped; what looks like a port and is none is the begin of one.
    private static int UserEnd(string rest)
    {
        var authority = rest[..EndOf(rest, "/?#")];
        var hasOddPort = authority.LastIndexOf(':') is >= 0 and var colon && colon > authority.LastIndexOf(']')
            && authority.AsSpan(colon + 1).ContainsAnyExceptInRange('0', '9');
        var within = hasOddPort && !authority.Contains('@', StringComparison.Ordinal) ? rest : rest[..EndOf(rest, "?#")];
        return within.LastIndexOf('@') + 1;
    }

    private static int EndOf(string text, string marks) => text.AsSpan().IndexOfAny(marks) is >= 0 and var end ? end : text.Length;

    private static void AppendQuery(StringBuilder shown, string query)
    {
        var separator = '?';
        foreach (var parameter in query[0] == '?' ? query[1..EndOf(query, "#")].Split('&') : [])
        {
            var nameEnd = parameter.IndexOf('=', StringComparison.Ordinal);
            shown.Append(separator).Append(parameter.AsSpan(0, nameEnd + 1)).Append(Mask);
            separator = '&';
        }

        shown.Append(query.Contains('#', StringComparison.Ordinal) ? $"#{Mask}" : "");
    }

    [GeneratedRegex("""[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s">]*[^\s">']""", RegexOptions.None, 1000)]
    private static partial Regex Url();
}
