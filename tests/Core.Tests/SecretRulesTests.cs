using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Tests;

public sealed class SecretRulesTests
{
    private static readonly SecretRules Labelled = new(RequireLabel: true);

    [Theory]
    [InlineData("kubernetes.io/service-account-token")]
    [InlineData("kubernetes.io/dockerconfigjson")]
    [InlineData("kubernetes.io/dockercfg")]
    [InlineData("kubernetes.io/tls")]
    [InlineData("bootstrap.kubernetes.io/token")]
    [InlineData("helm.sh/release.v1")]
    public void SecretOfAnotherPurpose_IsNotUsed(string type)
    {
        var faults = FaultsOf(Secret(type), SecretRules.Default);
        faults.ShouldAllBe(f => f != null && f.Message.Contains($"Secret \"s\" has type {type}. ", StringComparison.Ordinal));
        faults.Select(f => $"{f!.Reason} {f.Field} {f.Message.Split(':')[0]}").ShouldBe(
        [
            "SecretNotAllowed spec.auth.secretRef spec.auth.secretRef",
            "SecretNotAllowed spec.webhookAuth.secretRef spec.webhookAuth.secretRef",
            "ProxySecretInvalid spec.proxy.secretRef spec.proxy.secretRef",
            "WebhookSecretInvalid spec.webhooks[ci].secretRef spec.webhooks[ci].secretRef",
            "WebhookSecretInvalid spec.webhooks[ci].generateSecret spec.webhooks[ci].generateSecret",
        ]);
        faults.ShouldAllBe(f => !f!.Message.Contains("delete", StringComparison.Ordinal), "it is somebody else's");
    }

    [Theory]
    [InlineData("Opaque")]
    [InlineData("kubernetes.io/basic-auth")]
    [InlineData("example.com/anything")]
    [InlineData(null)]
    public void OtherSecret_IsUsed(string? type) => FaultsOf(Secret(type), SecretRules.Default).ShouldAllBe(f => f == null);

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("false", false)]
    [InlineData("True", false)]
    [InlineData("true", true)]
    public void WhereTheLabelIsAskedFor_NoSecretIsUsedWithoutIt(string? label, bool used)
    {
        var faults = FaultsOf(Secret("Opaque", label), Labelled);
        faults.ShouldAllBe(f => (f == null) == used);
        faults.OfType<Fault>().ShouldAllBe(f => f.Message.Contains(
            "Secret \"s\" lacks label bitbucketoperator.dev/credential=true. "
            + "If it is meant for Bitbucket, run kubectl label secret s --namespace ci bitbucketoperator.dev/credential=true",
            StringComparison.Ordinal));
    }

    [Fact]
    public void WhereTheLabelIsAskedFor_OneThatDoesNotExistIsMissing()
    {
        var faults = FaultsOf(Secret("Opaque") with { Data = null }, Labelled);
        faults.Select(f => f!.Reason.Name).ShouldBe(
            ["SecretNotFound", "SecretNotFound", "ProxySecretInvalid", "WebhookSecretNotFound", "WebhookSecretNotFound"]);
        faults.ShouldAllBe(f => f!.Message.Contains("not found", StringComparison.Ordinal));
    }

    [Fact]
    public void GeneratedSecret_HasTheLabel() =>
        new GeneratedSecret("ci", "ci", "platform-ci", "platform", "u").Labels[Labels.Credential].ShouldBe(Labels.True);

    [Fact]
    public void CaBundle_MayBeBesideATlsKey() => SecretReader.ReadCaBundle(
        new CaBundleSource(InSecret: true, "s", "ca.crt"), Secret("kubernetes.io/tls")).Value.ShouldBe("pem");

    [Theory]
    [InlineData(SecretReader.LongestBundle, true)]
    [InlineData(SecretReader.LongestBundle + 1, false)]
    public void CaBundle_HasABound(int bytes, bool fits)
    {
        var data = new Dictionary<string, byte[]>(StringComparer.Ordinal) { ["ca.crt"] = new byte[bytes] };
        var bundle = SecretReader.ReadCaBundle(new CaBundleSource(InSecret: false, "s", "ca.crt"), Secret("Opaque") with { Data = data });
        bundle.Succeeded.ShouldBe(fits);
        if (!fits)
        {
            bundle.Fault!.Reason.Name.ShouldBe("CaBundleInvalid");
            bundle.Fault.Message.ShouldContain("exceeds 512 KiB. Keep the certificates");
        }
    }

    [Fact]
    public void MissingKey_SaysNothingOfTheOthers()
    {
        var secret = Secret("Opaque") with { Data = new Dictionary<string, byte[]>(StringComparer.Ordinal) { ["other-4f1d"] = [] } };
        var bundle = SecretReader.ReadCaBundle(new CaBundleSource(InSecret: true, "s", "ca.crt"), secret).Fault;
        var messages = FaultsOf(secret, SecretRules.Default).Append(bundle).Select(f => f!.Message).ToList();
        messages.ShouldAllBe(m => m.Contains(" has no key ", StringComparison.Ordinal));
        messages.ShouldAllBe(m => !m.Contains("other-4f1d", StringComparison.Ordinal));
    }

    // Of each place where a Secret may be named.
    private static List<Fault?> FaultsOf(ReferencedData secret, SecretRules rules)
    {
        var auth = new CredentialSource(CredentialKind.HTTPAccessToken, "s");
        return
        [
            SecretReader.ReadCredential(auth, secret, "spec.auth", rules).Fault,
            SecretReader.ReadCredential(auth, secret, "spec.webhookAuth", rules).Fault,
            SecretReader.ReadProxyLogin(secret, rules).Fault,
            SecretReader.ReadWebhookSecret("ci", new SecretKeySource("s", "secret"), secret, rules).Fault,
            SecretReader.ReadGeneratedSecret("ci", secret, rules).Fault,
        ];
    }

    private static ReferencedData Secret(string? type, string? label = null)
    {
        string[] keys = ["token", "username", "password", "secret"];
        var data = keys.ToDictionary(k => k, k => Encoding.UTF8.GetBytes(k + "-value"), StringComparer.Ordinal);
        data["ca.crt"] = "pem"u8.ToArray();
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (label is not null)
        {
            labels[Labels.Credential] = label;
        }

        return new ReferencedData("Secret", "ci", "s", data) { Type = type, Labels = labels };
    }
}
