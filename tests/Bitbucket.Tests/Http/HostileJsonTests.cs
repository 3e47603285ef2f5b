using BitbucketOperator.Core.Port;
using static BitbucketOperator.Bitbucket.Tests.Http.Bodies;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>JSON that Bitbucket does not send, wherever clients of both flavours read any.</summary>
public sealed class HostileJsonTests
{
    private const int Deep = 1_000_000;

    // What stands for a body, a row of a listing and an error.
    private static readonly Dictionary<string, byte[]> Values = new(StringComparer.Ordinal)
    {
        ["deep lists"] = [.. Enumerable.Repeat((byte)'[', Deep)],
        ["deep lists that end"] = Utf8(new string('[', Deep) + new string(']', Deep)),
        ["deep objects"] = Utf8(string.Concat(Enumerable.Repeat("{\"a\":", Deep / 2))),
        ["bytes that are no text"] =
            [.. "{\"id\":1,\"uuid\":\"{1}\",\"name\":\""u8, 0xff, 0xfe, 0xc0, .. "\",\"message\":\""u8, 0xff, .. "\",\"url\":\""u8, 0xff, .. "\"}"u8],
        ["a key that is not UTF-8"] = [.. "{\""u8, 0xff, .. "\":1,\"id\":1,\"uuid\":\"{1}\"}"u8],
        ["half a character"] = Utf8(
            """{"id":1,"uuid":"{1}","name":"a\ud83d","url":"\ud83d","message":"\ud83d","description":"\ud83d","slug":"\ud83d"}"""),
        ["half a character in a key"] = Utf8("""{"a\ud83d":1,"id":1,"uuid":"{1}"}"""),
        ["a key that is there twice"] = Utf8("""{"id":1,"id":2,"uuid":"{1}","uuid":"{2}","name":"a","name":"b","message":"a","message":"b"}"""),
        ["numbers beyond all bounds"] = Utf8(
            """{"id":1e999999,"uuid":1e999999,"createdDate":-99999999999999999999999,"size":9e99,"name":1e400}"""),
        ["no number"] = Utf8("""{"id":NaN,"uuid":Infinity}"""),
        ["other types"] = Utf8(
            """{"id":{},"uuid":[],"name":[1],"url":true,"events":{},"configuration":[],"project":7,"links":"x","slug":{},"message":{}}"""),
        ["a list of nothing"] = Utf8("[null,null]"),
        ["a mark of byte order"] = [0xef, 0xbb, 0xbf, .. "{}"u8],
        ["two values"] = Utf8("{} {}"),
        ["a comment"] = Utf8("{/* }"),
        ["a text of 8 MB"] = Utf8($$"""{"id":"{{new string('x', 8_000_000)}}","uuid":"{{new string('x', 300_000)}}"}"""),
        ["millions of values"] = Utf8("[" + string.Concat(Enumerable.Repeat("{},", 2_700_000)) + "{}]"),
    };

    public static TheoryData<string> Kinds => [.. Values.Keys];

    public static TheoryData<Flavour, string> All =>
        [.. Values.Keys.SelectMany(n => (TheoryDataRow<Flavour, string>[])[new(Flavour.DataCenter, n), new(Flavour.Cloud, n)])];

