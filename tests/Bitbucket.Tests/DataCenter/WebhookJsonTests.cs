using System.Text.Json.Nodes;
using BitbucketOperator.Bitbucket.DataCenter;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.DataCenter;

public sealed class WebhookJsonTests
{
    [Fact]
    public void OldServersWebhook_IsRead()
    {
        var webhook = WebhookJson.Read(Parse("""{"id":2,"name":"x","url":"https://h","active":false,"events":["a","b","a"]}"""), ServerText.WithoutSecrets)!;

        (webhook.Id, webhook.Title, webhook.Url, webhook.Active).ShouldBe(("2", "x", "https://h", false));
        webhook.SslVerification.ShouldBeNull();
        webhook.Marker.ShouldBeNull();
        webhook.Secret.ShouldBe(WebhookSecret.None);
        webhook.Events.ShouldBe(["a", "b"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("""{"id":2,"configuration":{}}""")]
    [InlineData("""{"id":2,"configuration":null}""")]
    [InlineData("""{"id":2,"configuration":{"secret":"","createdBy":null}}""")]
    [InlineData("""{"id":2,"configuration":{"secret":7,"createdBy":{}},"events":null,"active":null}""")]
    public void StrangeOrMissingConfiguration_IsNoSecretAndNoMarker(string json)
    {
        var webhook = WebhookJson.Read(Parse(json), ServerText.WithoutSecrets)!;

        (webhook.Secret, webhook.Marker).ShouldBe((WebhookSecret.None, null));
    }

    [Fact]
    public void WithoutId_IsNoWebhook() => WebhookJson.Read(Parse("""{"name":"x"}"""), ServerText.WithoutSecrets).ShouldBeNull();

    [Theory]
    [InlineData("{}", ScopeKind.Repository, true)]
    [InlineData("""{"scopeType":"repository"}""", ScopeKind.Repository, true)]
    [InlineData("""{"scopeType":"project"}""", ScopeKind.Repository, false)]
    [InlineData("""{"scopeType":"project"}""", ScopeKind.Project, true)]
    public void Scope_DecidesWhoseItIs(string json, ScopeKind level, bool isAt) => WebhookJson.IsAt(level, Parse(json)).ShouldBe(isAt);

    [Fact]
    public void Replacement_KeepsWhatIsNotOurs()
    {
        var existing = Parse("""
            {"id":2,"name":"old","createdDate":1,"updatedDate":2,"statistics":{},"scopeType":"repository","fromTheFuture":{"a":[1]},
             "credentials":{"username":"u"},"configuration":{"secret":"old","createdBy":"x","foreign":"kept"}}
            """);

        var json = WebhookJson.Write(Given.Hook(new SecretText("new")), existing);

        JsonNode.DeepEquals(json, Parse("""
            {"name":"ci","url":"https://ci.example.com/hooks","active":true,"sslVerificationRequired":true,"events":["pr:opened","repo:refs_changed"],
             "scopeType":"repository","fromTheFuture":{"a":[1]},"credentials":{"username":"u"},
             "configuration":{"secret":"new","createdBy":"bitbucket-operator/ns/name/ci","foreign":"kept"}}
            """)).ShouldBeTrue(json.ToJsonString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void NoSecret_IsLeftOut(string? secret)
    {
        var existing = Parse("""{"configuration":{"secret":"old"}}""");

        var json = WebhookJson.Write(Given.Hook(secret is null ? null : new SecretText(secret)), existing);

        json["configuration"]!.AsObject().ContainsKey("secret").ShouldBeFalse();
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
