using System.Net;
using System.Net.Sockets;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>
/// Which addresses are connected to. Loopback, link-local, unspecified, multicast and metadata addresses are not, nor are
/// private and reserved ones when <paramref name="denyPrivate"/> is set, unless the host or the address is listed without a wildcard.
/// </summary>
internal sealed class AddressPolicy(HostRules hosts, bool denyPrivate)
{
    // The first that holds the address decides. Besides the metadata services these are the blocks of IANA's special-purpose address
    // registries that are not globally reachable, and the multicast blocks.
    private static readonly (IPNetwork Network, AddressKind Kind)[] Special =
    [
        .. Networks(
            AddressKind.Metadata,
            "100.100.100.200/32", "168.63.129.16/32", "169.254.169.254/32", "192.0.0.192/32", "fd00:ec2::/32", "fd20:ce::254/128"),
        .. Networks(AddressKind.Unspecified, "0.0.0.0/8", "::/128"),
        .. Networks(AddressKind.Loopback, "127.0.0.0/8", "::1/128"),
        .. Networks(AddressKind.LinkLocal, "169.254.0.0/16", "fe80::/10"),
        .. Networks(AddressKind.Multicast, "224.0.0.0/4", "255.255.255.255/32", "ff00::/8"),

        // Parts of a block below that are reachable all the same: PCP and TURN anycast, AMT, AS112, ORCHIDv2, drone identifiers.
        .. Networks(
            AddressKind.Public,
            "192.0.0.9/32", "192.0.0.10/32", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:3::/32", "2001:4:112::/48",
            "2001:20::/28", "2001:30::/28"),

        // Class E and the former site-local range are unusual, and some clusters live in them.
        .. Networks(
            AddressKind.Private,
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "192.0.0.0/24", "240.0.0.0/4", "64:ff9b:1::/48",
            "2001:2::/48", "5f00::/16", "fc00::/7", "fec0::/10"),

        // Documentation, discarded, or given back.
        .. Networks(
            AddressKind.Reserved,
            "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24", "203.0.113.0/24", "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32",
            "3fff::/20"),
    ];

    // Forms of IPv6 address that lead to an IPv4 address, and where its four bytes stand.
    private static readonly (IPNetwork Network, int Offset)[] Wrappers =
    [
        (IPNetwork.Parse("64:ff9b::/96"), 12),
        (IPNetwork.Parse("2002::/16"), 2),
        (IPNetwork.Parse("::/96"), 12),
        (IPNetwork.Parse("::ffff:0:0:0/96"), 12),
    ];

    private static readonly IPNetwork LocalTranslation = IPNetwork.Parse("64:ff9b:1::/48");
    private static readonly IPNetwork Teredo = IPNetwork.Parse("2001::/32");

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
            AddressKind.Private or AddressKind.Reserved => denyPrivate,
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
        var bytes = address.GetAddressBytes();
        var bare = new IPAddress(bytes);
        if (bare.Equals(IPAddress.IPv6Loopback) || bare.Equals(IPAddress.IPv6Any)) return bare;
        foreach (var (network, offset) in Wrappers)
            if (network.Contains(bare)) return Inner(bytes, offset);

        // How long the prefix is nobody knows; one that leads to this host or to another's secrets is seen all the same.
        if (LocalTranslation.Contains(bare) && KindOf(Inner(bytes, 12)) is not (AddressKind.Public or AddressKind.Private)) return Inner(bytes, 12);

        // The client's address, with every bit turned round.
        if (Teredo.Contains(bare)) return new IPAddress([.. bytes[12..].Select(b => (byte)~b)]);
        return IsIsatap(bytes) ? Inner(bytes, 12) : bare;
    }

    private static IPAddress Inner(byte[] bytes, int offset) => new(bytes.AsSpan(offset, 4));

    // Any prefix, and then an interface identifier of its own form. Link-local ones stay on their link.
    private static bool IsIsatap(byte[] bytes) =>
        bytes[8] is 0 or 2 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe && !(bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);

    private static IEnumerable<(IPNetwork Network, AddressKind Kind)> Networks(AddressKind kind, params string[] networks) =>
        networks.Select(network => (IPNetwork.Parse(network), kind));

    private static string Words(AddressKind kind) => kind switch
    {
        AddressKind.Private => "a private address",
        AddressKind.Reserved => "a reserved address",
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

    /// <summary>For documentation, or for nothing.</summary>
    Reserved,

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
