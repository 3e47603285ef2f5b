using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;

namespace BitbucketOperator.Core.Tests;

public sealed class CredentialTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(AuthType.HTTPAccessToken, "token=t", "HttpAccessToken t")]
    [InlineData(AuthType.Basic, "username=u password=p", "Basic u p")]
    [InlineData(AuthType.OAuth2, "clientId=c clientSecret=s", "OAuth2 c s")]
    [InlineData(AuthType.APIToken, "email=a@b token=t", "ApiToken a@b t")]
    [InlineData(AuthType.AccessToken, "token=t", "AccessToken t")]
    [InlineData(AuthType.AppPassword, "username=u password=p", "AppPassword u p")]
    public void EveryKind_IsReadFromItsUsualKeys(AuthType type, string data, string expected) => Read(Auth(type), Secret(data)).ShouldBe(expected);

    [Theory]
    [InlineData(AuthType.HTTPAccessToken, "HttpAccessToken p")]
    [InlineData(AuthType.Basic, "Basic a@b p")]
    [InlineData(AuthType.OAuth2, "OAuth2 a@b p")]
    [InlineData(AuthType.APIToken, "ApiToken a@b p")]
    [InlineData(AuthType.AccessToken, "AccessToken p")]
    [InlineData(AuthType.AppPassword, "AppPassword a@b p")]
    public void EveryKind_IsReadFromASecretOfTypeBasicAuth(AuthType type, string expected) =>
        Read(Auth(type), Secret("username=a@b password=p", "kubernetes.io/basic-auth")).ShouldBe(expected);

    [Fact]
    public void BasicAuthSecret_TheUsualKeyWins() =>
        Read(Auth(AuthType.HTTPAccessToken), Secret("password=p token=t", "kubernetes.io/basic-auth")).ShouldBe("HttpAccessToken t");

    [Fact]
    public void BasicAuthSecret_ANamedKeyIsNotReplaced() => Read(
        Auth(AuthType.HTTPAccessToken, new CredentialKeys { Token = "mine" }), Secret("username=u password=p", "kubernetes.io/basic-auth"))
        .ShouldBe(
            "SecretKeyMissing: spec.webhookAuth.secretRef: Secret \"s\" has no key mine. "
            + "Add it, or set spec.webhookAuth.secretRef.keys.token");

    [Fact]
    public void OpaqueSecret_ItsUsernameAndPasswordStandForNothingElse() =>
        Read(Auth(AuthType.APIToken), Secret("username=a@b password=p")).ShouldStartWith("SecretKeyMissing");

    [Theory]
    [InlineData(AuthType.APIToken, "email=bot token=t", "SecretValueMalformed")]
    [InlineData(AuthType.APIToken, "email=@b token=t", "SecretValueMalformed")]
    [InlineData(AuthType.Basic, "username=u:x password=p", "SecretValueMalformed")]
    [InlineData(AuthType.Basic, "username=u password=", "SecretValueEmpty")]
    [InlineData(AuthType.AccessToken, "token=tökén", "SecretValueMalformed")]
    [InlineData(AuthType.OAuth2, "clientId=c", "SecretKeyMissing")]
    public void UnusableValues_AreNamedWithTheirField(AuthType type, string data, string reason)
    {
        var told = Read(Auth(type), Secret(data));
        told.ShouldStartWith($"{reason}: spec.webhookAuth.secretRef: ");
        told.ShouldNotContain("tökén");
        told.ShouldNotContain("u:x");
    }

    [Theory]
    [InlineData("2027-01-31", "2027-01-31T00:00:00Z")]
    [InlineData("2027-01-31T12:30:00Z", "2027-01-31T12:30:00Z")]
    [InlineData("2027-01-31t12:30:00z\n", "2027-01-31T12:30:00Z")]
    [InlineData("2027-01-31T12:30:00.25+02:00", "2027-01-31T10:30:00Z")]
    [InlineData("31.01.2027", null)]
    [InlineData("", null)]
    public void ExpiresAt_IsReadFromTheSecret(string text, string? expected)
    {
        var end = CredentialEnd.Read(Auth(AuthType.HTTPAccessToken).ToModel(), Secret($"token=t expiresAt={text}"), "spec.auth").ShouldNotBeNull();
        end.At?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'").ShouldBe(expected);
        end.At.HasValue.ShouldBe(expected is not null);
    }

    [Fact]
    public void ExpiresAt_TheSecretWinsOverTheSpec()
    {
        var auth = Auth(AuthType.HTTPAccessToken);
        auth.ExpiresAt = Now.AddDays(1);
        CredentialEnd.Read(auth.ToModel(), Secret("token=t"), "spec.auth")!.At.ShouldBe(Now.AddDays(1));
        CredentialEnd.Read(auth.ToModel(), Secret("token=t expiresAt=2027-01-31"), "spec.auth")!.At.ShouldBe(
            new DateTimeOffset(2027, 1, 31, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void ExpiresAt_NowhereWritten_IsNotKnown() =>
        CredentialEnd.Read(Auth(AuthType.HTTPAccessToken).ToModel(), Secret("token=t"), "spec.auth").ShouldBeNull();

    [Theory]
    [InlineData(30 * 24 * 60, null, 16 * 24 * 60)]
    [InlineData((14 * 24 * 60) + 1, null, 1)]
    [InlineData(14 * 24 * 60, "ExpiresSoon", 14 * 24 * 60)]
    [InlineData(5, "ExpiresSoon", 5)]
    [InlineData(0, "ExpiryPassed", null)]
    [InlineData(-60, "ExpiryPassed", null)]
    public void Warning_ComesFourteenDaysBeforeAndAgainAtTheEnd(int minutesLeft, string? reason, int? nextChange)
    {
        var observed = Observed(Now.AddMinutes(minutesLeft));
        ExpiryStage.Of(observed)?.Reason.Name.ShouldBe(reason);
        (ExpiryStage.Of(observed) is null).ShouldBe(reason is null);
        CredentialEnd.NextChange(observed.CredentialEnds, Now)?.TotalMinutes.ShouldBe(nextChange!.Value);
        CredentialEnd.NextChange(observed.CredentialEnds, Now).HasValue.ShouldBe(nextChange is not null);
    }

    [Fact]
    public void EndsBeyondAllTime_AreNoTrouble()
    {
        ExpiryStage.Of(Observed(DateTimeOffset.MinValue))!.Reason.ShouldBe(Reasons.ExpiryPassed);
        ExpiryStage.Of(Observed(DateTimeOffset.MaxValue)).ShouldBeNull();
    }

    private static ConnectionObserved Observed(DateTimeOffset end) =>
        new() { Now = Now, CredentialEnds = [new CredentialEnd("spec.auth", Auth(AuthType.Basic).ToModel(), Key: null, end)] };

    private static string Read(AuthSpec auth, ReferencedData secret)
    {
        var read = SecretReader.ReadCredential(auth.ToModel(), secret, "spec.webhookAuth", SecretRules.Default);
        return read.Fault is { } fault ? $"{fault.Reason}: {fault.Message}" : read.Value switch
        {
            Credential.HttpAccessToken c => $"HttpAccessToken {c.Token.Reveal()}",
            Credential.Basic c => $"Basic {c.Username} {c.Password.Reveal()}",
            Credential.OAuth2 c => $"OAuth2 {c.ClientId} {c.ClientSecret.Reveal()}",
            Credential.ApiToken c => $"ApiToken {c.Email} {c.Token.Reveal()}",
            Credential.AccessToken c => $"AccessToken {c.Token.Reveal()}",
            Credential.AppPassword c => $"AppPassword {c.Username} {c.Password.Reveal()}",
            _ => "another kind",
        };
    }

    private static AuthSpec Auth(AuthType type, CredentialKeys? keys = null) =>
        new() { Type = type, SecretRef = new CredentialSecretReference { Name = "s", Keys = keys } };

    private static ReferencedData Secret(string data, string type = "Opaque") => new(
        "Secret", "ci", "s",
        data.Split(' ').Select(d => d.Split('=', 2)).ToDictionary(d => d[0], d => Encoding.UTF8.GetBytes(d[1]), StringComparer.Ordinal)) { Type = type };
}
