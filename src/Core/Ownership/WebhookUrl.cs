using System.Globalization;
using System.Net;
using System.Text;

namespace BitbucketOperator.Core.Ownership;

/// <summary>
/// Compares URLs of webhooks as a server and a browser do. The same: scheme and host in any case, a host in punycode or not, an IPv6
/// address in any of its spellings, the scheme's own port given or not, no path or /, and characters percent-encoded that need not be.
/// Different: anything else in path, query and fragment, user info, and a host with a trailing dot. Dots in a path are not resolved.
/// </summary>
public static class WebhookUrl
{
    private const string AfterScheme = "://";
    private static readonly IdnMapping Punycode = new() { AllowUnassigned = true };

    /// <summary>Whether deliveries to both go to the same place.</summary>
    public static bool AreSame(string one, string other) =>
        string.Equals(one, other, StringComparison.Ordinal) || string.Equals(KeyOf(one), KeyOf(other), StringComparison.Ordinal);

    /// <summary>A text that is the same for all spellings of a URL. A text that is not an URL is its own.</summary>
    public static string KeyOf(string url)
    {
        var schemeEnd = url.IndexOf(AfterScheme, StringComparison.Ordinal);
        if (schemeEnd <= 0)
        {
            return url;
        }

        var scheme = url[..schemeEnd].ToLowerInvariant();
        var rest = url.AsSpan(schemeEnd + AfterScheme.Length);
        var authorityEnd = rest.IndexOfAny('/', '?', '#');
        var authority = authorityEnd < 0 ? rest : rest[..authorityEnd];
        var path = rest[authority.Length..];
        var userEnd = authority.LastIndexOf('@') + 1;
        var key = new StringBuilder(url.Length + 1).Append(scheme).Append(AfterScheme).Append(authority[..userEnd]);
        AppendHost(key, scheme, authority[userEnd..]);
        if (!path.StartsWith('/'))
        {
            key.Append('/');
        }

        AppendEncoded(key, path);
        return key.ToString();
    }

    private static void AppendHost(StringBuilder key, string scheme, ReadOnlySpan<char> authority)
    {
        var portStart = authority.LastIndexOf(':');
        var hasPort = portStart > authority.LastIndexOf(']') && !authority[(portStart + 1)..].ContainsAnyExceptInRange('0', '9');
        key.Append(Host((hasPort ? authority[..portStart] : authority).ToString().ToLowerInvariant()));
        var digits = hasPort ? authority[(portStart + 1)..] : default;
        var port = digits.TrimStart('0') is { Length: > 0 } significant ? significant : digits;
        if (port.Length > 0 && !port.SequenceEqual(scheme == "https" ? "443" : "80"))
        {
            key.Append(':').Append(port);
        }
    }

    private static string Host(string host)
    {
        if (host.StartsWith('[') && !host.Contains('%', StringComparison.Ordinal) && IPAddress.TryParse(host, out var address))
        {
            return $"[{address}]";
        }

        if (Ascii.IsValid(host))
        {
            return host;
        }

        try
        {
            return Punycode.GetAscii(host);
        }
        catch (ArgumentException)
        {
            return host;
        }
    }

    private static void AppendEncoded(StringBuilder key, ReadOnlySpan<char> text)
    {
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                AppendByte(key, byte.Parse(text.Slice(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 2;
            }
            else if (Rune.DecodeFromUtf16(text[i..], out var rune, out var used) == System.Buffers.OperationStatus.Done && !rune.IsAscii)
            {
                foreach (var octet in utf8[..rune.EncodeToUtf8(utf8)])
                {
                    AppendByte(key, octet);
                }

                i += used - 1;
            }
            else
            {
                key.Append(text[i]);
            }
        }
    }

    private static void AppendByte(StringBuilder key, byte octet)
    {
        if (char.IsAsciiLetterOrDigit((char)octet) || (char)octet is '-' or '.' or '_' or '~')
        {
            key.Append((char)octet);
        }
        else
        {
            key.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
        }
    }
}
