using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Messages;
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

    /// <summary>The article of <see cref="CredentialDescriptor.Noun"/>.</summary>
    public virtual string Article => "an";

    /// <summary>What the secret has been seen to begin with; null where nothing tells.</summary>
    public virtual string? TokenPrefix => null;

    /// <summary>What Bitbucket calls the kind in the header x-credential-type; empty where that is not known.</summary>
    public virtual IReadOnlyList<string> ReportedAs => [];

    /// <summary>True where one that belongs to a repository cannot list repositories, so that discovery has to name it.</summary>
    public virtual bool OfRepositoryListsNone => false;

    /// <summary>The fault of one that Bitbucket refuses with 401.</summary>
    /// <param name="field">The field that names it.</param>
    /// <param name="place">What holds it, such as <c>Secret "bitbucket-token"</c>.</param>
    /// <param name="said">What Bitbucket said; null when it said nothing.</param>
    /// <param name="hint">The <see cref="CredentialDescriptor.RefusalHint"/>.</param>
    public abstract Fault Refused(string field, string place, string? said, string hint);

    /// <summary>How to give one scopes that it lacks: a sentence.</summary>
    /// <param name="field">The field that names it.</param>
    /// <param name="place">What holds it, such as <c>Secret "bitbucket-token"</c>.</param>
    /// <param name="owner">What it belongs to, such as <c>repository</c>; null when that is not known.</param>
    /// <param name="scopes">The scopes.</param>
    public abstract string ScopeCure(string field, string place, string? owner, IReadOnlyList<string> scopes);

    internal sealed override string MissingOnRepositories(
        CredentialSource auth, string field, Capability capability, string where, Grant? scope)
    {
        if (scope == Grant.Missing)
        {
            return Missing(auth, field, capability);
        }

        var rest = scope == Grant.Granted ? "" : $". {Cure(auth, field, capability)}, if that is missing";
        return $"{Noun} cannot manage webhooks on {where}. {AdministratorOfRepositories}{rest}";
    }

    internal sealed override string MissingOnProjectLevel(CredentialSource auth, string field, string missing)
    {
        var scope = RequiredPermission(Capability.ManageWebhooks);
        return $"{missing}. {AdministratorOfWorkspace} with scope {scope}, or set spec.webhooks[].level to Auto or Repository";
    }

    // What Bitbucket says names the cure.
    internal sealed override string? AfterDenial => null;

    private protected sealed override string InSentence(string? permission) => $"scope {permission}";

    /// <summary>How one comes to administer repositories: a sentence.</summary>
    private protected virtual string AdministratorOfRepositories => "Make its account an administrator of them";

    /// <summary>How one comes to administer the workspace, to begin a sentence.</summary>
    private protected virtual string AdministratorOfWorkspace => "Use an account that administers the workspace,";

    private protected static Fault Rejected(string why, string? said, string cure, string hint) =>
        Fault.Waiting(Reasons.CredentialRejected, new(why, hint.Length == 0 ? cure : $"{cure}. {hint}", said));

    private protected string LooksLikeAnother(SecretText token, string field) =>
        CredentialDescriptors.LookingLike(token) is { } other && other.Kind != Kind
            ? $"It looks like {other.Article} {other.Noun}: if so, set {field}.type to {other.Kind}"
            : "";

    private protected string NewToken(CredentialSource auth, Capability capability) => NewToken(
        Article, Noun, InSentence(RequiredPermission(capability)), Sentences.Quoted("Secret", auth.SecretName));

    // The scopes of one cannot be changed.
    private protected static string NewToken(string article, string noun, string scopes, string place) =>
        $"Put {article} {noun} that has {scopes} too into {place}";

    private protected static string InSentence(IReadOnlyList<string> scopes) =>
        $"scope{(scopes.Count > 1 ? "s" : "")} {string.Join(" and ", scopes)}";
}
