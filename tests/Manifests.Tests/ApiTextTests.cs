using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Tests;

/// <summary>What the API server would quote, without the secrets of URLs.</summary>
public sealed class ApiTextTests
{
    public static TheoryData<string> Urls => [.. UrlSecrets.Shown.Keys.Where(u => u.Contains("://", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Urls))]
    public void SecretsOfUrls_AreQuotedByNoMessage(string url)
    {
        ApiText.Quote(url).ShouldNotContain(UrlSecrets.Secret);
        ApiText.Mask($"Invalid value: \"{url}\": no").ShouldNotContain(UrlSecrets.Secret);
        var list = new ListNode(default);
        list.Items.Add(new ScalarNode(default, url));
        list.Items.Add(new ScalarNode(default, "stays"));
        ApiText.Value(list).ShouldNotContain(UrlSecrets.Secret);
        ApiText.Value(list).ShouldEndWith(",\"stays\"]");
    }

    [Fact]
    public void ValueOfAUrl_IsMaskedToItsEnd()
    {
        ApiText.Quote($"https://h/x?t=a \"{UrlSecrets.Secret}").ShouldBe("\"https://h/x?t=…\"");
        ApiText.Quote($"https://h/x?mail=a@b&t={UrlSecrets.Secret}").ShouldBe("\"https://…@b&t=…\"");
        ApiText.Quote($"ci.example.com/x?t={UrlSecrets.Secret}").ShouldBe("\"ci.example.com/x?t=…\"");
        ApiText.Quote($"me:{UrlSecrets.Secret}@ci.example.com/x").ShouldBe("\"…@ci.example.com/x\"");
    }

    [Theory]
    [InlineData("bot@example.com")]
    [InlineData("a & b")]
    [InlineData("what? no URL")]
    public void OtherText_StaysAsItIs(string text) => ApiText.Quote(text).ShouldBe($"\"{text}\"");
}
