using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Validation;

namespace BitbucketOperator.Core.Tests;

public sealed class ValueTests
{
    [Theory]
    [InlineData("PLAT/*", "PLAT/api", true)]
    [InlineData("plat/*", "PLAT/api", true)]
    [InlineData("PLAT/a?i", "PLAT/api", true)]
    [InlineData("*/sandbox-*", "TOOLS/sandbox-1", true)]
    [InlineData("**", "PLAT/api", true)]
    [InlineData("PLAT*", "PLAT/api", false)]
    [InlineData("*", "PLAT/api", false)]
    [InlineData("PLAT/a.i", "PLAT/api", false)]
    public void Glob_Matches(string pattern, string name, bool matches) =>
        new Glob(pattern).Matches(RepositoryName.Parse(name)!).ShouldBe(matches);

    [Theory]
    [InlineData("10m", 600)]
    [InlineData("1h30m", 5400)]
    [InlineData("1.5s", 1.5)]
    [InlineData("250ms", 0.25)]
    public void GoDuration_IsRead(string text, double seconds) => GoDuration.Parse(text).TotalSeconds.ShouldBe(seconds);

    [Theory]
    [InlineData("8.8", "8.19")]
    [InlineData("7.14.0-eap1", "7.14.1")]
    [InlineData("9.4.2", "10.0.0-SNAPSHOT")]
    public void ServerVersion_ComparesAsNumbers(string older, string newer)
    {
        ServerVersion.TryParse(older, out var one).ShouldBeTrue();
        ServerVersion.TryParse(newer, out var other).ShouldBeTrue();
        (one < other).ShouldBeTrue();
    }

    [Fact]
    public void Secrets_AreNeverPrinted()
    {
        var secret = new SecretText("hush-4711");
        object[] holders =
        [
            secret, new Credential.Basic("bot", secret), new Credential.HttpAccessToken(secret), new WebhookSecret(IsSet: true, secret),
            new WebhookDefinition("t", "m", "u", new HashSet<string>(StringComparer.Ordinal), Active: true, SslVerification: true, secret),
            new ConnectionTarget(new Uri("https://bb.example.com"), Flavour.DataCenter, new Credential.HttpAccessToken(secret)),
        ];
        holders.ShouldAllBe(h => !h.ToString()!.Contains("hush"));
    }

    [Fact]
    public void Marker_SurvivesTheWayThroughBitbucket()
    {
        var marker = new WebhookMarker("0123456789abcdef", "ci", "fedcba9876543210");
        WebhookMarker.Parse(marker.ToString()).ShouldBe(marker);
        WebhookMarker.Parse("made by hand").ShouldBeNull();
        WebhookMarker.Parse(marker + " later=word").ShouldBe(marker);
    }

    [Fact]
    public void Title_FitsAndTellsTheOwner()
    {
        var owner = WebhookOwner.Of("cluster", new string('n', 200), new string('m', 200));
        WebhookMarker.Title(new string('h', 63), owner).Length.ShouldBeLessThanOrEqualTo(255);
    }

    [Fact]
    public void Description_FitsAndIsReadBack()
    {
        var owner = WebhookOwner.Of("cluster", new string('n', 63), new string('m', 253));
        var marker = new WebhookMarker(owner.Id, new string('h', 63), "fedcba9876543210");
        var description = marker.Description(owner);
        description.Length.ShouldBe(255);
        WebhookMarker.Parse(description).ShouldBe(marker);
        new WebhookMarker(owner.Id, "ci", null).Description(new WebhookOwner(owner.Id, "ci", "platform"))
            .ShouldBe($"bitbucket-operator/1 owner={owner.Id} hook=ci managed by ci/platform");
    }

