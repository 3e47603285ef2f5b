using System.Net;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.Http;

public sealed class AddressPolicyTests
{
    [Theory]
    [InlineData("8.8.8.8", "Public")]
    [InlineData("104.192.141.1", "Public")]
    [InlineData("172.15.255.255", "Public")]
    [InlineData("172.32.0.0", "Public")]
    [InlineData("100.63.255.255", "Public")]
    [InlineData("100.128.0.0", "Public")]
    [InlineData("198.17.255.255", "Public")]
    [InlineData("198.20.0.0", "Public")]
    [InlineData("126.255.255.255", "Public")]
    [InlineData("2606:4700::1111", "Public")]
    [InlineData("::ffff:8.8.8.8", "Public")]
    [InlineData("64:ff9b::8.8.8.8", "Public")]
    [InlineData("2002:808:808::1", "Public")]
    [InlineData("10.0.0.0", "Private")]
    [InlineData("10.255.255.255", "Private")]
    [InlineData("172.16.0.1", "Private")]
    [InlineData("172.31.255.255", "Private")]
    [InlineData("192.168.1.1", "Private")]
    [InlineData("100.64.0.1", "Private")]
    [InlineData("100.127.255.255", "Private")]
    [InlineData("198.18.0.1", "Private")]
    [InlineData("198.19.255.255", "Private")]
    [InlineData("240.0.0.1", "Private")]
    [InlineData("fc00::1", "Private")]
    [InlineData("fdff:ffff::1", "Private")]
    [InlineData("fec0::1", "Private")]
    [InlineData("::ffff:10.1.2.3", "Private")]
    [InlineData("64:ff9b::a01:203", "Private")]
    [InlineData("2002:c0a8:101::1", "Private")]
    [InlineData("127.0.0.1", "Loopback")]
    [InlineData("127.255.255.254", "Loopback")]
    [InlineData("::1", "Loopback")]
    [InlineData("::ffff:127.0.0.1", "Loopback")]
    [InlineData("::127.0.0.1", "Loopback")]
    [InlineData("64:ff9b::7f00:1", "Loopback")]
    [InlineData("64:ff9b:1::7f00:1", "Loopback")]
    [InlineData("2002:7f00:1::1", "Loopback")]
    [InlineData("169.254.0.1", "LinkLocal")]
    [InlineData("169.254.170.2", "LinkLocal")]
    [InlineData("fe80::1", "LinkLocal")]
    [InlineData("fe80::1%3", "LinkLocal")]
    [InlineData("febf::1", "LinkLocal")]
    [InlineData("::ffff:169.254.1.1", "LinkLocal")]
    [InlineData("0.0.0.0", "Unspecified")]
    [InlineData("0.1.2.3", "Unspecified")]
    [InlineData("::", "Unspecified")]
    [InlineData("::ffff:0.0.0.0", "Unspecified")]
    [InlineData("224.0.0.1", "Multicast")]
    [InlineData("239.255.255.255", "Multicast")]
    [InlineData("255.255.255.255", "Multicast")]
    [InlineData("ff02::1", "Multicast")]
    [InlineData("169.254.169.254", "Metadata")]
    [InlineData("::ffff:169.254.169.254", "Metadata")]
    [InlineData("64:ff9b::a9fe:a9fe", "Metadata")]
    [InlineData("2002:a9fe:a9fe::", "Metadata")]
    [InlineData("100.100.100.200", "Metadata")]
    [InlineData("168.63.129.16", "Metadata")]
    [InlineData("fd00:ec2::254", "Metadata")]
    [InlineData("fd20:ce::254", "Metadata")]
    [InlineData("192.0.0.192", "Metadata")]
    [InlineData("::ffff:0:169.254.169.254", "Metadata")]
    [InlineData("::ffff:0:127.0.0.1", "Loopback")]
    [InlineData("::ffff:0:8.8.8.8", "Public")]
    [InlineData("2001:0:808:808:0:0:80ff:fffe", "Loopback")] // Teredo: 127.0.0.1 with every bit turned round
    [InlineData("2001:0:808:808:0:0:5601:5601", "Metadata")]
    [InlineData("2001:0:808:808:0:0:f7f7:f7f7", "Public")]
    [InlineData("64:ff9b:1::a9fe:a9fe", "Metadata")]
    [InlineData("64:ff9b:1::808:808", "Private")]
    [InlineData("2001:db8:0:1:0:5efe:7f00:1", "Loopback")] // ISATAP
    [InlineData("2606:4700::200:5efe:a9fe:a9fe", "Metadata")]
    [InlineData("fe80::5efe:808:808", "LinkLocal")]
    public void Address_IsOfThisKind(string address, string kind) => AddressPolicy.Classify(IPAddress.Parse(address)).ToString().ShouldBe(kind);

