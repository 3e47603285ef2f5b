using System.Text;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.Http;

public sealed class MaskingTests
{
    [Theory]
    [InlineData("p@ss/wörd\"", "p@ss/wörd\"")]
    [InlineData("p@ss/wörd\"", "p%40ss%2Fw%C3%B6rd%22")]
    [InlineData("p@ss/wörd\"", "p@ss/w\\u00F6rd\\u0022")]
    [InlineData("p@ss/wörd\"", "p@ss/wörd\\\"")]
    public void SecretInText_IsMaskedInEveryForm(string secret, string form) =>
        Masking.Mask($"before {form} after", new SecretText(secret)).ShouldBe("before *** after");

    [Fact]
    public void Base64OfSecret_IsMasked() =>
        Masking.Mask("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("bot:pw")), new SecretText("bot:pw")).ShouldBe("Basic ***");

    [Fact]
    public void SecretWithinAnother_LeavesNoRest() =>
        Masking.Mask("abcdef abc", new SecretText("abc"), new SecretText("abcdef")).ShouldBe("*** ***");

    [Fact]
    public void EmptySecret_ChangesNothing() => Masking.Mask("text", new SecretText("")).ShouldBe("text");

    [Fact]
    public void Clean_TakesControlCharactersAndDirectionMarks() =>
        Masking.Clean("  a\u001b[31m\r\n\tb\u202ec\u0000 ").ShouldBe("a [31m b c");

    [Fact]
    public void Clean_CutsAfterMasking_SoThatNoPartOfASecretStays()
    {
        var secret = new string('s', 50);

        var clean = Masking.Clean(new string('x', 280) + secret, new SecretText(secret));

        clean.ShouldEndWith("x***");
    }

    [Fact]
    public void Clean_BoundsTheLength() => Masking.Clean(new string('x', 5000)).Length.ShouldBe(301);
}
