using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials.Kinds;

/// <summary>Cloud: an access token of a repository, a project or a workspace.</summary>
internal sealed class AccessTokenKind : CloudDescriptor
{
    public static AccessTokenKind Instance { get; } = new();

    public override CredentialKind Kind => CredentialKind.AccessToken;

    public override string Noun => "access token";

    public override PrincipalKind? Principal => null;

    public override bool HasAccount => false;

    public override string? TokenPrefix => "ATCTT3x";

    public override IReadOnlyList<string> ReportedAs { get; } = ["repo_access_token", "project_access_token", "workspace_access_token"];

    public override bool OfRepositoryListsNone => true;

    public override string Renewal =>
        "create an access token with the same scopes in the settings of its repository, project or workspace";

    internal override IReadOnlyList<SecretKey> Keys { get; } = [SecretKey.OfSecret("token", SecretFlaws.OfToken)];

    internal override Credential Make(IReadOnlyList<SecretText> values) => new Credential.AccessToken(values[0]);

    public override string? RequiredPermission(Capability capability) => OlderScopes.For(capability);

    public override string RefusalHint(Credential credential, string field) =>
        LooksLikeAnother(((Credential.AccessToken)credential).Token, field);

    public override Fault Refused(string field, string place, string? said, string hint) => Rejected(
        $"401 Unauthorized: the access token in {place} is invalid, expired or revoked", said, "Replace it", hint);

    public override string ScopeCure(string field, string place, string? owner, IReadOnlyList<string> scopes) =>
        NewToken(owner is null ? Article : "a", $"{owner} {Noun}".TrimStart(), InSentence(scopes), place);

    private protected override string AdministratorOfRepositories =>
        "Use an access token of their project or workspace";

    private protected override string AdministratorOfWorkspace => "Use an access token of the workspace";

    private protected override string Cure(CredentialSource auth, string field, Capability capability) => NewToken(auth, capability);
}
