using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Tests;

public sealed class HostRulesTests
{
    [Theory]
    [InlineData("bitbucket.example.com", "https://bitbucket.example.com", true)]
    [InlineData("bitbucket.example.com", "https://BITBUCKET.example.com:7990/x", true)]
    [InlineData("Bitbucket.Example.com", "https://bitbucket.example.com", true)]
    [InlineData("bitbucket.example.com", "https://bitbucket.example.com./", true)]
    [InlineData("bitbucket.example.com", "https://bitbucket.example.com.evil.org", false)]
    [InlineData("bitbucket.example.com", "https://evil-bitbucket.example.com", false)]
    [InlineData("bitbucket.example.com", "https://bitbucketxexample.com", false)]
    [InlineData("*.example.com", "https://a.example.com", true)]
    [InlineData("*.example.com", "https://a.b.example.com", true)]
    [InlineData("*.example.com", "https://example.com", false)]
    [InlineData("*.example.com", "https://a.example.com.evil.org", false)]
    [InlineData("*.example.com", "https://a.example.com@evil.org", false)]
    [InlineData("bb-*.example.com", "https://bb-1.example.com", true)]
    [InlineData("*", "https://anything", true)]
    [InlineData("10.1.2.3", "https://10.1.2.3", true)]
    [InlineData("10.1.2.3", "https://0x0a010203", true)]
    [InlineData("10.1.2.3", "https://10.1.2.30", false)]
    [InlineData("10.1.*", "https://10.1.9.9", true)]
    [InlineData("[::1]", "https://[::1]:7990", true)]
    [InlineData("::1", "https://[0:0:0:0:0:0:0:1]", true)]
    [InlineData("[::1]", "https://[::2]", false)]
    [InlineData("xn--bcher-kva.example", "https://bücher.example", true)]
    public void Entry_AllowsTheHostsThatItMeans(string entry, string url, bool allowed)
    {
        var fault = new HostRules(["other.example.org", entry]).Refusal("spec.url", new Uri(url));

        (fault is null).ShouldBe(allowed);
    }

    [Fact]
    public void NoEntries_AllowEveryHostAndListNone()
    {
        HostRules.Any.Refusal("spec.url", new Uri("https://127.0.0.1")).ShouldBeNull();
        HostRules.Any.Lists("127.0.0.1").ShouldBeFalse();
    }

    [Fact]
    public void Wildcard_AllowsAHostWithoutListingIt()
    {
        var rules = new HostRules(["*", "localhost"]);

        rules.Allows("127.0.0.1").ShouldBeTrue();
        rules.Lists("127.0.0.1").ShouldBeFalse();
        rules.Lists("LocalHost.").ShouldBeTrue();
    }

    [Fact]
    public void HostThatIsNotAllowed_IsTerminalAndNamesFieldHostAndCure()
    {
        var fault = new HostRules(["*.example.com"]).Refusal("spec.proxy.url", new Uri("http://Proxy.evil.org:3128"))!;

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Terminal, "HostNotAllowed"));
        fault.Message.ShouldBe(
            "spec.proxy.url: host proxy.evil.org is not in --allowed-hosts. Use a host that is, or have it added");
    }

    [Theory]
    [InlineData("bitbucket.example.com", true)]
    [InlineData("*.example.com", true)]
    [InlineData("*", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("[fd00::1]", true)]
    [InlineData("fd00::1", true)]
    [InlineData("", false)]
    [InlineData("https://bitbucket.example.com", false)]
    [InlineData("bitbucket.example.com:443", false)]
    [InlineData("bitbucket.example.com/x", false)]
    [InlineData("bb?.example.com", false)]
    [InlineData("[fd00::*]", false)]
    [InlineData("bücher.example", false)]
    [InlineData("a b", false)]
    [InlineData("10.0.0.0/8", false)]
    public void Entry_ThatCanMatchNothing_IsFound(string entry, bool good) => (HostRules.Flaw(entry) is null).ShouldBe(good);
}
