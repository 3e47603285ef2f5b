using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials;

/// <summary>What the kinds of Bitbucket Cloud have in common: scopes, and besides them an administrator of the scope.</summary>
public abstract class CloudDescriptor : CredentialDescriptor
{
    /// <summary>What managing webhooks of a workspace takes, whatever the scopes.</summary>
    internal const string WorkspacePermission = "administrator of the workspace";

    /// <inheritdoc/>
    public sealed override Flavour Flavour => Flavour.Cloud;

    /// <summary>What people call one, such as <c>API token</c>.</summary>
    public abstract string Noun { get; }

    /// <summary>The article of <see cref="Noun"/>.</summary>
    public virtual string Article => "an";

    /// <summary>What the secret has been seen to begin with; null where nothing tells.</summary>
    public virtual string? TokenPrefix => null;

    /// <summary>What Bitbucket calls the kind in the header x-credential-type; empty where that is not known.</summary>
    public virtual IReadOnlyList<string> ReportedAs => [];

    /// <summary>True where one that belongs to a repository cannot list repositories, so that discovery has to name it.</summary>
    public virtual bool OfRepositoryListsNone => false;

    /// <summary>Where a credential is kept, to go into a sentence.</summary>
    public static string PlaceOf(string field) => $"the Secret that {field}.secretRef names";

    /// <summary>The fault of one that Bitbucket refuses with 401.</summary>
    /// <param name="field">The field that names it.</param>
    /// <param name="answered">What Bitbucket answered, in brackets.</param>
    /// <param name="hint">The <see cref="CredentialDescriptor.RefusalHint"/>.</param>
    public abstract Fault Refused(string field, string answered, string hint);

    /// <summary>How to give one scopes that it lacks: sentences.</summary>
    /// <param name="field">The field that names it.</param>
    /// <param name="owner">What it belongs to, such as <c>repository</c>; null when that is not known.</param>
    /// <param name="scopes">The scopes.</param>
    public abstract string ScopeCure(string field, string? owner, IReadOnlyList<string> scopes);

    internal sealed override string MissingOnRepositories(
        CredentialSource auth, string field, Capability capability, string where, Grant? scope)
    {
        if (scope == Grant.Missing)
        {
            return Missing(auth, field, capability);
        }

        var rest = scope == Grant.Granted ? "" : $"; if that is so already, {Cure(auth, field, capability)}";
        return $"webhooks are out of reach on {where}: {AdministratorOfRepositories}{rest}";
    }

    internal sealed override string MissingOnProjectLevel(CredentialSource auth, string field, string where)
    {
        var scope = RequiredPermission(Capability.ManageWebhooks);
        return $"{where}: {AdministratorOfWorkspace}, with the scope {scope}, or set spec.webhooks[].level to Auto or Repository";
    }

    // Bitbucket's own words tell the cure themselves.
    internal sealed override string AfterDenial(string field) => "";

    private protected sealed override string InSentence(string? permission) => $"the scope {permission}";

    /// <summary>How one comes to administer repositories, to go into a sentence.</summary>
    private protected virtual string AdministratorOfRepositories => "make the account an administrator of them";

    /// <summary>How one comes to administer the workspace, to go into a sentence.</summary>
    private protected virtual string AdministratorOfWorkspace => "make the account an administrator of the workspace";

    private protected static Fault Rejected(string why, string answered, string cure) =>
        Fault.Waiting(Reasons.CredentialRejected, $"{why} {answered}. {cure}");

    private protected string LooksLikeAnother(SecretText token, string field) =>
        CredentialDescriptors.LookingLike(token) is { } other && other.Kind != Kind
            ? $" It begins like {other.Article} {other.Noun}: if it is one, set {field}.type to {other.Kind}."
            : "";

    private protected string NewToken(CredentialSource auth, Capability capability) =>
        $"the scopes of {Article} {Noun} cannot be changed, so create a new one that has {RequiredPermission(capability)} "
        + $"besides its scopes, and put it into Secret {auth.SecretName}";

    private protected static string InSentence(IReadOnlyList<string> scopes) =>
        $"the scope{(scopes.Count > 1 ? "s" : "")} {string.Join(" and ", scopes)}";
}
