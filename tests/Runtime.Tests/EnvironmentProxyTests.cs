using System.Net;
using BitbucketOperator.Runtime.Client;

namespace BitbucketOperator.Runtime.Tests;

/// <summary>The proxy variables, as kubectl reads them. The expected values are those of Go's http.ProxyFromEnvironment.</summary>
public sealed class EnvironmentProxyTests
{
    private const string Proxy = "http://proxy.example.com:3128";

    [Theory]
    [InlineData("10.0.0.0/8", "https://10.1.2.3:6443", true)]
    [InlineData("10.1.2.3/8", "https://10.200.0.1", true)]
    [InlineData("10.0.0.0/8", "https://11.1.2.3", false)]
    [InlineData("10.0.0.0/8", "https://ten.example.com", false)]
    [InlineData("0.0.0.0/0", "https://192.0.2.7", true)]
    [InlineData("192.0.2.0/29", "https://192.0.2.8", false)]
    [InlineData("192.0.2.0/29", "https://192.0.2.7", true)]
    [InlineData("fd00::/8", "https://[fd12::1]:443", true)]
    [InlineData("fd00::/8", "https://[fe80::1]", false)]
    [InlineData("10.0.0.0/8", "https://[::ffff:10.0.0.1]", true)]
    [InlineData("::ffff:10.0.0.0/104", "https://10.1.2.3", true)]
    [InlineData("::ffff:10.0.0.0/104", "https://[::ffff:10.1.2.3]", true)]
    [InlineData("::ffff:10.0.0.0/104", "https://11.1.2.3", false)]
    [InlineData("::ffff:10.0.0.0/128", "https://10.0.0.0", true)]
    [InlineData("::ffff:10.0.0.0/90", "https://10.1.2.3", false)]
    [InlineData("::/0", "https://10.1.2.3", false)]
    [InlineData("*", "https://anything.example.com", true)]
    [InlineData("example.com", "https://example.com", true)]
    [InlineData("example.com", "https://git.example.com", true)]
    [InlineData("example.com", "https://notexample.com", false)]
    [InlineData(".example.com", "https://git.example.com", true)]
    [InlineData(".example.com", "https://example.com", false)]
    [InlineData("*.example.com", "https://git.example.com", true)]
    [InlineData("*.example.com", "https://example.com", false)]
    [InlineData("EXAMPLE.com", "https://Git.Example.COM", true)]
    [InlineData("example.com", "https://git.example.com.", true)]
    [InlineData("example.com:8443", "https://example.com:8443", true)]
    [InlineData("example.com:8443", "https://example.com", false)]
    [InlineData("10.1.2.3:6443", "https://10.1.2.3:6443", true)]
    [InlineData("10.1.2.3:6443", "https://10.1.2.3", false)]
    [InlineData("2001:db8::1", "https://[2001:db8::1]", true)]
    [InlineData("[2001:db8::1]", "https://[2001:db8::1]:8443", true)]
    [InlineData("[2001:db8::1]:8443", "https://[2001:db8::1]:8443", true)]
    [InlineData("[2001:db8::1]:8443", "https://[2001:db8::1]", false)]
    [InlineData("2001:DB8:0:0::1", "https://[2001:db8::1]", true)]
    [InlineData("bücher.example", "https://xn--bcher-kva.example", true)]
    [InlineData("a.example, 10.0.0.0/8 ,b.example", "https://b.example", true)]
    [InlineData("a.example 10.0.0.0/8 b.example", "https://b.example", true)]
    [InlineData("http://example.com, ,/8,10.0.0.0/x,:8080,.", "https://example.com", false)]
    [InlineData(null, "https://example.com", false)]
    [InlineData(null, "https://localhost:6443", true)]
    [InlineData(null, "https://127.0.0.1:6443", true)]
    [InlineData(null, "https://[::1]:6443", true)]
    [InlineData(null, "https://localhost.example.com", false)]
    public void NoProxy_IsReadAsGoReadsIt(string? noProxy, string url, bool direct)
    {
        var proxy = Read(("HTTPS_PROXY", Proxy), ("NO_PROXY", noProxy));

        proxy.IsBypassed(new(url)).ShouldBe(direct);
        proxy.GetProxy(new(url)).ShouldBe(direct ? null : new Uri(Proxy));
    }

