using System.Net;
using System.Net.Sockets;
using System.Text;
using BitbucketOperator.Bitbucket.Cloud;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>Proxies of spec.proxy and of the environment, over the wire.</summary>
public sealed class ProxyTests
{
    private const string ProxyPassword = "proxy-5ecret";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HttpsServer_IsReachedThroughATunnelThatSeesNoCredential()
    {
        await using var given = await Given.ServerAsync(new() { Tls = true });
        using var proxy = new TestProxy();
        using var bitbucket = Through(given, proxy);

        (await bitbucket.GetAccountAsync(Cancellation)).Name.ShouldBe("bot");

        proxy.Seen.ShouldHaveSingleItem().ShouldStartWith($"CONNECT 127.0.0.1:{given.Server.BaseUrl.Port} ");
        proxy.Seen.ShouldAllBe(head => !head.Contains("Authorization", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ProxyWithALogin_GetsItAndTheServerDoesNot(bool tls)
    {
        await using var given = await Given.ServerAsync(new() { Tls = tls });
        using var proxy = new TestProxy { Login = $"proxy-user:{ProxyPassword}" };
        using var bitbucket = Through(given, proxy, "proxy-user");

        (await bitbucket.GetAccountAsync(Cancellation)).Name.ShouldBe("bot");

        proxy.Seen.ShouldContain(head => head.Contains("Proxy-Authorization: Basic ", StringComparison.Ordinal));
        if (tls) proxy.Seen.ShouldAllBe(head => !head.Contains("Bearer", StringComparison.Ordinal));
        given.Logged.ShouldAllBe(line => !line.Contains("5ecret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ProxysLogin_NeverReachesTheServer()
    {
        await using var given = await Given.ServerAsync();
        using var server = new RawServer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        using var proxy = new TestProxy { Login = $"proxy-user:{ProxyPassword}" };
        using var bitbucket = Through(given, proxy, "proxy-user", server.Url);

        await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        server.Seen.ShouldNotBeEmpty();
        server.Seen.ShouldAllBe(head => !head.Contains("Proxy-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(true, null, "Put user name and password into a Secret, and set spec.proxy.secretRef")]
    [InlineData(true, "someone-else", "Correct user name and password in the Secret of spec.proxy.secretRef")]
    [InlineData(false, null, "Put user name and password into a Secret, and set spec.proxy.secretRef")]
    [InlineData(false, "someone-else", "Correct user name and password in the Secret of spec.proxy.secretRef")]
    public async Task ProxyThatRefusesTheLogin_IsToldAndNotAskedAgain(bool tls, string? username, string cure)
    {
        await using var given = await Given.ServerAsync(new() { Tls = tls });
        using var proxy = new TestProxy { Login = "proxy-user:x" };
        using var bitbucket = Through(given, proxy, username);

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "ProxyAuthenticationRequired"));
        fault.Message.ShouldStartWith($"spec.proxy.url: 127.0.0.1:{proxy.Url.Port}");
        fault.Message.ShouldContain(cure);
        fault.Message.ShouldNotContain("5ecret");
        proxy.Seen.Count.ShouldBe(tls || username is null ? 1 : 2);
        given.Server.Requests.Entries.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("403 Forbidden", "refuses to connect to 127.0.0.1:", "403")]
    [InlineData("503 No", "cannot reach 127.0.0.1:", "503")]
    [InlineData("502 No", "cannot reach 127.0.0.1:", "502")]
    [InlineData("301 Away", "refuses to connect to 127.0.0.1:", "301")]
    public async Task RefusedTunnel_IsTheProxysFault(string status, string message, string code)
    {
        await using var given = await Given.ServerAsync(new() { Tls = true });
        using var proxy = new TestProxy { Answer = $"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n" };
        using var bitbucket = Through(given, proxy);

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "ProxyFailed"));
        fault.Message.ShouldStartWith($"spec.proxy.url: 127.0.0.1:{proxy.Url.Port}: {message}{given.Server.BaseUrl.Port} ({code})");
    }

    [Theory]
    [InlineData(true, "", "connection closed without an answer")]
    [InlineData(true, "SSH-2.0-OpenSSH_9.9\r\n", "answer is not HTTP")]
    [InlineData(true, "HTTP/1.1 200 OK\r\n", "connection closed without an answer")]
    [InlineData(true, "HTTP/1.1 OK\r\n\r\n", "answer is not HTTP")]
    [InlineData(false, "", "connection closed without an answer")]
    [InlineData(false, "SSH-2.0-OpenSSH_9.9\r\n", "answer is not HTTP")]
    public async Task ProxyThatIsNone_IsTheProxysFault(bool tls, string answer, string why)
    {
        await using var given = await Given.ServerAsync(new() { Tls = tls });
        using var server = new RawServer(Encoding.ASCII.GetBytes(answer));
        using var bitbucket = given.Connect(t => t with { Proxy = new(server.Url) });

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "ProxyFailed"));
        fault.Message.ShouldBe($"spec.proxy.url: 127.0.0.1:{server.Url.Port}: {why}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PlainHttpWhereAnHttpsProxyIsNamed_IsTheProxysFault(bool tls)
    {
        await using var given = await Given.ServerAsync(new() { Tls = tls });
        using var proxy = new TestProxy();
        using var bitbucket = given.Connect(t => t with { Proxy = new(new($"https://127.0.0.1:{proxy.Url.Port}")) });

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        fault.Reason.Name.ShouldBe("ProxyFailed");
        fault.Message.ShouldContain("answer is not TLS");
    }

    [Fact]
    public async Task ProxyThatHangs_IsTheProxysFault()
    {
        await using var given = await Given.ServerAsync(new() { Tls = true }, new() { ConnectTimeout = TimeSpan.FromMilliseconds(150), MaxRetries = 0 });
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var bitbucket = given.Connect(t => t with { Proxy = new(new($"http://{silent.LocalEndpoint}")) });

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "ProxyFailed"));
        fault.Message.ShouldContain("timed out");
    }

    [Fact]
    public async Task CallerOfAHangingProxy_CanCancel()
    {
        await using var given = await Given.ServerAsync(new() { Tls = true });
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var bitbucket = given.Connect(t => t with { Proxy = new(new($"http://{silent.LocalEndpoint}")) });
        using var stop = new CancellationTokenSource();

        var call = bitbucket.GetServerAsync(stop.Token);
        using var caller = await silent.AcceptTcpClientAsync(Cancellation);
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
    }

    [Theory]
    [InlineData(
        "HTTP/1.1 503 Service Unavailable\r\nX-Squid-Error: ERR_CONNECT_FAIL 111\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p/>", "ProxyFailed")]
    [InlineData("HTTP/1.1 403 Forbidden\r\nProxy-Status: proxy; error=http_request_denied\r\nContent-Length: 0\r\n\r\n", "ProxyFailed")]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p/>", "ServerError")]
    public async Task ErrorPageBeforePlainHttp_IsTheProxysWhereItSaysSo(string answer, string reason)
    {
        await using var given = await Given.ServerAsync();
        using var proxy = new TestProxy { Answer = answer };
        using var bitbucket = Through(given, proxy);

        (await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation))).Reason.Name.ShouldBe(reason);
    }

    [Theory]
    [InlineData("127.0.0.1:9", "connection refused")]
    [InlineData("no-such-proxy.invalid:3128", "DNS lookup failed")]
    public async Task UnreachableProxy_IsNotAnUnreachableServer(string proxy, string why)
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Connect(t => t with { Proxy = new(new($"http://{proxy}")) });

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "ProxyFailed"));
        fault.Message.ShouldStartWith($"spec.proxy.url: {proxy}: {why}");
        given.Server.Requests.Entries.ShouldBeEmpty();
    }

    [Fact]
    public async Task ServersFailureBehindAProxy_StaysTheServers()
    {
        await using var given = await Given.ServerAsync(new() { Tls = true });
        using var proxy = new TestProxy();
        using var bitbucket = given.Connect(t => t with { CaBundle = null, Proxy = new(proxy.Url) });

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        fault.Reason.Name.ShouldBe("TlsUntrusted");
        fault.Message.ShouldContain("127.0.0.1: certificate");
    }

    [Fact]
    public async Task HttpsProxy_IsTrustedLikeTheServer()
    {
        using var authority = new Authority();
        await using var given = await Given.ServerAsync(new() { Tls = true, Authority = authority });
        using var certificate = authority.Issue([]);
        using var proxy = new TestProxy(certificate);
        using var bitbucket = Through(given, proxy);

        (await bitbucket.GetAccountAsync(Cancellation)).Name.ShouldBe("bot");
        proxy.Seen.ShouldHaveSingleItem().ShouldStartWith("CONNECT ");
    }

    [Fact]
    public async Task HttpsProxyThatIsNotTrusted_IsTheProxysFault()
    {
        using var other = new Authority();
        await using var given = await Given.ServerAsync(new() { Tls = true });
        using var certificate = other.Issue([]);
        using var proxy = new TestProxy(certificate);
        using var bitbucket = given.Connect(t => t with { Proxy = new(new($"https://localhost:{proxy.Url.Port}")) });

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        fault.Reason.Name.ShouldBe("ProxyFailed");
        fault.Message.ShouldStartWith($"spec.proxy.url: localhost:{proxy.Url.Port}: certificate");
        proxy.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task EnvironmentsProxy_ServesThoseThatNameNone()
    {
        using var proxy = new TestProxy();
        using var named = new TestProxy();
        await using var given = await Given.ServerAsync(new() { Tls = true }, environmentProxy: new WebProxy(proxy.Url));
        using var without = given.Client();
        using var with = Through(given, named);

        (await without.GetAccountAsync(Cancellation)).Name.ShouldBe("bot");
        (proxy.Seen.Count, named.Seen.Count).ShouldBe((1, 0));
        (await with.GetAccountAsync(Cancellation)).Name.ShouldBe("bot");
        (proxy.Seen.Count, named.Seen.Count).ShouldBe((1, 1));
    }

    [Fact]
    public async Task HostThatTheEnvironmentLeavesOut_IsReachedDirectly()
    {
        using var proxy = new TestProxy();
        await using var given = await Given.ServerAsync(
            new() { Tls = true }, environmentProxy: new WebProxy(proxy.Url, BypassOnLocal: false, ["127\\.0\\.0\\.1"]));
        using var bitbucket = given.Client();

        (await bitbucket.GetAccountAsync(Cancellation)).Name.ShouldBe("bot");
        proxy.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task EnvironmentsProxyThatWantsALogin_IsNamedAsSuch()
    {
        using var proxy = new TestProxy { Login = "a:b" };
        await using var given = await Given.ServerAsync(new() { Tls = true }, environmentProxy: new WebProxy(proxy.Url));
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "ProxyAuthenticationRequired"));
        fault.Message.ShouldContain("HTTPS_PROXY or HTTP_PROXY of the operator");
    }

    [Fact]
    public async Task ServerThatDoesNotAnswerThroughTheEnvironmentsProxy_NamesTheProxy()
    {
        using var proxy = new TestProxy();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var given = await Given.ServerAsync(
            new() { Tls = true },
            new() { MaxRetries = 0, AttemptTimeout = TimeSpan.FromMilliseconds(300), AllowedHosts = ["127.0.0.1"] },
            environmentProxy: new WebProxy(proxy.Url));
        using var bitbucket = given.Client(url: new Uri($"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/"));

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        fault.Reason.Name.ShouldBe("ServerUnreachable");
        fault.Message.ShouldEndWith(
            "If the host needs no proxy (HTTPS_PROXY, HTTP_PROXY), list it in NO_PROXY");
    }

    [Fact]
    public async Task EnvironmentsVariableThatIsNoAddress_IsNamedWhereItIsUsed()
    {
        using var named = new TestProxy();
        await using var given = await Given.ServerAsync(new() { Tls = true }, environmentProxy: new WrongVariable());
        using var without = given.Client();
        using var with = Through(given, named);

        var fault = await Given.FaultAsync(() => without.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "ProxyFailed"));
        fault.Message.ShouldBe("HTTPS_PROXY is wrong. Correct it in the operator's environment, or list 127.0.0.1 in NO_PROXY");
        (await with.GetAccountAsync(Cancellation)).Name.ShouldBe("bot");
    }

    private sealed class WrongVariable : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => throw new InvalidOperationException("HTTPS_PROXY is wrong");

        public bool IsBypassed(Uri host) => false;
    }

    [Fact]
    public async Task EnvironmentsSocksProxyThatDoesNotConnect_IsNamedAsSuch()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = RefuseInSocksAsync(listener);
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var given = await Given.ServerAsync(
            new() { Tls = true }, new() { MaxRetries = 0, AllowedHosts = ["127.0.0.1"] }, environmentProxy: new WebProxy($"socks5://127.0.0.1:{port}"));
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "ProxyFailed"));
        fault.Message.ShouldStartWith($"HTTPS_PROXY or HTTP_PROXY of the operator: 127.0.0.1:{port}");
        fault.Message.ShouldContain("does not connect to");
        fault.Message.ShouldContain("list it in NO_PROXY");
        listener.Stop();
        await serving;
    }

    // RFC 1928: no authentication, and then "connection not allowed by ruleset".
    private static async Task RefuseInSocksAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                var stream = client.GetStream();
                var buffer = new byte[300];
                if (await stream.ReadAsync(buffer) == 0) continue;
                await stream.WriteAsync((byte[])[5, 0]);
                if (await stream.ReadAsync(buffer) == 0) continue;
                await stream.WriteAsync((byte[])[5, 2, 0, 1, 0, 0, 0, 0, 0, 0]);
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // The test has ended.
        }
    }

    [Fact]
    public async Task ProxyOnARefusedAddress_IsNotConnectedTo()
    {
        using var proxy = new TestProxy();
        await using var given = await Given.ServerAsync(client: new() { AllowedHosts = ["*"] });
        using var bitbucket = given.Connect(t => t with { Url = new("https://bitbucket.example.com"), Proxy = new(proxy.Url) });

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "AddressNotAllowed"));
        fault.Message.ShouldStartWith($"spec.proxy.url: 127.0.0.1:{proxy.Url.Port}: 127.0.0.1 is a loopback address");
        proxy.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("https://169.254.169.254", "spec.url: 169.254.169.254 is the address of a cloud's metadata service")]
    [InlineData("http://169.254.169.254", "spec.url: 169.254.169.254 is the address of a cloud's metadata service")]
    [InlineData("https://[::1]", "spec.url: ::1 is a loopback address")]
    [InlineData("https://localhost", "spec.url: localhost leads to 127.0.0.1, a loopback address")]
    public async Task AddressBehindAProxy_IsCheckedToo(string url, string message)
    {
        using var proxy = new TestProxy();
        await using var given = await Given.ServerAsync(client: new() { AllowedHosts = ["*"] });
        using var bitbucket = given.Connect(t => t with { Url = new(url), Proxy = new(proxy.Url) });

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "AddressNotAllowed"));
        fault.Message.ShouldStartWith(message);
        proxy.Seen.ShouldBeEmpty();
    }

    private static IBitbucket Through(Given given, TestProxy proxy, string? username = null, Uri? url = null) => given.Connect(t => t with
    {
        Url = url ?? t.Url,
        Proxy = new(proxy.Url, username, username is null ? null : new SecretText(ProxyPassword)),
    });
}
