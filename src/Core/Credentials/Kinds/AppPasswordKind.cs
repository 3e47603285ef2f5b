using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials.Kinds;

/// <summary>Cloud: a user's app password. Atlassian has switched them off, so all that is said of one is to use an API token.</summary>
internal sealed class AppPasswordKind : CloudDescriptor
{
    public static AppPasswordKind Instance { get; } = new();

    public override CredentialKind Kind => CredentialKind.AppPassword;

    public override bool IsRemoved => true;

    public override string Noun => "app password";

    public override PrincipalKind? Principal => PrincipalKind.User;

    public override string Renewal => $"replace it by an API token, with type {CredentialKind.APIToken}";

    internal override IReadOnlyList<SecretKey> Keys { get; } =
        [SecretKey.OfName("username", SecretFlaws.OfUsername), SecretKey.OfSecret("password")];

    internal override Credential Make(IReadOnlyList<SecretText> values) => new Credential.AppPassword(values[0].Reveal(), values[1]);

    public override string? RequiredPermission(Capability capability) => OlderScopes.For(capability);

    public override string RefusalHint(Credential credential, string field) => "";

    public override Fault Refused(string field, string place, string? said, string hint) => Fault.Waiting(
        Reasons.AppPasswordRemoved, ("Bitbucket Cloud has removed app passwords", Replacement(field, place)));

    public override string ScopeCure(string field, string place, string? owner, IReadOnlyList<string> scopes) =>
        Replacement(field, place);

    private protected override string Cure(CredentialSource auth, string field, Capability capability) =>
        Replacement(field, Sentences.Quoted("Secret", auth.SecretName));

    private static string Replacement(string field, string place) =>
        $"Put an API token into {place}, set {field}.type to {CredentialKind.APIToken}";
}
