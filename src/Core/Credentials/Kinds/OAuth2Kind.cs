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

    public override string Renewal => "create an OAuth consumer in the settings of the workspace";

    internal override IReadOnlyList<SecretKey> Keys { get; } =
        [SecretKey.OfName("clientId", SecretFlaws.OfUsername), SecretKey.OfSecret("clientSecret")];

    internal override Credential Make(IReadOnlyList<SecretText> values) => new Credential.OAuth2(values[0].Reveal(), values[1]);

    public override string? RequiredPermission(Capability capability) => OlderScopes.For(capability);

    public override string RefusalHint(Credential credential, string field) => "";

    public override Fault Refused(string field, string place, string? said, string hint) => Rejected(
        $"401 Unauthorized: the OAuth consumer in {place} was removed or replaced", said, "Write its key and secret into it", hint);

    public override string ScopeCure(string field, string place, string? owner, IReadOnlyList<string> scopes) =>
        $"Tick {string.Join(" and ", scopes.Select(Label))} on the OAuth consumer";

    private protected override string AdministratorOfRepositories =>
        "Use an OAuth consumer of the workspace that administers them";

    private protected override string AdministratorOfWorkspace => "Use an OAuth consumer that administers the workspace";

    private protected override string Cure(CredentialSource auth, string field, Capability capability)
    {
        var scope = RequiredPermission(capability)!;
        return $"Tick {Label(scope)} on the OAuth consumer in the settings of the workspace";
    }

    private static string Label(string scope) => BoxOf(scope) is { } box ? $"{box} (scope {scope})" : $"scope {scope}";

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
