using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>How long clients stay open, and how many certificates they hold together.</summary>
public sealed class HttpClientsTests : IDisposable
{
    private static readonly string Certificate = Make();
    private readonly FakeTimeProvider _clock = new();
    private readonly HttpClients _clients;

    public HttpClientsTests() =>
        _clients = new HttpClients(new AddressPolicy(HostRules.Any, denyPrivate: false), new BitbucketOptions(), new WebProxy(), _clock);

    public void Dispose() => _clients.Dispose();

    [Fact]
    public void TargetsThatTrustAlike_ShareAClient()
    {
        _clients.For(Target("a")).ShouldBeSameAs(_clients.For(Target("a")));
        _clients.For(Target("a")).ShouldNotBeSameAs(_clients.For(Target("b")));
        _clients.For(Target("a")).ShouldNotBeSameAs(_clients.For(Target("a") with { InsecureSkipVerify = true }));
        _clients.Open.ShouldBe(3);
    }

    [Fact]
    public void ClientThatNobodyUses_IsClosed_AndOpenedAgainWhenItIsNeeded()
    {
        var client = _clients.For(Target("a"));
        var use = client.Begin();
        _clock.Advance(TimeSpan.FromHours(1));
        _clients.Open.ShouldBe(1, "it is in use");
        use.Dispose();
        _clock.Advance(TimeSpan.FromMinutes(4));
        _clients.Open.ShouldBe(1);
        _clock.Advance(TimeSpan.FromMinutes(2));
        _clients.Open.ShouldBe(0);
        using var again = client.Begin();
        _clients.Open.ShouldBe(1);
    }

    [Fact]
    public void BundleThatIsReplacedAgainAndAgain_HoldsABoundedNumberOfCertificates()
    {
        var first = _clients.For(Target("0", ClientProfile.MostCertificates));
        using var use = first.Begin();
        foreach (var version in Enumerable.Range(1, 40))
        {
            _clients.For(Target($"{version}", ClientProfile.MostCertificates));
            _clients.Open.ShouldBeLessThanOrEqualTo(10);
        }

        first.Opened.ShouldNotBeNull("one that is in use stays");
    }

    [Fact]
    public void BundleOfTooManyCertificates_IsRefusedBeforeItIsRead()
    {
        var fault = Should.Throw<FaultException>(() => _clients.For(Target("x", ClientProfile.MostCertificates + 1))).Fault;
        fault.Reason.ShouldBe(Reasons.CaBundleInvalid);
        fault.Message.ShouldContain("501 certificates, at most 500 are read");
        _clients.Open.ShouldBe(0);
    }

    // A text before the first certificate makes the bundle another one.
    private static ConnectionTarget Target(string name, int certificates = 1) => new(
        new Uri("https://bb.example.com"),
        Flavour.DataCenter,
        new Credential.HttpAccessToken(new SecretText("token")),
        $"{name}\n{string.Concat(Enumerable.Repeat(Certificate + "\n", certificates))}",
        InsecureSkipVerify: false);

    private static string Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=ca", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        return certificate.ExportCertificatePem();
    }
}
