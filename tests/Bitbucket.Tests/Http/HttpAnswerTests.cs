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
    [InlineData("7", 7)]
    [InlineData("0", 0)]
    [InlineData("Tue, 01 Jan 2030 12:01:30 GMT", 90)]
    [InlineData("Tue, 01 Jan 2030 11:00:00 GMT", 0)]
    [InlineData("soon", null)]
    public void RetryAfter_IsSecondsOrADate(string header, int? seconds)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.TryAddWithoutValidation("Retry-After", header);

        HttpAnswer.Of(response, default, Now).RetryAfter.ShouldBe(seconds is { } value ? TimeSpan.FromSeconds(value) : null);
    }
}
