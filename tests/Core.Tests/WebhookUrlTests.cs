using BitbucketOperator.Core.Ownership;

namespace BitbucketOperator.Core.Tests;

public sealed class WebhookUrlTests
{
    [Theory]
    [InlineData("https://ci.example.com/hooks", "HTTPS://CI.Example.COM/hooks")]
    [InlineData("https://ci.example.com/hooks", "https://ci.example.com:443/hooks")]
    [InlineData("https://ci.example.com/hooks", "https://ci.example.com:/hooks")]
    [InlineData("https://ci.example.com/hooks", "https://ci.example.com:0443/hooks")]
    [InlineData("http://ci.example.com/hooks", "http://ci.example.com:80/hooks")]
    [InlineData("https://ci.example.com", "https://ci.example.com/")]
    [InlineData("https://ci.example.com?job=1", "https://ci.example.com/?job=1")]
    [InlineData("https://ci.example.com#top", "https://ci.example.com/#top")]
    [InlineData("https://ci.example.com/hooks-._~", "https://ci.example.com/%68ooks%2D%2e%5F%7E")]
    [InlineData("https://ci.example.com/a%2fb", "https://ci.example.com/a%2Fb")]
    [InlineData("https://ci.example.com/?job=a%3db", "https://ci.example.com/?job=%61%3Db")]
    [InlineData("https://ci.example.com/café", "https://ci.example.com/caf%c3%a9")]
    [InlineData("https://bücher.example/", "https://xn--bcher-kva.example/")]
    [InlineData("https://BÜCHER.example/", "https://bücher.example")]
    [InlineData("https://bot:pw@CI.example.com/", "https://bot:pw@ci.example.com:443")]
    [InlineData("https://[2001:DB8::1]/", "https://[2001:db8::1]:443/")]
    [InlineData("http://[0:0:0:0:0:0:0:1]/", "http://[::1]:80/")]
    [InlineData("https://[2001:db8:0:0::0:1]:8443/x", "https://[2001:0DB8::1]:8443/x")]
    [InlineData("https://[::ffff:192.0.2.1]/", "https://[::ffff:c000:201]/")]
    public void SpellingsOfOneUrl_AreTheSame(string one, string other)
    {
        WebhookUrl.AreSame(one, other).ShouldBeTrue();
        WebhookUrl.AreSame(other, one).ShouldBeTrue();
        WebhookUrl.KeyOf(WebhookUrl.KeyOf(one)).ShouldBe(WebhookUrl.KeyOf(other));
    }

    [Theory]
    [InlineData("https://ci.example.com/hooks", "http://ci.example.com/hooks")]
    [InlineData("https://ci.example.com/hooks", "https://ci.example.com:8443/hooks")]
    [InlineData("https://ci.example.com/hooks", "https://ci.example.com:80/hooks")]
    [InlineData("http://ci.example.com/hooks", "http://ci.example.com:443/hooks")]
    [InlineData("https://ci.example.com/hooks", "https://ci.example.com./hooks")]
    [InlineData("https://ci.example.com/hooks", "https://ci.example.com/Hooks")]
    [InlineData("https://ci.example.com/hooks", "https://ci.example.com/hooks/")]
    [InlineData("https://ci.example.com/hooks", "https://ci.example.com/hooks?")]
    [InlineData("https://ci.example.com/a/b", "https://ci.example.com/a%2Fb")]
    [InlineData("https://ci.example.com/?job=a", "https://ci.example.com/?job=A")]
    [InlineData("https://ci.example.com/?a=1&b=2", "https://ci.example.com/?b=2&a=1")]
    [InlineData("https://ci.example.com/100%", "https://ci.example.com/100%25")]
    [InlineData("https://bot:pw@ci.example.com/", "https://bot:PW@ci.example.com/")]
    [InlineData("https://bot:pw@ci.example.com/", "https://ci.example.com/")]
    [InlineData("https://bot@ci.example.com/", "https://%62ot@ci.example.com/")]
    [InlineData("https://[2001:db8::1]/", "https://[2001:db8::2]/")]
    [InlineData("https://[fe80::1%25eth0]/", "https://[fe80::1%25eth1]/")]
    [InlineData("https://ci.example.com:0/", "https://ci.example.com/")]
    [InlineData("no url", "No url")]
    public void OtherUrls_AreDifferent(string one, string other)
    {
        WebhookUrl.AreSame(one, other).ShouldBeFalse();
        WebhookUrl.AreSame(other, one).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("://")]
    [InlineData("https://")]
    [InlineData("https://[::1")]
    [InlineData("https://a:b:c/%")]
    [InlineData("https://\ud800/%\udfff")]
    [InlineData("https://xn--\u00fc./")]
    public void NoUrl_IsItself(string text) => WebhookUrl.AreSame(text, text).ShouldBeTrue();

    [Fact]
    public void NoText_Throws()
    {
        foreach (var text in (string[])["", "://", "https://", "https://[::1", "https://a:b:c/%", "https://\ud800/%\udfff", "https://xn--\u00fc./"])
        {
            Should.NotThrow(() => WebhookUrl.KeyOf(text));
        }
    }
}
