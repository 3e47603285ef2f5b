using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace BitbucketOperator.Core.Tests;

/// <summary>The search for secrets of tests finds them in each form that programs write, and nothing else.</summary>
public sealed class MarkedTests
{
    private const string Secret = $"token-of-the-bot-{Marked.Mark}";
    private const string Made = "pH3x_Yw0fQm7-generated-by-an-operator";

    public static TheoryData<string> Leaks =>
    [
        Secret,
        Secret.ToUpperInvariant(),
        $"before {Secret} behind",
        Uri.EscapeDataString(Secret),
        Uri.EscapeDataString(Uri.EscapeDataString(Secret)),
        WebUtility.UrlEncode(Secret),
        $"https://user:{Marked.InUrl}@ci.example.com/hook?token={Marked.InUrl.ToLowerInvariant()}",
        new Uri($"https://ci.example.com/hook?token={Secret}").AbsoluteUri,
        JsonSerializer.Serialize(Secret),
        JsonSerializer.Serialize(JsonSerializer.Serialize(Secret)),
        JsonEncodedText.Encode(Secret, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value,
        WebUtility.HtmlEncode(Secret),
        Convert.ToHexString(Bytes(Secret)),
        Convert.ToHexStringLower(Bytes(Secret)),
        Base64(Secret),
        Base64(Secret).TrimEnd('='),
        Base64(Secret).Replace('+', '-').Replace('/', '_'),
        Uri.EscapeDataString(Base64(Secret)),
        $"Authorization: Basic {Base64($"bot:{Secret}")}",
        $"Authorization: Basic {Base64($"b:{Secret}")}",
        $"Authorization: Basic {Base64($"bo:{Secret}")}",
        JsonSerializer.Serialize($"Basic {Base64($"bot@example.com:{Secret}")}"),
        $"--password={Secret}",
    ];

    [Theory]
    [MemberData(nameof(Leaks))]
    public void Secret_IsFoundInEveryForm(string written)
    {
        Marked.Traces(written).ShouldNotBeEmpty();
        Should.Throw<SecretFoundException>(() => Marked.ShouldNotBeIn("a log", new string('x', 100_000) + written)).Message.ShouldContain("a log");
    }

    [Fact]
    public void SecretWithoutAMark_IsFoundWhereItIsNamed()
    {
        Marked.Traces($"secret {Made}").ShouldBeEmpty();
        Marked.Traces($"secret {Made}", Made).ShouldNotBeEmpty();
        Marked.Traces($"secret {Base64($"x:{Made}")}", Made).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("m4rk")]
    [InlineData("Secret bitbucket-token is missing")]
    [InlineData("https://…@ci.example.com/hook?token=…")]
    public void OtherText_IsNone(string written)
    {
        Marked.Traces(written, "short", Made).ShouldBeEmpty();
        Marked.ShouldNotBeIn("a log", written);
    }

    [Fact]
    public void Mark_IsTheSameInUrls() => Uri.EscapeDataString(Marked.Mark).ShouldBe(Marked.InUrl);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Base64(string text) => Convert.ToBase64String(Bytes(text));
}
