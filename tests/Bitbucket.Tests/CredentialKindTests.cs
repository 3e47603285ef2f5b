using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests;

/// <summary>Each kind of credential has a header at its flavour, and is refused by the other.</summary>
public sealed class CredentialKindTests
{
    public static TheoryData<CredentialKind> Kinds => [.. Enum.GetValues<CredentialKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Kind_IsKnownToItsFlavourAlone(CredentialKind kind)
    {
        await using var dataCenter = await Given.ServerAsync();
        await using var cloud = await GivenCloud.ServerAsync(tls: true);
        var (own, other) = CredentialDescriptors.Of(kind).Flavour == Flavour.DataCenter
            ? ((Func<Credential, IBitbucket>)(c => dataCenter.Client(c)), (Func<Credential, IBitbucket>)(c => cloud.Client(c)))
            : (c => cloud.Client(c), c => dataCenter.Client(c));

        Should.NotThrow(() => own(Of(kind)).Dispose());
        Should.Throw<NotSupportedException>(() => other(Of(kind))).Message.ShouldEndWith($"knows no {kind}.");
    }

    private static Credential Of(CredentialKind kind)
    {
        var auth = new CredentialSource(kind, "s");
        var data = SecretReader.KeysOf(auth).ToDictionary(k => k, _ => "a@b"u8.ToArray(), StringComparer.Ordinal);
        return SecretReader.ReadCredential(auth, new ReferencedData("Secret", "ci", "s", data), "spec.auth", SecretRules.Default).Value!;
    }
}
