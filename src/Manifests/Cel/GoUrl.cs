using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BitbucketOperator.Manifests.Cel;

/// <summary>
/// A URL as Go's net/url reads it, by which the API server judges: stricter than <see cref="Uri"/> in some ways, laxer in
/// others. A second colon in the host is refused, as by Go 1.26; API servers built with an older Go let it pass.
/// </summary>
internal sealed record GoUrl(string Scheme, string Host, string EscapedPath)
{
    private const string HostMarks = "-_.~!$&'()*+,;=:[]<>\"";
    private const string UserMarks = "-._:~!$&'()*+,;=%@";
    private const string PathMarks = "-_.~$&+,/:;=@";
    private const string PathMarksKept = "!'()*[]%";

    /// <summary>The host without port and brackets.</summary>
    public string Hostname
    {
        get
        {
            var host = Host[..PortStart(Host)];
            return host is ['[', .., ']'] ? host[1..^1] : host;
        }
    }

    /// <summary>The port; empty when there is none.</summary>
    public string Port => PortStart(Host) is var colon && colon < Host.Length ? Host[(colon + 1)..] : "";

    /// <summary>Reads a URL as url.ParseRequestURI takes it: absolute, or an absolute path.</summary>
    public static bool TryParse(string text, out GoUrl url)
    {
        // A fragment is a part of the path to ParseRequestURI, and not to url.Parse, which reads it afterwards.
        var withoutFragment = text.Split('#', 2)[0];
        url = null!;
        return Parse(text, isRequest: true) is not null && (url = Parse(withoutFragment, isRequest: false)!) is not null;
    }

    private static GoUrl? Parse(string text, bool isRequest)
    {
        if ((text.Length == 0 && isRequest)
            || text.AsSpan().ContainsAnyInRange('\0', '\x1f') || text.Contains('\x7f', StringComparison.Ordinal))
        {
            return null;
        }

        if (text == "*")
        {
            return new GoUrl("", "", "*");
        }

        if (CutScheme(text) is not (var scheme, var rest))
        {
            return null;
        }

        rest = rest.Split('?', 2)[0];
        if (!rest.StartsWith('/'))
        {
            var isPath = scheme.Length == 0 && !isRequest && !rest.Split('/')[0].Contains(':', StringComparison.Ordinal);
            return scheme.Length > 0 ? new GoUrl(scheme, "", "") : isPath ? WithPath(scheme, "", rest) : null;
        }

        var hasAuthority = rest.StartsWith("//", StringComparison.Ordinal)
            && (scheme.Length > 0 || (!isRequest && !rest.StartsWith("///", StringComparison.Ordinal)));
        if (!hasAuthority)
        {
            return WithPath(scheme, "", rest);
        }

        var end = rest.IndexOf('/', 2);
        var authority = end < 0 ? rest[2..] : rest[2..end];
        return ReadAuthority(scheme, authority) is { } host ? WithPath(scheme, host, end < 0 ? "" : rest[end..]) : null;
    }

    private static (string Scheme, string Remainder)? CutScheme(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == ':')
            {
                return i == 0 ? null : (text[..i].ToLowerInvariant(), text[(i + 1)..]);
            }

            if (!char.IsAsciiLetter(text[i]) && (i == 0 || !(char.IsAsciiDigit(text[i]) || text[i] is '+' or '-' or '.')))
            {
                break;
            }
        }

        return ("", text);
    }

    private static string? ReadAuthority(string scheme, string authority)
    {
        var at = authority.LastIndexOf('@');
        var user = at < 0 ? "" : authority[..at];
        var isUser = user.All(c => IsIn(c, UserMarks)) && Unescape(user) is not null;
        return isUser ? ReadHost(scheme, authority[(at + 1)..]) : null;
    }

    private static string? ReadHost(string scheme, string host)
    {
        var bracket = host.LastIndexOf('[');
        if (bracket > 0)
        {
            return null;
        }

        if (bracket == 0)
        {
            return ReadAddress(host);
        }

        var colon = scheme is "http" or "https" ? host.IndexOf(':', StringComparison.Ordinal) : host.LastIndexOf(':');
        return colon >= 0 && !IsPort(host.AsSpan(colon)) ? null : UnescapeHost(host);
    }

    private static string? ReadAddress(string host)
    {
        var end = host.LastIndexOf(']');
        if (end < 0 || !IsPort(host.AsSpan(end + 1)))
        {
            return null;
        }

        var inner = host[1..end];
        var zone = inner.IndexOf("%25", StringComparison.Ordinal);
        var address = UnescapeHost(zone < 0 ? inner : inner[..zone]);
        var isZone = zone < 0 || (Unescape(inner[zone..]) is { Length: > 1 } name && !name.Contains('/', StringComparison.Ordinal));
        var isAddress = address is not null && !address.Contains('%', StringComparison.Ordinal)
            && IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetworkV6;
        return isZone && isAddress ? $"[{address}{(zone < 0 ? "" : Unescape(inner[zone..]))}]{host[(end + 1)..]}" : null;
    }

    private static int PortStart(string host)
    {
        var colon = host.LastIndexOf(':');
        return colon >= 0 && IsPort(host.AsSpan(colon)) ? colon : host.Length;
    }

    private static bool IsPort(ReadOnlySpan<char> port) => port.IsEmpty || (port[0] == ':' && !port[1..].ContainsAnyExceptInRange('0', '9'));

    // In a host, only what is not ASCII may be escaped, and % itself.
    private static string? UnescapeHost(string host)
    {
        for (var i = 0; i < host.Length; i++)
        {
            if (host[i] == '%')
            {
                var isLegal = i + 2 < host.Length
                    && (host[i + 1] is >= '8' and <= '9' or >= 'a' and <= 'f' or >= 'A' and <= 'F' || host.AsSpan(i, 3).SequenceEqual("%25"));
                if (!isLegal)
                {
                    return null;
                }
            }
            else if (char.IsAscii(host[i]) && !char.IsAsciiLetterOrDigit(host[i]) && !HostMarks.Contains(host[i], StringComparison.Ordinal))
            {
                return null;
            }
        }

        return Unescape(host);
    }

    private static string? Unescape(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        for (var i = text.IndexOf('%', StringComparison.Ordinal); i >= 0; i = text.IndexOf('%', i + 1))
        {
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
            {
                return null;
            }
        }

        return Uri.UnescapeDataString(text);
    }

    private static GoUrl? WithPath(string scheme, string host, string path)
    {
        if (Unescape(path) is null)
        {
            return null;
        }

        // A path that is escaped well stays as it is written.
        var isEscaped = path.All(c => IsIn(c, PathMarks) || IsIn(c, PathMarksKept));
        return new GoUrl(scheme, host, isEscaped ? path : Escape(Encoding.UTF8.GetBytes(Unescape(path)!)));
    }

    private static string Escape(byte[] path)
    {
        var escaped = new StringBuilder(path.Length);
        foreach (var part in path)
        {
            _ = IsIn((char)part, PathMarks)
                ? escaped.Append((char)part)
                : escaped.Append('%').Append(part.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return escaped.ToString();
    }

    private static bool IsIn(char character, string marks) =>
        char.IsAsciiLetterOrDigit(character) || marks.Contains(character, StringComparison.Ordinal);
}