    [Theory]
    [MemberData(nameof(All))]
    public async Task BodyThatIsNoPage_EndsEachListingWithAReason_AndWhateverReadsItEnds(Flavour flavour, string kind)
    {
        await using var world = new HostileWorld(flavour, (reply, _) => reply.SendAsync(Answer(Values[kind])));
        foreach (var call in Listings(world)) await world.FaultAsync(call);
        foreach (var call in Calls(world)) await world.EndAsync(call);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task RowThatIsNotBitbuckets_IsReadOrEndsTheListingWithAReason(Flavour flavour, string kind)
    {
        byte[] page = [.. "{\"isLastPage\":true,\"values\":["u8, .. Values[kind], .. "]}"u8];
        await using var world = new HostileWorld(flavour, (reply, _) => reply.SendAsync(Answer(page)));
        foreach (var call in Listings(world)) await world.EndAsync(call);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task ErrorThatIsNotBitbuckets_EndsEachCall(Flavour flavour, string kind)
    {
        byte[] error = flavour == Flavour.Cloud
            ? [.. "{\"error\":"u8, .. Values[kind], .. "}"u8]
            : [.. "{\"errors\":["u8, .. Values[kind], .. "]}"u8];
        foreach (var body in (byte[][])[error, Values[kind]])
        {
            await using var world = new HostileWorld(flavour, (reply, _) => reply.SendAsync(Answer(body, 409)));
            foreach (var call in Listings(world)) (await Given.FaultAsync(call)).Class.ShouldBe(FaultClass.Transient);
            foreach (var call in Calls(world)) (await FaultOrNullAsync(call))?.Class.ShouldBe(FaultClass.Transient);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task TokenThatIsNone_EndsEachCallWithAReason(string kind)
    {
        await using var world = new HostileWorld(Flavour.Cloud, (reply, _) => reply.SendAsync(Answer(Values[kind])));
        using var client = world.Connect(Flavour.Cloud, new Credential.OAuth2("key", new(Poisons.Secret)));

        await world.FaultAsync(() => client.ListWebhooksAsync(Given.ApiPlace, Cancellation));
    }

    [Fact]
    public async Task ListOfWebhooksInManyLargePages_IsGivenUpAtABound()
    {
        var webhook = $$"""{"id":1,"name":"{{new string('x', 1_000_000)}}","url":"https://h"}""";
        var page = 0;
        await using var world = new HostileWorld(Flavour.DataCenter, (reply, _) =>
            reply.SendAsync(Answer($$"""{"isLastPage":false,"nextPageStart":{{++page}},"values":[{{webhook}}]}""")));

        (await world.FaultAsync(world.ListAsync)).Message.ShouldContain("they hold more than 8 MiB");

        page.ShouldBe(9);
    }

    [Fact]
    public async Task PagesOfCloudInALargeCircle_AreFound()
    {
        var page = 0;
        await using var world = new HostileWorld(Flavour.Cloud, (reply, w) =>
            reply.SendAsync(Answer($$"""{"values":[],"next":"{{w.Server.Url}}2.0/repositories/acme?page={{++page % 7}}"}""")));

        (await world.FaultAsync(() => Given.ListAsync(world.Client))).Message.ShouldContain("they lead in a circle");

        page.ShouldBeLessThan(22);
    }

    [Fact]
    public async Task AddressOfTheNextPageThatIsTooLong_EndsTheListing()
    {
        await using var world = new HostileWorld(Flavour.Cloud, (reply, w) =>
            reply.SendAsync(Answer($$"""{"values":[],"next":"{{w.Server.Url}}2.0/repositories/acme?page={{new string('7', 5_000)}}"}""")));

        (await world.FaultAsync(() => Given.ListAsync(world.Client))).Message.ShouldContain("too long");
    }

    private static Func<Task>[] Calls(HostileWorld world) =>
    [
        () => world.Client.GetServerAsync(Cancellation),
        () => world.Client.GetAccountAsync(Cancellation),
        () => world.Client.GetRepositoryAsync(Given.Api, Cancellation),
        world.CreateAsync,
        () => world.Client.UpdateWebhookAsync(Given.ApiPlace, "1", Given.Hook(), Cancellation),
        () => world.Client.GetDeliveryHealthAsync(Given.ApiPlace, "1", Cancellation),
        () => world.Client.ExamineAsync(null, Cancellation),
    ];

    private static Func<Task>[] Listings(HostileWorld world) => [world.ListAsync, () => Given.ListAsync(world.Client)];

    private static async Task<Fault?> FaultOrNullAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (FaultException exception)
        {
            return exception.Fault;
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
