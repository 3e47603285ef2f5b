using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>Time-outs, retries, bounds and pacing, over the wire.</summary>
public sealed class TransportTests
{
    private const string Repos = "/rest/api/*/repos";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HangingServer_TimesOut()
    {
        await using var given = await Given.ServerAsync(client: new() { AttemptTimeout = TimeSpan.FromMilliseconds(150) });
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Hang, Path = Repos });
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => Given.ListAsync(bitbucket));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "ServerUnreachable"));
        fault.Message.ShouldContain("timed out");
        given.Server.Faults.Clear();
    }

    [Fact]
    public async Task Caller_CanCancel()
    {
        await using var given = await Given.ServerAsync();
        var hang = given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Hang, Path = "/status" });
        using var bitbucket = given.Client();
        using var stop = new CancellationTokenSource();

        var call = bitbucket.GetServerAsync(stop.Token);
        await Eventually.IsTrueAsync("the request", () => given.Server.Faults.Hits(hang) > 0);
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
    }

    [Theory]
    [InlineData(FaultKind.Status, 500)]
    [InlineData(FaultKind.Status, 502)]
    [InlineData(FaultKind.Status, 503)]
    [InlineData(FaultKind.Truncated, 0)]
    public async Task ReadThatFailsTwice_IsRepeatedUntilItWorks(FaultKind kind, int status)
    {
        await using var given = await Given.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = kind, Status = status, Path = Repos, Count = 2 });
        using var bitbucket = given.Client();

        (await Given.ListAsync(bitbucket)).Count.ShouldBe(2);
        given.Server.Counters.Requests.ShouldBe(3);
    }

    [Fact]
    public async Task ReadThatKeepsFailing_IsTriedThreeTimes()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status, Status = 500, Path = Repos });
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => Given.ListAsync(bitbucket))).Reason.Name.ShouldBe("ServerError");
        given.Server.Counters.Requests.ShouldBe(3);
    }

    [Theory]
    [InlineData("90", 90, 90)]
    [InlineData("1", 1, 1)]
    [InlineData("0", 1, 1)]
    [InlineData("31536000", 600, 600)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", 600, 600)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", 1, 1)]
    [InlineData("-5", 1.6, 2.4)]
    [InlineData("soon", 1.6, 2.4)]
    [InlineData(null, 1.6, 2.4)]
    public async Task RateLimit_PausesTheAccountForABoundedTime(string? header, double least, double most)
    {
        await using var given = await Given.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.RateLimited, RetryAfter = header, Path = Repos });
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => Given.ListAsync(bitbucket));

        fault.ShouldBe(Core.Port.Fault.Waiting(Core.Api.Reasons.RateLimited, fault.Words, fault.RetryAfter));
        fault.RetryAfter!.Value.TotalSeconds.ShouldBeInRange(least, most);
        using var sameAccount = given.Client();
        (await Given.FaultAsync(() => Given.ListAsync(sameAccount))).Reason.Name.ShouldBe("RateLimited");
        given.Server.Counters.Requests.ShouldBe(1);
        using var otherAccount = given.Client(Given.Basic(Given.Password));
        await otherAccount.GetServerAsync(Cancellation);
    }

    [Fact]
    public async Task AnswerBeyondTheBound_IsNotRead()
    {
        await using var given = await Given.ServerAsync(client: new() { MaxResponseBytes = 500 });
        given.Server.Faults.Add(
            new SimulatedFault { Kind = FaultKind.Status, Status = 200, ContentType = "application/json", Body = new string(' ', 501), Path = Repos });
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => Given.ListAsync(bitbucket))).Reason.Name.ShouldBe("UnexpectedAnswer");
        given.Server.Counters.Requests.ShouldBe(1);
    }

    [Fact]
    public async Task ClosedPort_NamesHostAndPort()
    {
        await using var given = await Given.ServerAsync();
        using var refusing = RefusingSocket();
        using var bitbucket = given.Client(url: new($"http://{refusing.LocalEndPoint}/"));

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "ServerUnreachable"));
        fault.Message.ShouldContain("127.0.0.1:");
        fault.Message.ShouldContain("Connection refused");
    }

    [Fact]
    public async Task UnknownName_IsTold()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client(url: new("http://no-such-host.invalid/"));

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        fault.Reason.Name.ShouldBe("ServerUnreachable");
        fault.Message.ShouldContain("DNS lookup failed: no-such-host.invalid:80");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public async Task RequestsInFlight_AreBoundedOverConnectionsOfAnAccount(int bound)
    {
        await using var given = await Given.ServerAsync(client: new() { MaxRequestsPerHost = bound });
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Latency, LatencyMilliseconds = 30, Path = "**" });
        using var one = given.Client();
        using var other = given.Client();

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? one : other).ListWebhooksAsync(Given.ApiPlace, Cancellation)));

        given.Server.Counters.MaxInFlight.ShouldBe(bound);
    }

    [Fact]
    public async Task TruncatedBody_IsNoAnswer()
    {
        await using var given = await Given.ServerAsync();
        using var server = new RawServer(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"isLastPage\":true,\"values\":[]}"u8.ToArray());
        using var bitbucket = given.Client(url: server.Url);

        var fault = await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "UnexpectedAnswer"));
        fault.Message.ShouldContain("Answer was cut off");
    }

    [Fact]
    public async Task SomethingElseThanHttp_IsTold()
    {
        await using var given = await Given.ServerAsync();
        using var server = new RawServer("SSH-2.0-OpenSSH_9.9\r\n"u8.ToArray());
        using var bitbucket = given.Client(url: server.Url);

        (await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation))).Message.ShouldContain("Answer is not HTTP");
    }

    [Theory]
    [InlineData(100, null)]
    [InlineData(2_000_000, "UnexpectedAnswer")]
    public async Task CompressedBody_IsBoundedByItsFullSize(int spaces, string? reason)
    {
        await using var given = await Given.ServerAsync(client: new() { MaxResponseBytes = 1_000_000 });
        using var server = new RawServer(Gzip("{\"isLastPage\":true,\"values\":[]}" + new string(' ', spaces)));
        using var bitbucket = given.Client(url: server.Url);

        var call = () => bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation);

        if (reason is null) (await call()).ShouldBeEmpty();
        else (await Given.FaultAsync(call)).Reason.Name.ShouldBe(reason);
    }

    private static byte[] Gzip(string body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(body));
        return [.. Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n"), .. packed.ToArray()];
    }

    /// <summary>A port that refuses connections, and that nobody else can take meanwhile: it is bound and not listened on.</summary>
    private static Socket RefusingSocket()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
