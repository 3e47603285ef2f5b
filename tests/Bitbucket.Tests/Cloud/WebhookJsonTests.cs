using System.Text;
using System.Text.Json;
using BitbucketOperator.Bitbucket.Cloud;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.Cloud;

public sealed class WebhookJsonTests
{
    private const string Recorded = """
        {"type":"webhook_subscription","uuid":"{202cf34e-7ccf-44b7-ba6b-8827a14d5324}",
        "description":"bitbucket-operator/1 owner=0123456789abcdef hook=ci secret=fedcba9876543210",
         "url":"https://ci.example.com/","active":true,"skip_cert_verification":false,"events":["pullrequest:created","repo:push"],
         "created_at":"2025-08-23T15:07:25.469063524Z","subject":{"type":"repository","full_name":"acme/api","links":{}},
         "links":{"self":{"href":"https://api.bitbucket.org/2.0/x"}},"source":null,"read_only":false,"history_enabled":false,"secret_set":true}
        """;

    [Fact]
    public void RecordedWebhook_IsReadWithItsMark()
    {
        var webhook = WebhookJson.Read(JsonSerializer.Deserialize(Recorded, CloudJson.Default.WireWebhook)!, ServerText.WithoutSecrets)!;

        webhook.Id.ShouldBe("{202cf34e-7ccf-44b7-ba6b-8827a14d5324}");
        webhook.Events.ShouldBe(["pullrequest:created", "repo:push"], ignoreOrder: true);
        (webhook.Active, webhook.SslVerification).ShouldBe((true, true));
        webhook.Secret.ShouldBe(new WebhookSecret(IsSet: true, Value: null));
        WebhookMarker.Parse(webhook.Marker).ShouldBe(new WebhookMarker("0123456789abcdef", "ci", "fedcba9876543210"));
    }

    [Theory]
    [InlineData("""{"uuid":"{1}"}""", null)]
    [InlineData("""{"uuid":"{1}","description":null,"events":null,"secret_set":null,"subject":null,"url":null}""", null)]
    [InlineData("""{"uuid":"{1}","description":"Jenkins","future":{"x":[1]}}""", "Jenkins")]
    public void ForeignWebhook_HasOneTextForBothOrNone(string json, string? text)
    {
        var webhook = WebhookJson.Read(JsonSerializer.Deserialize(json, CloudJson.Default.WireWebhook)!, ServerText.WithoutSecrets)!;

        (webhook.Title, webhook.Marker, webhook.Secret, webhook.SslVerification).ShouldBe((text ?? "", text, WebhookSecret.None, null));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"uuid":""}""")]
    public void WebhookWithoutId_IsNone(string json) =>
        WebhookJson.Read(JsonSerializer.Deserialize(json, CloudJson.Default.WireWebhook)!, ServerText.WithoutSecrets).ShouldBeNull();

    [Fact]
    public void Secret_IsSentOnlyWhenThereIsOneOrItIsToGo()
    {
        var hook = Given.Hook(events: ["repo:push", "pullrequest:created"]);
        const string rest = """{"description":"bitbucket-operator/ns/name/ci","url":"https://ci.example.com/hooks","active":"""
            + """true,"skip_cert_verification":false,"events":["pullrequest:created","repo:push"]""";

        SortedText(WebhookJson.Write(hook)).ShouldBe(SortedText(rest + "}"));
        SortedText(WebhookJson.Write(hook with { Secret = new("s3cret") })).ShouldBe(SortedText(rest + ""","secret":"s3cret"}"""));
        SortedText(WebhookJson.WriteWithoutSecret(hook)).ShouldBe(SortedText(rest + ""","secret":null}"""));
    }

    private static string SortedText(byte[] json) => SortedText(Encoding.UTF8.GetString(json));

    private static string SortedText(string json) => string.Join(
        '\n', JsonDocument.Parse(json).RootElement.EnumerateObject().Select(field => $"{field.Name}={field.Value.GetRawText()}").Order(StringComparer.Ordinal));
}
