using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials.Kinds;

/// <summary>Cloud: an OAuth 2 consumer's client credentials.</summary>
internal sealed class OAuth2Kind : CloudDescriptor
{
    public static OAuth2Kind Instance { get; } = new();

    public override CredentialKind Kind => CredentialKind.OAuth2;

    public override string Noun => "OAuth consumer";

    public override PrincipalKind? Principal => PrincipalKind.OAuthConsumer;

    public override string Renewal => "make a new OAuth consumer, or a new secret for it, in the settings of the workspace";

    internal override IReadOnlyList<SecretKey> Keys { get; } =
        [SecretKey.OfName("clientId", SecretFlaws.OfUsername), SecretKey.OfSecret("clientSecret")];

    internal override Credential Make(IReadOnlyList<SecretText> values) => new Credential.OAuth2(values[0].Reveal(), values[1]);

    public override string? RequiredPermission(Capability capability) => OlderScopes.For(capability);

    public override string RefusalHint(Credential credential, string field) => "";

    public override Fault Refused(string field, string answered, string hint) => Rejected(
        "Bitbucket refuses tokens of the OAuth consumer, a fresh one too",
        answered,
        $"The consumer may have been removed or replaced: put its key and secret into {PlaceOf(field)}.{hint}");

    public override string ScopeCure(string field, string? owner, IReadOnlyList<string> scopes) =>
        $"Tick {string.Join(" and ", scopes.Select(Label))} on the OAuth consumer.";

    private protected override string AdministratorOfRepositories =>
        "let the OAuth consumer be one of the workspace that may administer them";

    private protected override string AdministratorOfWorkspace => "let the OAuth consumer be one of the workspace that may administer it";

    private protected override string Cure(CredentialSource auth, string field, Capability capability)
    {
        var scope = RequiredPermission(capability)!;
        return $"tick {BoxOf(scope) ?? scope} ({scope}) at the OAuth consumer in the settings of the workspace";
    }

    private static string Label(string scope) => BoxOf(scope) is { } box ? $"{box} (scope {scope})" : $"the permission of scope {scope}";

    // As the consumer's form has it.
    private static string? BoxOf(string scope) => scope switch
    {
        "account" => "Account: Read",
        "project" => "Projects: Read",
        "repository" => "Repositories: Read",
        "pullrequest" => "Pull requests: Read",
        "webhook" => "Webhooks: Read and write",
        _ => null,
    };
}
