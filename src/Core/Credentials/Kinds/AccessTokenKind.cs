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
        "create a new access token with the same scopes in the settings of its repository, project or workspace";

    internal override IReadOnlyList<SecretKey> Keys { get; } = [SecretKey.OfSecret("token", SecretFlaws.OfToken)];

    internal override Credential Make(IReadOnlyList<SecretText> values) => new Credential.AccessToken(values[0]);

    public override string? RequiredPermission(Capability capability) => OlderScopes.For(capability);

    public override string RefusalHint(Credential credential, string field) =>
        LooksLikeAnother(((Credential.AccessToken)credential).Token, field);

    public override Fault Refused(string field, string answered, string hint) => Rejected(
        "Bitbucket refuses the access token: it is wrong, expired or revoked "
        + "(that of a repository ends when the repository is moved to another workspace)",
        answered,
        $"Put a new one into {PlaceOf(field)}.{hint}");

    public override string ScopeCure(string field, string? owner, IReadOnlyList<string> scopes) =>
        $"Create a new {(owner is null ? "" : $"{owner} ")}access token with {InSentence(scopes)} besides those it has, "
        + $"and put it into {PlaceOf(field)}.";

    private protected override string AdministratorOfRepositories =>
        "use an access token of the workspace, or of the project that they are in";

    private protected override string AdministratorOfWorkspace => "use an access token of the workspace";

    private protected override string Cure(CredentialSource auth, string field, Capability capability) => NewToken(auth, capability);
}