    // IANA's IPv4 and IPv6 Special-Purpose Address Registries: each block, and whether it is globally reachable. Where the registry says
    // N/A, so does what the block leads to. A block in a larger one stands for itself.
    [Theory]
    [InlineData("0.0.0.0/8", false)]
    [InlineData("0.0.0.0/32", false)]
    [InlineData("10.0.0.0/8", false)]
    [InlineData("100.64.0.0/10", false)]
    [InlineData("127.0.0.0/8", false)]
    [InlineData("169.254.0.0/16", false)]
    [InlineData("172.16.0.0/12", false)]
    [InlineData("192.0.0.0/29", false)]
    [InlineData("192.0.0.8/32", false)]
    [InlineData("192.0.0.9/32", true)]
    [InlineData("192.0.0.10/32", true)]
    [InlineData("192.0.0.170/31", false)]
    [InlineData("192.0.2.0/24", false)]
    [InlineData("192.31.196.0/24", true)]
    [InlineData("192.52.193.0/24", true)]
    [InlineData("192.88.99.0/24", false)]
    [InlineData("192.168.0.0/16", false)]
    [InlineData("192.175.48.0/24", true)]
    [InlineData("198.18.0.0/15", false)]
    [InlineData("198.51.100.0/24", false)]
    [InlineData("203.0.113.0/24", false)]
    [InlineData("240.0.0.0/4", false)]
    [InlineData("255.255.255.255/32", false)]
    [InlineData("::1/128", false)]
    [InlineData("::/128", false)]
    [InlineData("64:ff9b:1::/48", false)]
    [InlineData("100::/64", false)]
    [InlineData("100:0:0:1::/64", false)]
    [InlineData("2001:1::1/128", true)]
    [InlineData("2001:1::2/128", true)]
    [InlineData("2001:1::3/128", true)]
    [InlineData("2001:2::/48", false)]
    [InlineData("2001:3::/32", true)]
    [InlineData("2001:4:112::/48", true)]
    [InlineData("2001:10::/28", false)]
    [InlineData("2001:20::/28", true)]
    [InlineData("2001:30::/28", true)]
    [InlineData("2001:db8::/32", false)]
    [InlineData("2620:4f:8000::/48", true)]
    [InlineData("3fff::/20", false)]
    [InlineData("5f00::/16", false)]
    [InlineData("fc00::/7", false)]
    [InlineData("fe80::/10", false)]
    public void SpecialPurposeBlock_IsPublicWhereItIsGloballyReachable(string block, bool isReachable)
    {
        var network = IPNetwork.Parse(block);
        foreach (var address in new[] { network.BaseAddress, LastOf(network) })
        {
            (AddressPolicy.Classify(address) == AddressKind.Public).ShouldBe(isReachable, $"{address}");
        }
    }

    private static IPAddress LastOf(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        for (var bit = network.PrefixLength; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }

        return new IPAddress(bytes);
    }

    /// <summary>entries with commas between them; --deny-private; host; address; whether it is connected to.</summary>
    [Theory]
    [InlineData("", false, "bb.example.com", "8.8.8.8", true)]
    [InlineData("", true, "bb.example.com", "8.8.8.8", true)]
    [InlineData("", false, "bb.example.com", "10.1.2.3", true)]
    [InlineData("", true, "bb.example.com", "10.1.2.3", false)]
    [InlineData("", false, "bb.example.com", "203.0.113.7", true)]
    [InlineData("", true, "bb.example.com", "203.0.113.7", false)]
    [InlineData("bb.example.com", true, "bb.example.com", "10.1.2.3", true)]
    [InlineData("BB.example.com", true, "bb.example.com", "fd00::1", true)]
    [InlineData("*.example.com", true, "bb.example.com", "10.1.2.3", false)]
    [InlineData("*.example.com,10.1.2.3", true, "bb.example.com", "10.1.2.3", true)]
    [InlineData("*.example.com,10.1.2.3", true, "bb.example.com", "::ffff:10.1.2.3", true)]
    [InlineData("*.example.com,10.1.2.3", true, "bb.example.com", "10.1.2.4", false)]
    [InlineData("", false, "localhost", "127.0.0.1", false)]
    [InlineData("*", false, "localhost", "127.0.0.1", false)]
    [InlineData("*", false, "127.0.0.1", "127.0.0.1", false)]
    [InlineData("localhost", false, "localhost", "127.0.0.1", true)]
    [InlineData("localhost", false, "localhost", "::1", true)]
    [InlineData("127.0.0.1", false, "127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", false, "::ffff:127.0.0.1", "::ffff:127.0.0.1", true)]
    [InlineData("127.0.0.1", false, "127.0.0.2", "127.0.0.2", false)]
    [InlineData("[::1]", false, "::1", "::1", true)]
    [InlineData("*.example.com", false, "bb.example.com", "169.254.169.254", false)]
    [InlineData("bb.example.com", false, "bb.example.com", "169.254.169.254", true)]
    [InlineData("", false, "bb.example.com", "0.0.0.0", false)]
    [InlineData("", false, "bb.example.com", "224.0.0.1", false)]
    [InlineData("", false, "bb.example.com", "100.100.100.200", false)]
    [InlineData("", false, "bb.example.com", "fe80::1%2", false)]
    [InlineData("[fe80::1]", false, "fe80::1%2", "fe80::1%2", true)]
    public void Address_IsConnectedToOrNot(string entries, bool denyPrivate, string host, string address, bool connected)
    {
        var policy = new AddressPolicy(new HostRules(entries.Split(',', StringSplitOptions.RemoveEmptyEntries)), denyPrivate);

        (policy.Refusal(host, IPAddress.Parse(address)) is null).ShouldBe(connected);
    }
}