    [Theory]
    [InlineData("https://bitbucket.org/acme", null, "acme")]
    [InlineData("https://www.bitbucket.org/acme/", null, "acme")]
    [InlineData("https://bitbucket.org/", "acme", "acme")]
    [InlineData("https://BITBUCKET.org", null, null)]
    [InlineData("https://bitbucket.example.com/bitbucket", null, null)]
    public void Workspace_IsOfTheSpecOrTheUrl(string url, string? named, string? workspace) =>
        new BitbucketConnectionSpec { Url = url, Workspace = named }.ToModel().Workspace.ShouldBe(workspace);

    [Theory]
    [InlineData(null, "SecretNotFound")]
    [InlineData("", "SecretValueEmpty")]
    [InlineData("abc\n", "SecretValueMalformed")]
    [InlineData(" abc", "SecretValueMalformed")]
    public void Token_BadValuesAreNamed(string? value, string reason)
    {
        var data = value is null ? null : new Dictionary<string, byte[]>(StringComparer.Ordinal) { ["token"] = Encoding.UTF8.GetBytes(value) };
        var auth = new AuthSpec { Type = AuthType.HTTPAccessToken, SecretRef = new CredentialSecretReference { Name = "s" } };
        var secret = new ReferencedData("Secret", "ci", "s", data);
        var fault = SecretReader.ReadCredential(auth.ToModel(), secret, "spec.auth", SecretRules.Default).Fault.ShouldNotBeNull();
        fault.Reason.Name.ShouldBe(reason);
        fault.Message.ShouldContain("spec.auth.secretRef");
    }

    [Theory]
    [InlineData("https://bitbucket.example.com/bitbucket/", false, null)]
    [InlineData("http://bitbucket.example.com", true, null)]
    [InlineData("http://bitbucket.example.com", false, "InsecureUrl")]
    [InlineData("https://bitbucket.org/acme", false, "NotSupported")]
    [InlineData("not a url", false, "InvalidUrl")]
    public void Gate_RefusesWhatCannotWork(string url, bool allowHttp, string? reason)
    {
        var spec = new BitbucketConnectionSpec { Url = url, Auth = new AuthSpec { Type = AuthType.HTTPAccessToken } };
        SpecRules.Refusal(spec.ToModel(), new ConnectionPolicy(allowHttp))?.Reason.Name.ShouldBe(reason);
        (SpecRules.Refusal(spec.ToModel(), new ConnectionPolicy(allowHttp)) is null).ShouldBe(reason is null);
    }

    [Theory]
    [InlineData("https://bitbucket.example.com", null, null)]
    [InlineData("https://bitbucket.evil.org", null, "spec.url")]
    [InlineData("https://bitbucket.example.com", "http://proxy.evil.org:3128", "spec.proxy.url")]
    [InlineData("https://bitbucket.example.com", "http://proxy.example.com:3128", null)]
    public void Gate_RefusesHostsThatTheOperatorDoesNotAllow(string url, string? proxy, string? field)
    {
        var spec = new BitbucketConnectionSpec
        {
            Url = url,
            Auth = new AuthSpec { Type = AuthType.HTTPAccessToken },
            Proxy = proxy is null ? null : new ProxySpec { Url = proxy },
        };

        var fault = SpecRules.Refusal(spec.ToModel(), new ConnectionPolicy(AllowHttp: false) { Hosts = new HostRules(["*.example.com"]) });

        (fault?.Reason.Name).ShouldBe(field is null ? null : "HostNotAllowed");
        fault?.Message.ShouldStartWith($"{field}:");
    }

    [Fact]
    public void Visits_AreSpreadOverTheSecondHalfOfTheInterval()
    {
        var now = DateTimeOffset.UnixEpoch;
        var visits = Enumerable.Range(0, 1000).Select(i => VerificationSchedule.NextVerification($"{i}", now, TimeSpan.FromHours(1)) - now).ToList();
        visits.ShouldAllBe(v => v >= TimeSpan.FromMinutes(30) && v <= TimeSpan.FromHours(1));
        visits.Count(v => v < TimeSpan.FromMinutes(45)).ShouldBeInRange(400, 600);
    }
}
