using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace BitbucketOperator.Runtime.Client;

/// <summary>
/// Hosts that are reached without a proxy, as Go's programs read <c>NO_PROXY</c>: <c>example.com</c> with all below it,
/// <c>.example.com</c> or <c>*.example.com</c> for what is below it only, an address, a CIDR, each but the CIDR with or without a
/// port, and <c>*</c> for every host.
/// </summary>
internal sealed class NoProxy
{
    private const int MappedPrefix = 96;

    private readonly List<(IPAddress First, int Prefix)> _networks = [];
    private readonly List<(IPAddress Address, int? Port)> _addresses = [];
    private readonly List<(string Suffix, bool WithHost, int? Port)> _domains = [];
    private bool _isAll;

    private NoProxy()
    {
    }

    /// <summary>Reads the variable; entries are separated by commas or spaces.</summary>
    public static NoProxy Parse(string? text)
    {
        var list = new NoProxy();
        foreach (var entry in (text ?? "").Split([',', ' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            list.Add(entry.ToLowerInvariant());
        }

        return list;
    }

    /// <summary>True for a host that no proxy is used for.</summary>
    /// <param name="host">A name, or an address without brackets.</param>
    /// <param name="port">Its port.</param>
    public bool Has(string host, int port)
    {
        if (_isAll)
        {
            return true;
        }

        if (IPAddress.TryParse(host, out var address))
        {
            var bare = Bare(address);
            return _networks.Exists(n => IsIn(bare, n.First, n.Prefix)) || _addresses.Exists(a => a.Address.Equals(bare) && IsPort(a.Port));
        }

        var name = host.TrimEnd('.').ToLowerInvariant();
        return _domains.Exists(d => IsPort(d.Port) && (name.EndsWith($".{d.Suffix}", StringComparison.Ordinal) || (d.WithHost && name == d.Suffix)));

        bool IsPort(int? only) => only is null || only == port;
    }

    /// <summary>An address of IPv4 that is written as one of IPv6, as one of IPv4.</summary>
    public static IPAddress Bare(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private void Add(string entry)
    {
        if (entry == "*")
        {
            _isAll = true;
            return;
        }

        if (entry.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
            && IPAddress.TryParse(entry[..slash], out var first)
            && int.TryParse(entry[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var prefix))
        {
            // As in Go, one of IPv4 that is written as one of IPv6 is one of IPv4.
            _networks.Add(first.IsIPv4MappedToIPv6 && prefix >= MappedPrefix ? (first.MapToIPv4(), prefix - MappedPrefix) : (first, prefix));
            return;
        }

        var (host, port) = Split(entry);
        if (IPAddress.TryParse(host, out var address))
        {
            _addresses.Add((Bare(address), port));
            return;
        }

        var isBelow = host.StartsWith("*.", StringComparison.Ordinal) || host.StartsWith('.');
        var suffix = host.TrimStart('*').Trim('.');
        if (suffix.Length > 0)
        {
            _domains.Add((Punycode(suffix), !isBelow, port));
        }
    }

    // An address of IPv6 has colons of its own, with brackets around it or not.
    private static (string Host, int? Port) Split(string entry)
    {
        var colon = entry.LastIndexOf(':');
        var hasPort = colon > entry.LastIndexOf(']') && (entry.StartsWith('[') || entry.IndexOf(':', StringComparison.Ordinal) == colon);
        return hasPort && int.TryParse(entry[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (entry[..colon].Trim('[', ']'), port)
            : (entry.Trim('[', ']'), null);
    }

    private static string Punycode(string name)
    {
        try
        {
            return new IdnMapping().GetAscii(name);
        }
        catch (ArgumentException)
        {
            return name;
        }
    }

    private static bool IsIn(IPAddress address, IPAddress first, int prefix)
    {
        if (address.AddressFamily != first.AddressFamily)
        {
            return false;
        }

        var length = address.AddressFamily == AddressFamily.InterNetwork ? 4 : 16;
        Span<byte> one = stackalloc byte[16], other = stackalloc byte[16];
        _ = address.TryWriteBytes(one, out _) && first.TryWriteBytes(other, out _);
        for (var bit = 0; bit < Math.Min(prefix, length * 8); bit++)
        {
            var mask = 0x80 >> (bit % 8);
            if ((one[bit / 8] & mask) != (other[bit / 8] & mask))
            {
                return false;
            }
        }

        return prefix <= length * 8;
    }
}
