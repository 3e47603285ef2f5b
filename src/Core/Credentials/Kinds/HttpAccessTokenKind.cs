using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials.Kinds;

/// <summary>Data Center: an HTTP access token of a user, a project or a repository.</summary>
internal sealed class HttpAccessTokenKind : DataCenterDescriptor
{
    public static HttpAccessTokenKind Instance { get; } = new();

    public override CredentialKind Kind => CredentialKind.HTTPAccessToken;

    public override string Noun => "token";

    public override PrincipalKind? Principal => null;

    public override string Renewal => "create an HTTP access token with the same permissions";

    internal override IReadOnlyList<SecretKey> Keys { get; } = [SecretKey.OfSecret("token", SecretFlaws.OfToken)];

    internal override Credential Make(IReadOnlyList<SecretText> values) => new Credential.HttpAccessToken(values[0]);

    public override string RefusalHint(Credential credential, string field) =>
        CredentialDescriptors.LookingLike(((Credential.HttpAccessToken)credential).Token) is null
            ? ""
            : "It looks like a token of Bitbucket Cloud";

    private protected override string Grant => "Grant it to the token and its user";
}
