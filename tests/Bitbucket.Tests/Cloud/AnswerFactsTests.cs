using System.Net;
using System.Text;
using BitbucketOperator.Bitbucket.Cloud;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.Bitbucket.Tests.Cloud;

/// <summary>Errors come in every shape that JSON allows, and without JSON.</summary>
public sealed class AnswerFactsTests
{
    [Theory]
    [InlineData("""{"type":"error","error":{"message":"Access token expired."}}""", "Access token expired.")]
    [InlineData("""{"error":{"message":"Bad request"}}""", "Bad request")]
    [InlineData("""{"type":"error","error":{"message":"Resource not found","detail":"There is no API hosted at this URL"}}""",
        "Resource not found There is no API hosted at this URL")]
    [InlineData("""{"error":{"message":"Bad","fields":{"url":["one","two"]}}}""", "Bad url: one two")]
    [InlineData("""{"error":{"message":"Bad","fields":{"url":"one"}}}""", "Bad url: one")]
    [InlineData("""{"error":{"message":"Bad","fields":["one","two"]}}""", "Bad one two")]
    [InlineData("""{"error":{"message":"Bad","fields":null,"detail":null}}""", "Bad")]
    [InlineData("""{"error":{"message":7,"detail":{"required":"x"},"fields":3}}""", "")]
    [InlineData("""{"error":"invalid_client","error_description":"Client credentials are invalid"}""", "Client credentials are invalid")]
    [InlineData("""{"error":"invalid_client"}""", "invalid_client")]
    [InlineData("""{"error":null}""", "")]
    [InlineData("""{"other":1}""", "")]
    [InlineData("[1]", "")]
    [InlineData("null", "")]
    public void Message_IsFoundInEveryShape(string json, string expected) => Of(json).Message.ShouldBe(expected);

    [Fact]
    public void JsonThatIsNone_IsTakenForPlainWords()
    {
        var facts = Of("upstream connect error");

        (facts.Kind, facts.Message).ShouldBe((BodyKind.Other, "upstream connect error"));
    }

    [Theory]
    [InlineData("""{"required":["webhook","repository","pullrequest"],"granted":["webhook","repository:write"]}""", "pullrequest")]
    [InlineData("""{"required":["write:webhook:bitbucket","read:webhook:bitbucket"],"granted":[]}""", "read:webhook:bitbucket, write:webhook:bitbucket")]
    [InlineData("""{"required":["read:user:bitbucket"]}""", "read:user:bitbucket")]
    [InlineData("""{"required":"webhook","granted":null}""", "webhook")]
    [InlineData("""{"required":["webhook"],"granted":["webhook"]}""", "webhook")]
    [InlineData("""{"required":[]}""", "")]
    [InlineData("""{"granted":["webhook"]}""", "")]
    [InlineData("\"words\"", "")]
    public void MissingScopes_AreThoseRequiredAndNotGranted(string detail, string expected) =>
        string.Join(", ", Of("{\"error\":{\"message\":\"lack\",\"detail\":" + detail + "}}").Required).ShouldBe(expected);

    [Fact]
    public void FieldNames_AreTakenFromTheObjectForms() =>
        Of("""{"error":{"message":"Bad","fields":{"url":["x"],"events":"y"}}}""").Fields.ShouldBe(["url", "events"]);

    [Fact]
    public void SecretThatIsRepeated_IsMasked() =>
        AnswerFacts.Of(Answer("""{"error":{"message":"token tok-5ecret is bad"}}"""), Uri, new ServerText(new Core.Port.SecretText("tok-5ecret")))
            .Message.ShouldBe("token *** is bad");

    private static Uri Uri { get; } = new("https://api.bitbucket.org/2.0/user");

    private static AnswerFacts Of(string json) => AnswerFacts.Of(Answer(json), Uri, ServerText.WithoutSecrets);

    private static HttpAnswer Answer(string json) => new(HttpStatusCode.BadRequest, BodyKind.Json, new(Encoding.UTF8.GetBytes(json)));
}
