using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials.Kinds;

/// <summary>Data Center: user name and password.</summary>
internal sealed class BasicKind : DataCenterDescriptor
{
    public static BasicKind Instance { get; } = new();

    public override CredentialKind Kind => CredentialKind.Basic;

    public override string Noun => "user";

    public override PrincipalKind? Principal => PrincipalKind.User;

    // A CAPTCHA is asked of an account after some wrong passwords, and then every request is refused.
    public override bool LocksAccount => true;

    public override string Renewal => "set a new password";

    internal override IReadOnlyList<SecretKey> Keys { get; } =
        [SecretKey.OfName("username", SecretFlaws.OfUsername), SecretKey.OfSecret("password")];

    internal override Credential Make(IReadOnlyList<SecretText> values) => new Credential.Basic(values[0].Reveal(), values[1]);

    public override string RefusalHint(Credential credential, string field) =>
        $"If the password is the token of a project or repository, set {field}.type to {CredentialKind.HTTPAccessToken}";

    private protected override string Grant => "Grant it to the user";
}