    [Fact]
    public void EachScheme_HasItsProxy_AndAllTheRest()
    {
        var proxy = Read(("HTTP_PROXY", "http://plain:1"), ("https_proxy", "tls:2"), ("ALL_PROXY", "socks5h://all:3"));

        proxy.GetProxy(new("http://example.com")).ShouldBe(new Uri("http://plain:1"));
        proxy.GetProxy(new("https://example.com")).ShouldBe(new Uri("http://tls:2"));
        Read(("ALL_PROXY", "socks5h://all:3")).GetProxy(new("https://example.com")).ShouldBe(new Uri("socks5://all:3"));
    }

    [Fact]
    public void Capitals_ComeFirst() =>
        Read(("HTTPS_PROXY", "http://upper:1"), ("https_proxy", "http://lower:1")).GetProxy(new("https://example.com")).ShouldBe(new Uri("http://upper:1"));

    [Fact]
    public void EmptyVariable_IsNone() => Read(("HTTPS_PROXY", " "), ("https_proxy", "")).GetProxy(new("https://example.com")).ShouldBeNull();

    [Fact]
    public void Login_IsThatOfTheProxyAsked()
    {
        var proxy = Read(("HTTPS_PROXY", "http://user%40corp:p%3Ass@proxy.example.com:3128"), ("HTTP_PROXY", "http://other.example.com"));

        var login = proxy.Credentials!.GetCredential(proxy.GetProxy(new("https://example.com"))!, "Basic")!;
        (login.UserName, login.Password).ShouldBe(("user@corp", "p:ss"));
        proxy.Credentials.GetCredential(proxy.GetProxy(new("http://example.com"))!, "Basic").ShouldBeNull();
    }

    [Theory]
    [InlineData("ftp://user:pa55word@proxy:21")]
    [InlineData("http://")]
    [InlineData("http://user:pa55word@:80:80")]
    public void WhatIsNoProxy_IsRefusedWithoutItsValue(string value)
    {
        const string Flaw = "HTTPS_PROXY is not the address of a proxy, such as http://proxy.example.com:3128";
        var proxy = Read(("HTTPS_PROXY", value));

        Should.Throw<InvalidOperationException>(() => proxy.GetProxy(new("https://example.com"))).Message.ShouldBe(Flaw);
        proxy.FlawFor(new("https://example.com")).ShouldBe(Flaw);
        proxy.IsBypassed(new("https://example.com")).ShouldBeFalse("no request goes there by another way");
    }

    [Fact]
    public void WhatIsNoProxy_DoesNoHarmWhereItIsNotUsed()
    {
        var proxy = Read(("HTTP_PROXY", "ftp://plain"), ("ALL_PROXY", "http://"), ("HTTPS_PROXY", "http://tls:2"), ("NO_PROXY", "exempt.example.com"));

        proxy.GetProxy(new("https://example.com")).ShouldBe(new Uri("http://tls:2"));
        proxy.GetProxy(new("http://exempt.example.com")).ShouldBeNull();
        proxy.FlawFor(new("http://exempt.example.com")).ShouldBeNull();
        proxy.FlawFor(new("http://example.com"))!.ShouldStartWith("HTTP_PROXY is not");
        Read(("ALL_PROXY", "http://")).FlawFor(new("https://example.com"))!.ShouldStartWith("ALL_PROXY is not");
    }

    private static EnvironmentProxy Read(params (string Name, string? Value)[] variables) =>
        EnvironmentProxy.Read(name => Array.Find(variables, v => v.Name == name).Value);
}
