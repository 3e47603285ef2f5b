using System.Net.Security;
using System.Net.Sockets;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>Which servers are trusted, over the wire and at the callback.</summary>
public sealed class TlsTests
{
    private static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset To = new(2090, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PrivateAuthority_IsTrustedWithItsBundle()
    {
        await using var given = await Given.ServerAsync(new() { Tls = true });
        using var other = new Authority();
        using var bitbucket = given.Client(credential: null, other.Pem + "\n" + given.Server.CaPem);

        (await bitbucket.GetAccountAsync(Cancellation)).Name.ShouldBe("bot");
    }

    [Fact]
    public async Task PrivateAuthority_IsNotTrustedByItself()
    {
        await using var given = await Given.ServerAsync(new() { Tls = true });
        using var bitbucket = given.Client(credential: null, caBundle: null);

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "TlsUntrusted"));
        fault.Message.ShouldContain("spec.tls.caBundleRef");
        given.Server.Requests.Entries.ShouldBeEmpty();
    }

    [Fact]
    public async Task BundleOfAnotherAuthority_IsTold()
    {
        await using var given = await Given.ServerAsync(new() { Tls = true });
        using var other = new Authority();
        using var bitbucket = given.Client(credential: null, other.Pem);

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        fault.Reason.Name.ShouldBe("TlsUntrusted");
        fault.Message.ShouldContain("Add its issuer to the bundle");
    }

    [Fact]
    public async Task WrongHostName_IsRefusedEvenWithTheBundle()
    {
        await using var given = await Given.ServerAsync(new() { Tls = true, Bind = IPAddress.Parse("127.0.0.2") });
        using var bitbucket = given.Client(url: new($"https://127.0.0.2:{given.Server.BaseUrl.Port}/"));

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        fault.Reason.Name.ShouldBe("TlsUntrusted");
        fault.Message.ShouldContain("certificate is for localhost, 127.0.0.1");
    }

    [Fact]
    public async Task InsecureSkipVerify_AcceptsEverythingForThatConnectionAlone()
    {
        await using var given = await Given.ServerAsync(new() { Tls = true });
        using var insecure = given.Client(credential: null, caBundle: null, insecure: true);
        using var secure = given.Client(credential: null, caBundle: null);

        (await insecure.GetAccountAsync(Cancellation)).Name.ShouldBe("bot");
        (await Given.FaultAsync(() => secure.GetServerAsync(Cancellation))).Reason.Name.ShouldBe("TlsUntrusted");
    }

    [Fact]
    public async Task PlainHttpOnTheHttpsPort_IsTold()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client(url: new UriBuilder(given.Server.BaseUrl) { Scheme = "https" }.Uri);

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        fault.Reason.Name.ShouldBe("ServerUnreachable");
        fault.Message.ShouldContain("the port may speak http");
    }

    [Theory]
    [InlineData(40, "client certificate, which spec.tls cannot give")]
    [InlineData(42, "requires a client certificate (alert bad_certificate)")]
    [InlineData(116, "requires a client certificate (alert certificate_required)")]
    [InlineData(49, "access_denied")]
    [InlineData(70, "Enable TLS 1.2 or 1.3")]
    [InlineData(112, "does not know its name (alert unrecognized_name). Correct host localhost")]
    [InlineData(10, "alert unexpected_message. Check its TLS settings")]
    [InlineData(47, "alert illegal_parameter")]
    [InlineData(50, "alert decode_error")]
    [InlineData(51, "alert decrypt_error")]
    [InlineData(86, "alert inappropriate_fallback")]
    [InlineData(109, "alert missing_extension")]
    [InlineData(120, "Enable HTTP/1.1")]
    [InlineData(99, "alert 99")]
    public async Task Alert_IsNamedWithItsCure(byte alert, string words)
    {
        await using var given = await Given.ServerAsync(new() { Tls = true });
        using var server = new AlertingServer(alert);
        using var bitbucket = given.Client(url: new Uri($"https://localhost:{server.Port}/"));

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "ServerUnreachable"));
        fault.Message.ShouldStartWith($"localhost:{server.Port} ");
        fault.Message.ShouldContain(words);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no certificate at all")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public async Task BundleWithoutACertificate_IsRefusedAtOnce(string bundle)
    {
        await using var given = await Given.ServerAsync();

        var fault = Should.Throw<FaultException>(() => given.Client(credential: null, bundle)).Fault;

        fault.Reason.Name.ShouldBe("CaBundleInvalid");
        fault.Message.ShouldContain("spec.tls.caBundleRef");
    }

    [Fact]
    public void IntermediateInTheBundle_IsEnough()
    {
        using var keys = new Chain();

        Accept(keys.Leaf, keys.Intermediate).ShouldBeTrue();
    }

    [Fact]
    public void LeafThatOnlyClaimsItsIssuer_IsRefused()
    {
        using var keys = new Chain();
        using var forger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var forged = Chain.Sign("CN=bb", keys.LeafKey, "CN=Intermediate", forger, authority: false, From, To);

        Should.Throw<CertificateRefusedException>(() => Accept(forged, keys.Intermediate));
        Should.Throw<CertificateRefusedException>(() => Accept(forged, keys.Root));
    }

    [Fact]
    public void ExpiredCertificate_IsRefusedAndTold()
    {
        using var keys = new Chain();
        using var expired = Chain.Sign("CN=bb", keys.LeafKey, "CN=Intermediate", keys.IntermediateKey, authority: false, From, From.AddDays(1));

        Should.Throw<CertificateRefusedException>(() => Accept(expired, keys.Intermediate)).Message.ShouldContain("expired");
    }

    [Fact]
    public void CertificateOfTheBundleItself_IsAccepted()
    {
        using var keys = new Chain();

        Accept(keys.Leaf, keys.Leaf).ShouldBeTrue();
    }

    [Fact]
    public void CertificateOfTheBundleItself_IsAcceptedWithTheIntermediateThatTheServerSends()
    {
        using var keys = new Chain();

        Accept(keys.Leaf, keys.Leaf, keys.Intermediate).ShouldBeTrue();
        Should.Throw<CertificateRefusedException>(() => Accept(keys.Leaf, keys.Root, sent: []));
    }

    private static bool Accept(X509Certificate2 leaf, X509Certificate2 trusted, params X509Certificate2[] sent)
    {
        using var received = new X509Chain();
        received.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        received.ChainPolicy.ExtraStore.AddRange(sent);
        received.Build(leaf).ShouldBeFalse();
        return new CertificateCheck(new([trusted], AcceptAny: false)).Accept(new object(), leaf, received, SslPolicyErrors.RemoteCertificateChainErrors);
    }

    /// <summary>Answers each TLS handshake with an alert.</summary>
    private sealed class AlertingServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.IPv6Any, 0) { Server = { DualMode = true } };
        private readonly byte _alert;

        public AlertingServer(byte alert)
        {
            _alert = alert;
            _listener.Start();
            _ = ServeAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    var stream = client.GetStream();
                    _ = await stream.ReadAsync(new byte[4096]);

                    // A record of TLS 1.2 with a fatal alert.
                    await stream.WriteAsync((byte[])[21, 3, 3, 0, 2, 2, _alert]);
                    client.Client.Shutdown(SocketShutdown.Send);
                    await stream.CopyToAsync(Stream.Null);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or IOException)
            {
                // The test has ended.
            }
        }
    }

    /// <summary>A root, an intermediate and a server's certificate.</summary>
    private sealed class Chain : IDisposable
    {
        private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public Chain()
        {
            Root = Sign("CN=Root", _rootKey, "CN=Root", _rootKey, authority: true, From, To);
            Intermediate = Sign("CN=Intermediate", IntermediateKey, "CN=Root", _rootKey, authority: true, From, To);
            Leaf = Sign("CN=bb", LeafKey, "CN=Intermediate", IntermediateKey, authority: false, From, To);
        }

        public ECDsa IntermediateKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public ECDsa LeafKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public X509Certificate2 Root { get; }

        public X509Certificate2 Intermediate { get; }

        public X509Certificate2 Leaf { get; }

        public static X509Certificate2 Sign(
            string subject, ECDsa key, string issuer, ECDsa issuerKey, bool authority, DateTimeOffset from, DateTimeOffset to)
        {
            var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, critical: true));
            if (authority) request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
            var generator = X509SignatureGenerator.CreateForECDsa(issuerKey);
            return request.Create(new X500DistinguishedName(issuer), generator, from, to, RandomNumberGenerator.GetBytes(8));
        }

        public void Dispose()
        {
            foreach (var part in new IDisposable[] { _rootKey, IntermediateKey, LeafKey, Root, Intermediate, Leaf }) part.Dispose();
        }
    }
}
