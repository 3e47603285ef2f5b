using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using BitbucketOperator.Bitbucket.DataCenter;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.DataCenter;

/// <summary>Every place where text of a server becomes part of a Port type, with every poison.</summary>
public sealed class BoundaryTests
{
    private static readonly Uri Somewhere = new("https://bitbucket.example.com/rest/api/1.0/repos");

    public static TheoryData<string> AllPoisons => [.. Poisons.Names];

    private static ServerText Text { get; } = new([.. new Credential.Basic(Poisons.Username, new(Poisons.Secret)).Secrets]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(AllPoisons))]
    public void ErrorsAndHeaders_AreShownWithoutIt(string poison)
    {
        var text = Poisons.All[poison];
        var error = new JsonObject { ["message"] = text, ["exceptionName"] = $"com.atlassian.{text}", ["context"] = text };
        using var response = new HttpResponseMessage(HttpStatusCode.Conflict);
        response.Headers.TryAddWithoutValidation("X-AUSERNAME", Uri.EscapeDataString(text.Length < 10_000 ? text : text[..10_000]));
        response.Headers.TryAddWithoutValidation("Location", $"https://{Uri.EscapeDataString(text.Length < 100 ? text : text[..100])}.evil.example/");
        var body = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(new JsonObject { ["errors"] = new JsonArray(error) }.ToJsonString()));

        var facts = AnswerFacts.Of(HttpAnswer.Of(response, body, DateTimeOffset.UnixEpoch) with { Kind = BodyKind.Json }, Somewhere, namesNobody: false, Text);

        Poisons.Traces(facts.Message).ShouldBeEmpty();
        Poisons.Traces(facts.User).ShouldBeEmpty();
        Poisons.Traces(facts.RedirectsTo).ShouldBeEmpty();
        facts.Exceptions.SelectMany(e => Poisons.Traces(e)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(AllPoisons))]
    public void Webhook_WithIt_HasNoNameOfAnOwnerAndNoSuchId(string poison)
    {
        var text = Poisons.All[poison];
        var json = new JsonObject
        {
            ["id"] = text, ["name"] = $"ci (bitbucket-operator {text} 3f9a1c2b7d8e9f00)", ["url"] = text, ["events"] = new JsonArray(text),
            ["configuration"] = new JsonObject { ["createdBy"] = $"bitbucket-operator/1 owner={text} hook=ci managed by {text}" },
        };

        WebhookJson.Read(json, Text).ShouldBeNull();
        json["id"] = 7;
        var webhook = WebhookJson.Read(json, Text)!;

        Poisons.Traces(Core.Ownership.WebhookMarker.OwnerNameOf(webhook)).ShouldBeEmpty();
        webhook.Title.Length.ShouldBeLessThan(10_000);
        webhook.Url.Length.ShouldBeLessThan(10_000);
        webhook.Events.ShouldAllBe(e => e.Length < 10_000);
    }

    [Theory]
    [MemberData(nameof(AllPoisons))]
    public async Task Repository_WithItAsSlugOrKey_IsLeftOutAndCountedAndTheOthersStay(string poison)
    {
        var text = Sent(poison);
        await using var given = await Given.ServerAsync();
        Answer(given, "/rest/api/1.0/repos", Page(Row(1, "PLAT", "api"), Row(2, text, "web"), Row(3, "PLAT", text)));
        var pages = Client(given).ListRepositories(project: null);

        var found = await pages.NextAsync(Cancellation);

        found!.Select(r => r.Name.ToString()).ShouldBe(["PLAT/api"]);
        (await pages.NextAsync(Cancellation)).ShouldBeNull();
        pages.Invalid.ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(AllPoisons))]
    public async Task NamesAndLinksOfRepositories_AndTheServers_AreShownWithoutIt(string poison)
    {
        var text = Sent(poison);
        await using var given = await Given.ServerAsync();
        var row = Row(1, "PLAT", "api");
        row["name"] = text;
        row["links"] = new JsonObject
        {
            ["self"] = new JsonArray(new JsonObject { ["href"] = $"https://{text}/" }),
            ["clone"] = new JsonArray(
                new JsonObject { ["name"] = "http", ["href"] = $"https://h/{text}" }, new JsonObject { ["name"] = "ssh", ["href"] = text }),
        };
        Answer(given, "/rest/api/1.0/repos", Page(row));
        Answer(given, "/rest/api/1.0/application-properties", new JsonObject { ["version"] = $"9.4.2-{text}", ["displayName"] = text });
        var client = Client(given);

        var server = await client.GetServerAsync(Cancellation);
        var repository = (await client.ListRepositories(project: null).NextAsync(Cancellation))!.Single();

        Poisons.Traces(server.Version).ShouldBeEmpty();
        Poisons.Traces(server.DisplayName).ShouldBeEmpty();
        Poisons.Traces(repository.Title).ShouldBeEmpty();
        Poisons.Traces(repository.SelfLink, longest: 1_000).ShouldBeEmpty();
        Poisons.Traces(repository.CloneUrls?.Https, longest: 1_000).ShouldBeEmpty();
        Poisons.Traces(repository.CloneUrls?.Ssh, longest: 1_000).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(AllPoisons))]
    public async Task DeliveriesThatFail_AreToldWithoutIt(string poison)
    {
        var text = Sent(poison);
        await using var given = await Given.ServerAsync();
        var latest = new JsonObject
        {
            ["request"] = new JsonObject { ["url"] = $"https://{text}/hook" },
            ["result"] = new JsonObject { ["outcome"] = "ERROR", ["description"] = text },
        };
        Answer(given, "**/latest", latest);
        Answer(given, "**/statistics", new JsonObject());

        var health = await Client(given).GetDeliveryHealthAsync(Given.ApiPlace, "1", Cancellation);

        Poisons.Traces(health!.LastError, longest: 700).ShouldBeEmpty();
    }

    [Fact]
    public async Task RefusalThatQuotesTheUrl_IsShownWithoutItsSecrets()
    {
        await using var given = await Given.ServerAsync();
        var hook = Given.Hook() with { Url = "https://me:5ecret-pass@ci.example.com/hook?token=5ecret-value" };
        var error = new JsonObject { ["message"] = $"The url {hook.Url} is bad; 5ecret-value and 5ecret-pass were sent", ["exceptionName"] = null };
        given.Server.Faults.Add(new()
        {
            Kind = FaultKind.Status, Status = 400, Method = "POST", ContentType = "application/json",
            Body = new JsonObject { ["errors"] = new JsonArray(error) }.ToJsonString(),
        });

        var fault = await Given.FaultAsync(() => given.Client().CreateWebhookAsync(Given.ApiPlace, hook, Cancellation));

        fault.Message.ShouldContain("https://");
        fault.Message.ShouldNotContain("5ecret");
    }

    [Fact]
    public async Task UrlWithUserInfo_IsWrittenAsItIs()
    {
        await using var given = await Given.ServerAsync();
        var hook = Given.Hook() with { Url = "https://me:5ecret-pass@ci.example.com/hook?token=5ecret-value" };
        var client = given.Client();

        var made = await client.CreateWebhookAsync(Given.ApiPlace, hook, Cancellation);

        made.Url.ShouldBe(hook.Url);
        (await client.ListWebhooksAsync(Given.ApiPlace, Cancellation)).Single().Url.ShouldBe(hook.Url);
        given.Logged.ShouldAllBe(line => !line.Contains("5ecret", StringComparison.Ordinal));
    }

    // A larger answer is not read at all.
    private static string Sent(string poison) => Poisons.All[poison] is { Length: > 1_000_000 } text ? text[..1_000_000] : Poisons.All[poison];

    private static IBitbucket Client(Given given) => given.Connect(t => t with { Credential = new Credential.HttpAccessToken(new(Given.Token)) }, Poisoned);

    private static Credential Poisoned => new Credential.Basic(Poisons.Username, new(Poisons.Secret));

    private static void Answer(Given given, string path, JsonNode body) => given.Server.Faults.Add(new()
    {
        Kind = FaultKind.Status, Status = 200, Path = path, ContentType = "application/json", Body = body.ToJsonString(),
    });

    private static JsonObject Page(params JsonObject[] rows) => new() { ["values"] = new JsonArray([.. rows]), ["isLastPage"] = true };

    private static JsonObject Row(int id, string project, string slug) =>
        new() { ["id"] = id, ["slug"] = slug, ["name"] = "n", ["project"] = new JsonObject { ["key"] = project } };
}
