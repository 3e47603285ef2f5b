using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>A certificate names addresses of its issuer and of revocation lists: whoever made it chose them, and nothing is fetched from there.</summary>
public sealed class CertificateDownloadTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task AddressesInACertificate_AreNotCalled(bool withBundle, bool acceptAny)
    {
        using var elsewhere = new TcpListener(IPAddress.Loopback, 0);
        elsewhere.Start();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Root(key);
        using var certificate = Leaf($"http://127.0.0.1:{((IPEndPoint)elsewhere.LocalEndpoint).Port}/issuer");
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var shown = ShowAsync(server, certificate);
        var called = elsewhere.AcceptTcpClientAsync(Cancellation).AsTask();
        using var handlers = new HttpMessageInvoker(
            new ClientHandlers(new AddressPolicy(new HostRules(["localhost"]), denyPrivate: false), new BitbucketOptions(), new WebProxy(), first: null)
                .Create(new ClientProfile(withBundle ? [root] : [], acceptAny)));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://localhost:{((IPEndPoint)server.LocalEndpoint).Port}/");

        var answer = Record.ExceptionAsync(() => handlers.SendAsync(request, Cancellation)).AsTask();

        (await Task.WhenAny(answer, called)).ShouldBe(answer, "the operator called the address in the certificate");
        elsewhere.Pending().ShouldBeFalse();
        called.IsCompleted.ShouldBeFalse();
        server.Stop();
        await shown;
    }

    private static async Task ShowAsync(TcpListener server, X509Certificate2 certificate)
    {
        try
        {
            while (true)
            {
                using var client = await server.AcceptTcpClientAsync(Cancellation);
                await using var tls = new SslStream(client.GetStream());
                // Offline: this side calls no address either.
                var context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context }, Cancellation);
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException or System.Security.Authentication.AuthenticationException
            or InvalidOperationException or OperationCanceledException)
        {
            // The client did not want it.
        }
    }

    private static X509Certificate2 Root(ECDsa key)
    {
        var request = new CertificateRequest("CN=Root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    // Its issuer is one that nobody has, so that whoever builds the chain looks for it.
    private static X509Certificate2 Leaf(string issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: null, caIssuersUris: [issuer]));
        using var signed = request.Create(
            new X500DistinguishedName("CN=Unknown"), X509SignatureGenerator.CreateForECDsa(issuerKey),
            DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), [1, 2, 3]);
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), password: null);
    }
}
