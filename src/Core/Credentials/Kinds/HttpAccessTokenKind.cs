using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials.Kinds;

/// <summary>Data Center: an HTTP access token of a user, a project or a repository.</summary>
internal sealed class HttpAccessTokenKind : DataCenterDescriptor
{
    public static HttpAccessTokenKind Instance { get; } = new();

    public override CredentialKind Kind => CredentialKind.HTTPAccessToken;

    public override PrincipalKind? Principal => null;

    public override string Renewal => "create a new HTTP access token with the same permissions";

    internal override IReadOnlyList<SecretKey> Keys { get; } = [SecretKey.OfSecret("token", SecretFlaws.OfToken)];

    internal override Credential Make(IReadOnlyList<SecretText> values) => new Credential.HttpAccessToken(values[0]);

    public override string RefusalHint(Credential credential, string field) =>
        CredentialDescriptors.LookingLike(((Credential.HttpAccessToken)credential).Token) is null
            ? ""
            : " It begins like a token of Bitbucket Cloud, which a Data Center does not know.";

    internal override string AfterDenial(string field) => $": give this right to the token of {field}, and to the user that it belongs to";

    private protected override string Cure(CredentialSource auth, string field, Capability capability) =>
        $"give the token of {field}, and the user that it belongs to, {RequiredPermission(capability)}";
}
