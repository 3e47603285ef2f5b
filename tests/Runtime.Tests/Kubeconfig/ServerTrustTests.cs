using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Kubeconfig;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Runtime.Tests.Kubeconfig;

/// <summary>Which servers are trusted, by which name they are asked for, and what they are shown.</summary>
public sealed class ServerTrustTests : IDisposable
{
    private readonly KubeconfigFolder _folder = new();
    private readonly Chain _chain = new("api.example.test");
    private readonly TaskCompletionSource _holding = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose()
    {
        _folder.Dispose();
        _chain.Dispose();
    }

    [Theory]
    [InlineData("root", "api.example.test", true)]
    [InlineData("intermediate", "api.example.test", true)] // as with an external CA
    [InlineData("leaf", "api.example.test", true)]
    [InlineData("other", "api.example.test", false)]
    [InlineData("root", "other.example.test", false)]
    [InlineData("root", null, false)]
    public async Task Server_IsTrustedByAnyOfItsAuthorities_UnderItsName(string authority, string? name, bool isTrusted)
    {
        string? asked = null;
        await using var server = await StartAsync(listen => listen.ServerCertificateSelector = (_, sni) =>
        {
            asked = sni;
            return _chain.Leaf;
        });
        var pem = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(_chain.PemOf(authority)));
        var tlsName = name is null ? "" : $", tls-server-name: {name}";
        using var client = ApiServerClient.Open(Write($"{{ server: '{UrlOf(server)}', certificate-authority-data: {pem}{tlsName} }}", "{ token: t }"));
        var get = new KubernetesApi(client, TimeProvider.System).FindAsync("version", RuntimeJson.Default.PartialObject, CancellationToken.None);
        if (isTrusted)
        {
            (await get).ShouldNotBeNull();
            asked.ShouldBe(name);
        }
        else
        {
            await Should.ThrowAsync<HttpRequestException>(get);
        }
    }

    [Fact]
    public async Task CertificateOfAProgram_ThatIsReplaced_IsShownFromThenOn()
    {
        await using var server = await StartAsync(listen =>
        {
            listen.ServerCertificate = _chain.Leaf;
            listen.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            listen.AllowAnyClientCertificate();
        });
        foreach (var name in (string[])["one", "two"])
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
                .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
            var (shown, secret) = (Quoted(certificate.ExportCertificatePem()), Quoted(key.ExportPkcs8PrivateKeyPem()));
            var status = $$"""{"clientCertificateData":{{shown}},"clientKeyData":{{secret}}}""";
            _folder.Write(name, $$"""{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{status}}}""");
        }

        _folder.WriteProgram("login", """
            cd "$(dirname "$0")"
            if [ -e ran ]; then cat two; else touch ran; cat one; fi
            """);
        var user = "{ exec: { apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: ./login } }";
        var access = KubeconfigLoader.Of(
            new KubeconfigFiles([Write($"{{ server: '{UrlOf(server)}', insecure-skip-tls-verify: true }}", user)], mayBeMissing: false),
            contextName: null,
            TimeProvider.System);
        using var client = new ApiServerClient(access);
        var api = new KubernetesApi(client, TimeProvider.System);
        async Task<string?> WhoAsync() => (await api.FindAsync("who", RuntimeJson.Default.PartialObject, CancellationToken.None))!.Metadata!.Name;
        (await WhoAsync()).ShouldBe("CN=one");
        (await WhoAsync()).ShouldBe("CN=one");

        // What is under way then is lost as with any other connection.
        var held = api.FindAsync("held", RuntimeJson.Default.PartialObject, CancellationToken.None);
        await _holding.Task;
        access.Login.Refused();
        (await WhoAsync()).ShouldBe("CN=two");
        await Should.ThrowAsync<HttpRequestException>(held);
    }

    [Fact]
    public async Task CertificateInFiles_ThatIsReplaced_IsShownFromThenOn()
    {
        await using var server = await StartAsync(listen =>
        {
            listen.ServerCertificate = _chain.Leaf;
            listen.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            listen.AllowAnyClientCertificate();
        });
        var clock = new FakeTimeProvider();
        WriteClient("one");
        using var client = new ApiServerClient(KubeconfigLoader.Of(
            new KubeconfigFiles(
                [Write($"{{ server: '{UrlOf(server)}', insecure-skip-tls-verify: true }}", "{ client-certificate: client.pem, client-key: key.pem }")],
                mayBeMissing: false),
            contextName: null,
            clock));
        var api = new KubernetesApi(client, TimeProvider.System);
        async Task<string?> WhoAsync() => (await api.FindAsync("who", RuntimeJson.Default.PartialObject, CancellationToken.None))!.Metadata!.Name;
        (await WhoAsync()).ShouldBe("CN=one");

        // The key does not come at the same time as the certificate.
        WriteClient("two", withKey: false);
        clock.Advance(TimeSpan.FromMinutes(1));
        (await WhoAsync()).ShouldBe("CN=one");
        File.Delete(Path.Combine(_folder.Path, "key.pem"));
        clock.Advance(TimeSpan.FromMinutes(1));
        (await WhoAsync()).ShouldBe("CN=one");
        WriteClient("three");
        (await WhoAsync()).ShouldBe("CN=one");
        clock.Advance(TimeSpan.FromMinutes(1));
        (await WhoAsync()).ShouldBe("CN=three");
    }

    [Fact]
    public async Task AnswerThatIsNotJson_NamesTheServerAndTheCall()
    {
        await using var server = await StartAsync(listen => listen.ServerCertificate = _chain.Leaf);
        using var client = ApiServerClient.Open(Write($"{{ server: '{UrlOf(server)}', insecure-skip-tls-verify: true }}", "{ token: t }"));
        var api = new KubernetesApi(client, TimeProvider.System);

        var error = await Should.ThrowAsync<JsonException>(() => api.FindAsync("page", RuntimeJson.Default.PartialObject, CancellationToken.None));

        error.Message.ShouldStartWith($"The API server {new Uri(UrlOf(server)).Authority} answered what cannot be read: GET page: ");
    }

    [Fact]
    public async Task ProxyThatOpensNoTunnel_IsNamedWithoutItsLogin()
    {
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        var serving = RefuseTunnelAsync(proxy);
        var address = $"127.0.0.1:{((IPEndPoint)proxy.LocalEndpoint).Port}";
        var cluster = $"{{ server: 'https://api.example.com:6443', proxy-url: 'http://bot:pa55word@{address}' }}";
        using var client = ApiServerClient.Open(Write(cluster, "{ token: t }"));
        var api = new KubernetesApi(client, TimeProvider.System);

        var error = await Should.ThrowAsync<HttpRequestException>(() => api.FindAsync("version", RuntimeJson.Default.PartialObject, CancellationToken.None));
        proxy.Stop();
        await serving;

        error.Message.ShouldStartWith($"api.example.com:6443 does not answer through the proxy {address} of the kubeconfig: ");
        error.Message.ShouldContain("503");
        error.Message.ShouldNotContain("pa55word");
        error.Message.ShouldNotContain("\"");
    }

    private static async Task RefuseTunnelAsync(TcpListener proxy)
    {
        try
        {
            while (true)
            {
                using var client = await proxy.AcceptTcpClientAsync();
                var stream = client.GetStream();
                if (await stream.ReadAsync(new byte[4096]) > 0)
                {
                    await stream.WriteAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test has ended.
        }
    }

    private void WriteClient(string name, bool withKey = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        _folder.Write("client.pem", certificate.ExportCertificatePem());
        if (withKey)
        {
            _folder.Write("key.pem", key.ExportPkcs8PrivateKeyPem());
        }
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private static string UrlOf(WebApplication server) =>
        server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    private async Task<WebApplication> StartAsync(Action<HttpsConnectionAdapterOptions> configure)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(configure)));
        var app = builder.Build();
        app.Run(async context =>
        {
            if (context.Request.Path == "/held")
            {
                _holding.SetResult();
                await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
            }

            if (context.Request.Path == "/page")
            {
                await context.Response.WriteAsync("<html>");
                return;
            }

            context.Response.ContentType = "application/json";
            var name = Quoted(context.Connection.ClientCertificate?.Subject ?? "nobody");
            await context.Response.WriteAsync("{\"metadata\":{\"name\":" + name + "}}");
        });
        await app.StartAsync();
        return app;
    }

    private string Write(string cluster, string user) => _folder.Write("config", KubeconfigLoaderTests.Minimal(cluster, user));

    /// <summary>A server's certificate from an intermediate authority, of which the server shows its own alone.</summary>
    private sealed class Chain : IDisposable
    {
        private readonly X509Certificate2 _root;
        private readonly X509Certificate2 _intermediate;
        private readonly X509Certificate2 _other;

        public Chain(string name)
        {
            _root = Authority("CN=root", issuer: null);
            _intermediate = Authority("CN=intermediate", _root);
            _other = Authority("CN=other", issuer: null);
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], critical: false));
            using var made = request.Create(_intermediate, new DateTimeOffset(_intermediate.NotBefore), new DateTimeOffset(_intermediate.NotAfter), [3]);
            using var whole = made.CopyWithPrivateKey(key);
            Leaf = X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), password: null);
        }

        public X509Certificate2 Leaf { get; }

        // The server does not send the intermediate, so the root bundle has both.
        public string PemOf(string authority) => authority switch
        {
            "root" => _root.ExportCertificatePem() + "\n" + _intermediate.ExportCertificatePem(),
            "intermediate" => _intermediate.ExportCertificatePem(),
            "leaf" => Leaf.ExportCertificatePem(),
            _ => _other.ExportCertificatePem(),
        };

        public void Dispose()
        {
            _root.Dispose();
            _intermediate.Dispose();
            _other.Dispose();
            Leaf.Dispose();
        }

        private static X509Certificate2 Authority(string name, X509Certificate2? issuer)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
            var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
            if (issuer is null)
            {
                return request.CreateSelfSigned(from, to);
            }

            using var made = request.Create(issuer, new DateTimeOffset(issuer.NotBefore), new DateTimeOffset(issuer.NotAfter), [2]);
            return made.CopyWithPrivateKey(key);
        }
    }
}
