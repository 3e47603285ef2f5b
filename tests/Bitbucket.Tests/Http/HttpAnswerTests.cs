using System.Net;
using BitbucketOperator.Bitbucket.Http;

namespace BitbucketOperator.Bitbucket.Tests.Http;

public sealed class HttpAnswerTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("application/json", "{}", "Json")]
    [InlineData("application/problem+json", "{}", "Json")]
    [InlineData("text/html", "<p>", "Html")]
    [InlineData("application/xhtml+xml", "<p>", "Html")]
    [InlineData("text/plain", "x", "Other")]
    [InlineData("application/json", "", "Empty")]
    [InlineData(null, " \n<html>", "Html")]
    [InlineData(null, "{}", "Json")]
    [InlineData(null, "   ", "Json")]
    public void Body_IsWhatItsTypeSays(string? type, string body, string expected) =>
        HttpAnswer.KindOf(type, System.Text.Encoding.UTF8.GetBytes(body)).ToString().ShouldBe(expected);

    [Theory]
    [InlineData("7", 7L)]
    [InlineData("0", 0L)]
    [InlineData("Tue, 01 Jan 2030 12:01:30 GMT", 90L)]
    [InlineData("Tue, 01 Jan 2030 11:00:00 GMT", 0L)]
    [InlineData("soon", null)]
    [InlineData("-5", null)]
    [InlineData("1.5", null)]
    [InlineData("", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData("2147483648", null)]
    [InlineData("31536000", 31_536_000L)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", 0L)]
    [InlineData("Fri, 01 Jan 2040 12:00:00 GMT", null)]
    [InlineData("Sun, 01 Jan 2040 12:00:00 GMT", 315_532_800L)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", 251_508_801_599L)]
    public void RetryAfter_IsSecondsOrADate(string header, long? seconds)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.TryAddWithoutValidation("Retry-After", header);

        HttpAnswer.Of(response, default, Now).RetryAfter.ShouldBe(seconds is { } value ? TimeSpan.FromSeconds(value) : null);
    }
}
