using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using BitbucketOperator.Bitbucket.Cloud;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.Cloud;

/// <summary>Every place where text of Bitbucket Cloud, or of who stands in between, becomes part of a Port type, with every poison.</summary>
public sealed class BoundaryTests
{
    public static TheoryData<string> AllPoisons => [.. Poisons.Names];

    private static Credential Poisoned { get; } = new Credential.ApiToken(Poisons.Username, new(Poisons.Secret));

    private static ServerText Text { get; } = new(Poisoned.Secrets);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(AllPoisons))]
    public void Errors_AreShownWithoutIt(string poison)
    {
        var text = Poisons.All[poison];
        JsonObject[] bodies =
        [
            new() { ["error"] = text, ["error_description"] = text },
            new() { ["error"] = new JsonObject { ["message"] = text, ["detail"] = text, ["fields"] = new JsonObject { ["url"] = new JsonArray(text) } } },
            new() { ["error"] = new JsonObject { ["message"] = "m", ["detail"] = new JsonObject { ["required"] = new JsonArray(text) } } },
        ];
        foreach (var body in bodies.Select(b => b.ToJsonString()).Append(text))
        {
            using var response = new HttpResponseMessage(HttpStatusCode.Conflict);
            var bytes = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body));

            var facts = AnswerFacts.Of(
                HttpAnswer.Of(response, bytes, DateTimeOffset.UnixEpoch) with { Kind = BodyKind.Json }, new("https://api.bitbucket.org/2.0/user"), Text);

            Poisons.Traces(facts.Message).ShouldBeEmpty();
            Poisons.Traces(facts.Error).ShouldBeEmpty();
            facts.Required.SelectMany(r => Poisons.Traces(r)).ShouldBeEmpty();
        }
    }

    [Theory]
    [MemberData(nameof(AllPoisons))]
    public void Webhook_WithIt_HasNoNameOfAnOwnerAndNoSuchId(string poison)
    {
        var text = Poisons.All[poison];
        var row = new WireWebhook(text, $"bitbucket-operator/1 owner={text} hook=ci managed by {text}", text, true, null, [text], null, null, null);

        WebhookJson.Read(row, Text).ShouldBeNull();
        var webhook = WebhookJson.Read(row with { Uuid = "{202cf34e-7ccf-44b7-ba6b-8827a14d5324}" }, Text)!;

        Poisons.Traces(Core.Ownership.WebhookMarker.OwnerNameOf(webhook)).ShouldBeEmpty();
        webhook.Title.Length.ShouldBeLessThan(10_000);
    }

    [Theory]
    [MemberData(nameof(AllPoisons))]
    public async Task RepositoryWithItAsSlugKeyOrId_IsLeftOut_AndNamesAreShownWithoutIt(string poison)
    {
        var text = Poisons.All[poison] is { Length: > 1_000_000 } large ? large[..1_000_000] : Poisons.All[poison];
        await using var given = await GivenCloud.ServerAsync();
        var values = new JsonArray(Row("{1}", "PLAT", "api", text), Row("{2}", text, "web"), Row("{3}", "PLAT", text), Row(text, "PLAT", "tools"));
        given.Server.Faults.Add(new()
        {
            Kind = FaultKind.Status, Status = 200, ContentType = "application/json", Path = "/2.0/repositories/*",
            Body = new JsonObject { ["values"] = values }.ToJsonString(),
        });
        var pages = given.Client(other: Poisoned).ListRepositories(project: null);

        var found = (await pages.NextAsync(Cancellation))!.ShouldHaveSingleItem();

        (found.Name.ToString(), pages.Invalid).ShouldBe(("PLAT/api", 3));
        Poisons.Traces(found.Title).ShouldBeEmpty();
    }

    private static JsonObject Row(string id, string project, string slug, string name = "n") =>
        new() { ["uuid"] = id, ["slug"] = slug, ["name"] = name, ["project"] = new JsonObject { ["key"] = project } };
}
