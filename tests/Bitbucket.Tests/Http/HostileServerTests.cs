using System.Text;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Testing;
using static BitbucketOperator.Bitbucket.Tests.Http.Bodies;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>Servers that send too much, too slowly, or what they did not announce, to clients of both flavours.</summary>
public sealed class HostileServerTests
{
    private const string Chunked = $"{Head}Transfer-Encoding: chunked\r\n\r\n";
    private const string TooLarge = "Answer is too large";
    private const string TooManyHeaders = "Answer has too many headers";
    private const string NoHttp = "Answer is not HTTP";
    private const string BreaksOff = "Answer was cut off";
    private const string Breaks = "Connection broken";
    private const string Damaged = "Answer has damaged compression";
    private const string Late = "Timed out";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Limit = new BitbucketOptions().AttemptTimeout;
    private static readonly TimeSpan Most = Limit + (5 * Second);

    // What each kind of server sends, and what of it the message says.
    private static readonly Dictionary<string, (Func<RawServer.Reply, Task> Answer, string Message)> Kinds = new(StringComparer.Ordinal)
    {
        ["a gigabyte as announced"] = (r => SendAsync(r, $"{Head}Content-Length: 1073741824\r\n\r\n", Many(" ")), TooLarge),
        ["a gigabyte of unknown length"] = (r => SendAsync(r, $"{Head}Connection: close\r\n\r\n", Many(" ")), TooLarge),
        ["a gigabyte in chunks"] = (r => SendAsync(r, Chunked, Many("400\r\n" + new string(' ', 1024) + "\r\n")), TooLarge),
        ["a gigabyte in chunks of a byte"] = (r => SendAsync(r, Chunked, Many("1\r\n \r\n")), TooLarge),
        ["a gigabyte in an error"] = (r => SendAsync(r, "HTTP/1.1 409 Conflict\r\n\r\n", Many(" ")), TooLarge),
        ["a gigabyte packed"] = (r => SendAsync(r, $"{GzipHead}\r\n", Gzip(new byte[16 * 1024 * 1024])), TooLarge),
        ["nothing, packed without end"] = (r => SendAsync(r, $"{GzipHead}\r\n", Many(GzipOfNothing)), TooLarge),
        ["something packed that is not"] = (r => r.SendAsync($"{GzipHead}\r\nnot packed at all"), Damaged),
        ["a header without end"] = (r => SendAsync(r, "HTTP/1.1 200 OK\r\nX-Long: ", Many("x")), TooManyHeaders),
        ["headers without end"] = (r => SendAsync(r, "HTTP/1.1 200 OK\r\n", Many("X-Many: 1\r\n")), TooManyHeaders),
        ["cookies without end"] = (r => SendAsync(r, "HTTP/1.1 200 OK\r\n", Many("Set-Cookie: session=1; Path=/\r\n")), TooManyHeaders),
        ["a status line without end"] = (r => SendAsync(r, "HTTP/1.1 200 ", Many("x")), TooManyHeaders),
        ["interim answers without end"] = (r => SendAsync(r, "", Many("HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n")), TooManyHeaders),
        ["a chunk's extension without end"] = (r => SendAsync(r, $"{Chunked}1;", Many("x")), Breaks),
        ["trailers without end"] = (r => SendAsync(r, $"{Chunked}0\r\n", Many("X-Many: 1\r\n")), TooManyHeaders),
        ["less than announced"] = (r => r.SendAsync($"{Head}Content-Length: 4000\r\n\r\n{EmptyPage}"), BreaksOff),
        ["less than a chunk"] = (r => r.SendAsync($"{Chunked}fff\r\n{EmptyPage}"), BreaksOff),
        ["a chunk of no size"] = (r => r.SendAsync($"{Chunked}-1\r\n{EmptyPage}"), BreaksOff),
        ["a chunk of all sizes"] = (r => r.SendAsync($"{Chunked}fffffffffffffffffff\r\n{EmptyPage}"), BreaksOff),
        ["no status"] = (r => r.SendAsync("HTTP/1.1 abc\r\n\r\n"), NoHttp),
        ["another protocol"] = (r => r.SendAsync("HTTP/9.9 200 OK\r\n\r\n"), NoHttp),
        ["the client's own words"] = (r => r.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), NoHttp),
    };

    // Each sends a byte in each second of the client's clock, or nothing.
    private static readonly Dictionary<string, Func<RawServer.Reply, HostileWorld, Task>> Slow = new(StringComparer.Ordinal)
    {
        ["no answer"] = (r, w) => DripAsync(r, w, "", ""),
        ["half a status line"] = (r, w) => DripAsync(r, w, "HTTP/1.1 2", ""),
        ["a status line in drops"] = (r, w) => DripAsync(r, w, "HTTP/1.1 200 ", "x"),
        ["a header in drops"] = (r, w) => DripAsync(r, w, "HTTP/1.1 200 OK\r\nX-Long: ", "x"),
        ["interim answers in drops"] = (r, w) => DripAsync(r, w, "", "HTTP/1.1 103 Early Hints\r\n\r\n"),
        ["a body in drops"] = (r, w) => DripAsync(r, w, $"{Head}\r\n", " "),
        ["chunks in drops"] = (r, w) => DripAsync(r, w, Chunked, "1\r\n \r\n"),
        ["trailers in drops"] = (r, w) => DripAsync(r, w, $"{Chunked}0\r\n", "X-Many: 1\r\n"),
        ["a packed body in drops"] = (r, w) => DripAsync(r, w, $"{GzipHead}\r\n", Encoding.Latin1.GetString(GzipOfNothing)),
    };

    public static TheoryData<Flavour, string> AllKinds => Of(Kinds.Keys);

    public static TheoryData<Flavour, string> AllSlow => Of(Slow.Keys);

    [Theory]
    [MemberData(nameof(AllKinds))]
    public async Task WhatIsTooMuch_OrNoAnswer_EndsEachCallWithAReason(Flavour flavour, string kind)
    {
        var (answer, message) = Kinds[kind];
        await using var world = new HostileWorld(flavour, (reply, _) => answer(reply));
        foreach (var call in (Func<Task>[])[world.ListAsync, world.CreateAsync])
        {
            var fault = await world.FaultAsync(call);
            await world.HungUpAsync();

            fault.Message.ShouldStartWith($"{message}: {world.Server.Url.Authority}. Check ");
            fault.Reason.Name.ShouldBe(message == Breaks ? "ServerUnreachable" : "UnexpectedAnswer");
        }

        // What broke off is worth another try, and what is too large is not.
        world.Server.Seen.Count.ShouldBeLessThanOrEqualTo(message is TooLarge or TooManyHeaders ? 2 : 4);
    }

    [Theory]
    [InlineData(Flavour.DataCenter)]
    [InlineData(Flavour.Cloud)]
    public async Task PackedAnswerThatBreaksOff_IsNoAnswer(Flavour flavour)
    {
        await using var world = new HostileWorld(flavour, async (reply, _) =>
        {
            await reply.SendAsync($"{GzipHead}\r\n");
            await reply.SendAsync(Gzip(EmptyPage).AsMemory(..^20));
        });

        (await world.FaultAsync(world.ListAsync)).Reason.Name.ShouldBe("UnexpectedAnswer");
    }

    [Theory]
    [MemberData(nameof(AllSlow))]
    public async Task AnswerInDrops_EndsWithTheTimeOfATry(Flavour flavour, string kind)
    {
        await using var world = new HostileWorld(flavour, Slow[kind], turnsTheClock: true);
        foreach (var call in (Func<Task>[])[world.ListAsync, world.CreateAsync])
        {
            var start = world.Clock.GetTimestamp();

            var fault = await world.FaultAsync(call);
            await world.HungUpAsync();

            fault.Message.ShouldStartWith($"{Late}: {world.Server.Url.Authority}. Check ");
            fault.Reason.Name.ShouldBe("ServerUnreachable");
            world.Clock.GetElapsedTime(start).ShouldBeInRange(Limit, Most);
        }

        world.Server.Seen.Count.ShouldBe(2);
    }

    [Fact]
    public async Task HandshakeWithoutAnAnswer_EndsWithTheTimeOfAConnection()
    {
        var options = new BitbucketOptions { ConnectTimeout = TimeSpan.FromMilliseconds(200), MaxRetries = 0 };
        await using var world = new HostileWorld(Flavour.DataCenter, (reply, _) => reply.HangAsync(), options);
        var https = new UriBuilder(world.Server.Url) { Scheme = "https" }.Uri;
        using var client = world.Connect(Flavour.DataCenter, new Credential.HttpAccessToken(new(Poisons.Secret)), https);

        var fault = await world.FaultAsync(() => client.ListWebhooksAsync(Given.ApiPlace, TestContext.Current.CancellationToken));

        fault.Message.ShouldStartWith($"{Late}: {world.Server.Url.Authority}. Check ");
    }

    [Theory]
    [InlineData(Flavour.DataCenter)]
    [InlineData(Flavour.Cloud)]
    public async Task Cookies_AreNeitherKeptNorSent(Flavour flavour)
    {
        const string Answer = $"{Head}Set-Cookie: session=1; Path=/\r\nConnection: close\r\n\r\n{EmptyPage}";
        await using var world = new HostileWorld(flavour, (reply, _) => reply.SendAsync(Answer));

        await world.ListAsync();
        await world.ListAsync();

        world.Server.Seen.Count.ShouldBe(2);
        world.Server.Seen.ShouldAllBe(head => !head.Contains("\r\nCookie", StringComparison.OrdinalIgnoreCase));
    }

    // The second of two answers to one request is nobody's.
    [Theory]
    [InlineData(Flavour.DataCenter, "Content-Length: 31")]
    [InlineData(Flavour.DataCenter, "Content-Length: 31\r\nContent-Length: 31")]
    [InlineData(Flavour.Cloud, "Content-Length: 31")]
    public async Task AnswerThatNobodyAskedFor_IsNotTakenForTheNext(Flavour flavour, string length)
    {
        EmptyPage.Length.ShouldBe(31);
        var other = """{"isLastPage":true,"values":[{"id":7,"uuid":"{7}","name":"other","url":"https://other.example"}]}""";
        await using var world = new HostileWorld(flavour, async (reply, _) =>
        {
            await reply.SendAsync($"{Head}{length}\r\n\r\n{EmptyPage}{Head}Content-Length: {other.Length}\r\n\r\n{other}");
            await reply.HangAsync();
        });

        (await world.Client.ListWebhooksAsync(Given.ApiPlace, TestContext.Current.CancellationToken)).ShouldBeEmpty();
        (await world.Client.ListWebhooksAsync(Given.ApiPlace, TestContext.Current.CancellationToken)).ShouldBeEmpty();

        world.Server.Seen.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(Flavour.DataCenter, "Content-Length: 10")]
    [InlineData(Flavour.DataCenter, "Content-Length: 10\r\nTransfer-Encoding: chunked")]
    [InlineData(Flavour.Cloud, "Content-Length: 10")]
    public async Task LengthThatIsALie_IsNoAnswer(Flavour flavour, string length)
    {
        await using var world = new HostileWorld(flavour, (reply, _) => reply.SendAsync($"{Head}{length}\r\n\r\n{EmptyPage}"));

        (await world.FaultAsync(world.ListAsync)).Reason.Name.ShouldBe("UnexpectedAnswer");
    }

    [Theory]
    [InlineData(100)]
    [InlineData(299)]
    [InlineData(101)]
    [InlineData(418)]
    [InlineData(599)]
    [InlineData(999)]
    public async Task StatusThatMeansNothing_IsNoAnswer(int status)
    {
        foreach (var flavour in (Flavour[])[Flavour.DataCenter, Flavour.Cloud])
        {
            await using var world = new HostileWorld(flavour, (reply, _) => reply.SendAsync($"HTTP/1.1 {status} So\r\n\r\n"));

            var fault = await Given.FaultAsync(world.ListAsync);

            fault.Class.ShouldBe(FaultClass.Transient);
            fault.Message.Length.ShouldBeGreaterThan(20);
        }
    }

    [Theory]
    [InlineData("31536000")]
    [InlineData("99999999999999999999")]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT")]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT")]
    [InlineData("-1")]
    [InlineData("soon\r\nRetry-After: 31536000")]
    public async Task AbsurdRetryAfter_IsWaitedForTenMinutesAtMost(string header)
    {
        (Flavour, int)[] cases = [(Flavour.DataCenter, 429), (Flavour.DataCenter, 503), (Flavour.Cloud, 429), (Flavour.Cloud, 503)];
        foreach (var (flavour, status) in cases)
        {
            var head = $"HTTP/1.1 {status} So\r\nRetry-After: {header}\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n";
            await using var world = new HostileWorld(flavour, (reply, _) => reply.SendAsync($"{head}{{}}"));

            var fault = await Given.FaultAsync(world.ListAsync);

            (fault.RetryAfter ?? TimeSpan.Zero).ShouldBeInRange(TimeSpan.Zero, new BitbucketOptions().MaxRetryAfter, $"{flavour} {status}");
            world.Server.Seen.Count.ShouldBeLessThanOrEqualTo(3);
        }
    }

    [Fact]
    public async Task TokenEndpointInDrops_EndsWithTheTimeOfATry()
    {
        await using var world = new HostileWorld(Flavour.Cloud, (r, w) => DripAsync(r, w, $"{Head}\r\n", " "), turnsTheClock: true);
        using var client = world.Connect(Flavour.Cloud, new Credential.OAuth2("key", new(Poisons.Secret)));

        var fault = await world.FaultAsync(() => client.ListWebhooksAsync(Given.ApiPlace, TestContext.Current.CancellationToken));

        fault.Message.ShouldStartWith($"{Late}: {world.Server.Url.Authority}. Check ");
    }

    private static async Task SendAsync(RawServer.Reply reply, string head, byte[] part)
    {
        await reply.SendAsync(head);
        await reply.RepeatAsync(part);
    }

    // A drop in each second until the client must have had enough.
    private static async Task DripAsync(RawServer.Reply reply, HostileWorld world, string head, string drop)
    {
        await reply.SendAsync(head);
        for (var passed = TimeSpan.Zero; passed < Most; passed += Second)
        {
            await reply.SendAsync(drop);
            world.Clock.Advance(Second);
        }

        await reply.HangAsync();
    }

    private static TheoryData<Flavour, string> Of(IEnumerable<string> names) =>
        [.. names.SelectMany(n => (TheoryDataRow<Flavour, string>[])[new(Flavour.DataCenter, n), new(Flavour.Cloud, n)])];
}
