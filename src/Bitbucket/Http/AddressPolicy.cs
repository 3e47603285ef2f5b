using System.Net;
using System.Net.Sockets;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>
/// Which addresses are connected to. Loopback, link-local, unspecified, multicast and metadata addresses are not, nor are
/// private ones when <paramref name="denyPrivate"/> is set, unless the host or the address is listed without a wildcard.
/// </summary>
internal sealed class AddressPolicy(HostRules hosts, bool denyPrivate)
{
    // The first that holds the address decides.
    private static readonly (IPNetwork Network, AddressKind Kind)[] Special =
    [
        .. Networks(AddressKind.Metadata, "100.100.100.200/32", "168.63.129.16/32", "169.254.169.254/32", "fd00:ec2::/32", "fd20:ce::254/128"),
        .. Networks(AddressKind.Unspecified, "0.0.0.0/8", "::/128"),
        .. Networks(AddressKind.Loopback, "127.0.0.0/8", "::1/128"),
        .. Networks(AddressKind.LinkLocal, "169.254.0.0/16", "fe80::/10"),
        .. Networks(AddressKind.Multicast, "224.0.0.0/4", "255.255.255.255/32", "ff00::/8"),

        // Class E and the former site-local range are unusual, and some clusters live in them.
        .. Networks(AddressKind.Private, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "192.0.0.0/24", "240.0.0.0/4", "fc00::/7", "fec0::/10"),
    ];

    // Forms of IPv6 address that lead to an IPv4 address, and where its four bytes stand.
    private static readonly (IPNetwork Network, int Offset)[] Wrappers =
    [
        (IPNetwork.Parse("64:ff9b::/96"), 12),
        (IPNetwork.Parse("64:ff9b:1::/48"), 12),
        (IPNetwork.Parse("2002::/16"), 2),
        (IPNetwork.Parse("::/96"), 12),
    ];

    /// <summary>What kind of address it is that no connection is made to, such as "a loopback address"; null where one is.</summary>
    /// <param name="host">The name that led to the address, or the address itself.</param>
    /// <param name="address">Where a connection would go.</param>
    public string? Refusal(string host, IPAddress address)
    {
        var target = SeeThrough(address);
        var kind = KindOf(target);
        var refused = kind switch
        {
            AddressKind.Public => false,
            AddressKind.Private => denyPrivate,
            _ => true,
        };
        return refused && !hosts.Lists(host) && !hosts.Lists(address.ToString()) && !hosts.Lists(target.ToString()) ? Words(kind) : null;
    }

    internal static AddressKind Classify(IPAddress address) => KindOf(SeeThrough(address));

    private static AddressKind KindOf(IPAddress address)
    {
        foreach (var (network, kind) in Special)
            if (network.Contains(address)) return kind;
        return AddressKind.Public;
    }

    private static IPAddress SeeThrough(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        var bare = new IPAddress(address.GetAddressBytes());
        if (bare.Equals(IPAddress.IPv6Loopback) || bare.Equals(IPAddress.IPv6Any)) return bare;
        foreach (var (network, offset) in Wrappers)
            if (network.Contains(bare)) return new IPAddress(bare.GetAddressBytes().AsSpan(offset, 4));
        return bare;
    }

    private static IEnumerable<(IPNetwork Network, AddressKind Kind)> Networks(AddressKind kind, params string[] networks) =>
        networks.Select(network => (IPNetwork.Parse(network), kind));

    private static string Words(AddressKind kind) => kind switch
    {
        AddressKind.Private => "a private address",
        AddressKind.Loopback => "a loopback address",
        AddressKind.LinkLocal => "a link-local address",
        AddressKind.Unspecified => "an unspecified address",
        AddressKind.Metadata => "the address of a cloud's metadata service",
        _ => "a multicast or broadcast address",
    };
}

/// <summary>What an address is for.</summary>
internal enum AddressKind
{
    /// <summary>Any that is none of the others.</summary>
    Public,

    /// <summary>Within an organisation or a provider.</summary>
    Private,

    /// <summary>This host.</summary>
    Loopback,

    /// <summary>This link.</summary>
    LinkLocal,

    /// <summary>None at all; connecting to it leads to this host.</summary>
    Unspecified,

    /// <summary>Many hosts.</summary>
    Multicast,

    /// <summary>Where clouds tell machines their credentials.</summary>
    Metadata,
}
