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

    public override string Renewal => "create an API token with the same scopes";

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
        var email = apiToken.Email.Contains('@', StringComparison.Ordinal) ? "" : "The e-mail address there has no @";
        return LooksLikeAnother(apiToken.Token, field) is { Length: > 0 } other ? other : email;
    }

    public override Fault Refused(string field, string place, string? said, string hint) => Rejected(
        $"401 Unauthorized: the API token in {place} is invalid or expired", said, "Use one with scopes, and the e-mail address of its account", hint);

    public override string ScopeCure(string field, string place, string? owner, IReadOnlyList<string> scopes) =>
        NewToken(Article, Noun, InSentence(scopes), place);

    private protected override string Cure(CredentialSource auth, string field, Capability capability) => NewToken(auth, capability);
}
