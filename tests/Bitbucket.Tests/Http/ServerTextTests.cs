using System.Text;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.Http;

public sealed class ServerTextTests
{
    public static TheoryData<string> AllPoisons => [.. Poisons.Names];

    [Theory]
    [InlineData("p@ss/wörd\"", "p@ss/wörd\"")]
    [InlineData("p@ss/wörd\"", "p%40ss%2Fw%C3%B6rd%22")]
    [InlineData("p@ss/wörd\"", "p%40ss%2fw%c3%b6rd%22")]
    [InlineData("p@ss/wörd\"", "p@ss/w\\u00F6rd\\u0022")]
    [InlineData("p@ss/wörd\"", "p@ss/wörd\\\"")]
    [InlineData("two words", "two+words")]
    public void SecretInText_IsMaskedInEveryForm(string secret, string form) =>
        Text(secret).Clean($"before {form} after").ShouldBe("before *** after");

    [Fact]
    public void Base64OfSecret_IsMasked() =>
        Text("bot:pw").Clean("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("bot:pw"))).ShouldBe("Basic ***");

    [Fact]
    public void SecretWithinAnother_LeavesNoRest() => Text("abc", "abcdef").Clean("abcdef abc").ShouldBe("*** ***");

    // An apostrophe and angle brackets are part of a URL as people and servers write it.
    [Theory]
    [InlineData("https://ci.example.com/hook?token=ab'rest-of-it")]
    [InlineData("https://user:pa'rest-of-it@ci.example.com/hook")]
    [InlineData("https://ci.example.com/hook?token=ab<rest-of-it")]
    public void SecretOfAUrl_IsMaskedToItsEnd(string url) =>
        ServerText.WithoutSecrets.Clean($"Invalid value: \"{url}\"").ShouldNotContain("rest-of-it");

    [Theory]
    [InlineData("a", "Please log in as a bot", "Please log in as *** bot")]
    [InlineData("pw", "pw is wrong: PW, pwd, (pw), pw", "*** is wrong: ***, pwd, (***), ***")]
    [InlineData("é", "café é", "café ***")]
    [InlineData("abcd", "xabcdx", "x***x")]
    public void ShortSecret_IsMaskedWhereItStandsAlone(string secret, string text, string clean) => Text(secret).Clean(text).ShouldBe(clean);

    [Fact]
    public void EmptySecret_ChangesNothing() => Text("").Clean("text").ShouldBe("text");

    [Fact]
    public void Clean_TakesControlCharactersAndDirectionMarks() =>
        ServerText.WithoutSecrets.Clean("  a\u001b[31m\r\n\tb\u202ec\u0000 ").ShouldBe("a [31m bc");

    [Fact]
    public void Clean_KeepsLettersOfAllLanguages() => ServerText.WithoutSecrets.Clean("Müller 山田 🚀").ShouldBe("Müller 山田 🚀");

    [Fact]
    public void Clean_CutsAfterMasking_SoThatNoPartOfASecretStays()
    {
        var secret = new string('s', 50);

        Text(secret).Clean(new string('x', 280) + secret).ShouldEndWith("x***");
    }

    [Fact]
    public void Clean_BoundsTheLength() => ServerText.WithoutSecrets.Clean(new string('x', 5000)).Length.ShouldBe(301);

    [Theory]
    [MemberData(nameof(AllPoisons))]
    public void Clean_LeavesNothingOfAPoison(string poison)
    {
        var text = Poisoned();

        Poisons.Traces(text.Clean(Poisons.All[poison])).ShouldBeEmpty();
        Poisons.Traces(text.Clean($"before {Poisons.All[poison]} after")).ShouldBeEmpty();
        Poisons.Traces(text.Address($"https://h/{Poisons.All[poison]}"), longest: 1_000).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("upper case")]
    [InlineData("base64")]
    [InlineData("Basic pair")]
    [InlineData("base64 behind another name")]
    [InlineData("percent-encoded")]
    public void Name_ThatRepeatsTheCredential_IsTold(string echo)
    {
        Poisoned().IsRepeatedIn(Poisons.Echoes[echo]).ShouldBeTrue();
        Poisoned().IsRepeatedIn($"x-{Poisons.Echoes[echo]}").ShouldBeTrue();
    }

    [Theory]
    [InlineData("ci", "ci-tools", false)]
    [InlineData("platform", "platform-api", false)]
    [InlineData("platform", "PLATFORM", true)]
    [InlineData("admin", "admin", false)]
    public void ShortPassword_IsAnOrdinaryWordInNames(string password, string name, bool told) => Text(password).IsRepeatedIn(name).ShouldBe(told);

    [Theory]
    [InlineData("https://u:p@ci.example.com/h?token=abc", "https://…@ci.example.com/h?token=…")]
    public void Urls_AreShownWithoutTheirSecrets(string url, string shown) =>
        ServerText.WithoutSecrets.Clean($"The url '{url}' is refused").ShouldBe($"The url '{shown}' is refused");

    [Fact]
    public void Secrets_AreThoseOfBothCredentialsAndTheProxy()
    {
        var target = new ConnectionTarget(new Uri("https://h"), Flavour.DataCenter, new Credential.HttpAccessToken(new("first-5ecret")))
        {
            Proxy = new ProxyTarget(new Uri("http://proxy:3128"), "me", new("proxy-5ecret")),
        };
        var pair = Convert.ToBase64String("bot:second-5ecret"u8);

        ServerText.Of(target, new Credential.Basic("bot", new("second-5ecret"))).Clean($"first-5ecret second-5ecret {pair} proxy-5ecret")
            .ShouldBe("*** *** *** ***");
    }

    private static ServerText Poisoned() => new([.. new Credential.Basic(Poisons.Username, new(Poisons.Secret)).Secrets]);

    private static ServerText Text(params string[] secrets) => new([.. secrets.Select(s => new SecretText(s))]);
}
