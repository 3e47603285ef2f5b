using System.IO.Enumeration;
using System.Net;
using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Core.Port;

/// <summary>
/// Which hosts connections and their proxies may name: the operator's --allowed-hosts. An entry is a host name, an IP
/// address, or a pattern in which <c>*</c> stands for any characters, dots included: <c>*.example.com</c> takes
/// a.b.example.com and does not take example.com. Case, ports and a dot at the end do not matter. Without entries every
/// host may be named.
/// </summary>
public sealed class HostRules
{
    private readonly HashSet<string> _literals;
    private readonly List<string> _patterns;

    /// <summary>Takes entries without a <see cref="Flaw"/>.</summary>
    public HostRules(IReadOnlyList<string> entries)
    {
        _literals = [.. entries.Where(e => !IsPattern(e)).Select(Normalize)];
        _patterns = [.. entries.Where(IsPattern).Select(Normalize)];
    }

    /// <summary>Every host may be named, and none is listed.</summary>
    public static HostRules Any { get; } = new([]);

    /// <summary>Why an entry can match no host, to go after its text; null when it can.</summary>
    public static string? Flaw(string entry)
    {
        var text = entry.Trim();
        var fits = text.Length > 0
            && (IsAddress(text) || text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '*'));
        return fits
            ? null
            : "is not a host: use a host name, an IP address or a pattern such as *.example.com, without scheme, port or path; "
                + "international names in their xn-- form";
    }

    /// <summary>Whether a connection may name the host.</summary>
    public bool Allows(string host)
    {
        if (_literals.Count + _patterns.Count == 0)
        {
            return true;
        }

        var name = Normalize(host);
        return _literals.Contains(name) || _patterns.Exists(p => FileSystemName.MatchesSimpleExpression(p, name));
    }

    /// <summary>Whether an entry without a wildcard is this host. Such a host may have an address that is refused otherwise.</summary>
    public bool Lists(string host) => _literals.Contains(Normalize(host));

    /// <summary>Why a connection may not name the host of a URL; null when it may.</summary>
    /// <param name="field">The field that holds the URL, for the message.</param>
    /// <param name="url">An absolute URL.</param>
    public Fault? Refusal(string field, Uri url) => Allows(url.IdnHost)
        ? null
        : Fault.Terminal(
            Reasons.HostNotAllowed,
            ($"{field}: host {url.IdnHost} is not in --allowed-hosts", "Use a host that is, or have it added"),
            field);

    private static bool IsPattern(string entry) => entry.Contains('*', StringComparison.Ordinal);

    private static bool IsAddress(string text) => IPAddress.TryParse(Bare(text), out _);

    private static string Bare(string host) => host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;

    // One spelling for each host: addresses without brackets, zone and leading zeros.
    private static string Normalize(string host)
    {
        var name = Bare(host.Trim()).TrimEnd('.').ToLowerInvariant();
        return IPAddress.TryParse(name, out var address) ? new IPAddress(address.GetAddressBytes()).ToString() : name;
    }
}
