using BitbucketOperator.Core.Api;
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

    public override string Renewal => $"create an API token and set the type to {CredentialKind.APIToken}, since app passwords are no more";

    internal override IReadOnlyList<SecretKey> Keys { get; } =
        [SecretKey.OfName("username", SecretFlaws.OfUsername), SecretKey.OfSecret("password")];

    internal override Credential Make(IReadOnlyList<SecretText> values) => new Credential.AppPassword(values[0].Reveal(), values[1]);

    public override string? RequiredPermission(Capability capability) => OlderScopes.For(capability);

    public override string RefusalHint(Credential credential, string field) => "";

    public override Fault Refused(string field, string answered, string hint) => Fault.Waiting(
        Reasons.AppPasswordRemoved,
        "Bitbucket refuses the app password: Atlassian removed app passwords on 2026-07-28. Create an API token with scopes, "
        + $"put it with the e-mail address of the Atlassian account into {PlaceOf(field)} (keys email and token), "
        + $"and set {field}.type to {CredentialKind.APIToken}.");

    public override string ScopeCure(string field, string? owner, IReadOnlyList<string> scopes) =>
        $"Create an API token in place of the app password, with all scopes that it needs, put it into {PlaceOf(field)} "
        + $"and set {field}.type to {CredentialKind.APIToken}.";

    private protected override string Cure(CredentialSource auth, string field, Capability capability) =>
        $"app passwords are no more: use an API token and set {field}.type to {CredentialKind.APIToken}";
}
