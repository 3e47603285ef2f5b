using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials.Kinds;

/// <summary>Cloud: a user's API token.</summary>
internal sealed class ApiTokenKind : CloudDescriptor
{
    public static ApiTokenKind Instance { get; } = new();

    public override CredentialKind Kind => CredentialKind.APIToken;

    public override string Noun => "API token";

    public override PrincipalKind? Principal => PrincipalKind.User;

    public override string? TokenPrefix => "ATATT3x";

    public override IReadOnlyList<string> ReportedAs { get; } = ["api_token"];

    public override string Renewal => "create a new API token with the same scopes";

    internal override IReadOnlyList<SecretKey> Keys { get; } =
        [SecretKey.OfName("email", SecretFlaws.OfEmail), SecretKey.OfSecret("token", SecretFlaws.OfToken)];

    internal override Credential Make(IReadOnlyList<SecretText> values) => new Credential.ApiToken(values[0].Reveal(), values[1]);

    public override string? RequiredPermission(Capability capability) => capability switch
    {
        Capability.ReadAccount => "read:user:bitbucket",
        Capability.ReadProjects => "read:project:bitbucket",
        Capability.ReadRepositories => "read:repository:bitbucket",
        Capability.ReadPullRequests => "read:pullrequest:bitbucket",
        Capability.ReadWebhooks => "read:webhook:bitbucket",
        Capability.ManageWebhooks => "write:webhook:bitbucket",
        Capability.DeleteWebhooks => "delete:webhook:bitbucket",
        Capability.ManageWorkspaceWebhooks => WorkspacePermission,
        Capability.ManageProjectWebhooks => null,
    };

    public override string RefusalHint(Credential credential, string field)
    {
        var apiToken = (Credential.ApiToken)credential;
        var email = apiToken.Email.Contains('@', StringComparison.Ordinal) ? "" : " What is there as e-mail address has no @.";
        return LooksLikeAnother(apiToken.Token, field) is { Length: > 0 } other ? other : email;
    }

    public override Fault Refused(string field, string answered, string hint) => Rejected(
        "Bitbucket refuses the API token: it is wrong, expired, revoked or made without scopes, or the e-mail address is not that "
        + "of its Atlassian account (API tokens need the address, not the user name)",
        answered,
        $"Correct {PlaceOf(field)}, with an API token with scopes.{hint}");

    public override string ScopeCure(string field, string? owner, IReadOnlyList<string> scopes) =>
        $"Create a new API token with {InSentence(scopes)} besides those it has (the scopes of a token cannot be changed), "
        + $"and put it into {PlaceOf(field)}.";

    private protected override string Cure(CredentialSource auth, string field, Capability capability) => NewToken(auth, capability);
}
