using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials;

/// <summary>What the kinds of Data Center have in common: permissions are those of the user or token, and are granted on scopes.</summary>
internal abstract class DataCenterDescriptor : CredentialDescriptor
{
    public sealed override Flavour Flavour => Flavour.DataCenter;

    public sealed override string? RequiredPermission(Capability capability) => capability switch
    {
        Capability.ReadAccount => "a login",
        Capability.ReadProjects => "PROJECT_READ",
        Capability.ReadRepositories or Capability.ReadPullRequests => "REPO_READ",
        Capability.ReadWebhooks or Capability.ManageWebhooks => "REPO_ADMIN",
        Capability.ManageProjectWebhooks => "PROJECT_ADMIN",
        Capability.DeleteWebhooks or Capability.ManageWorkspaceWebhooks => null,
    };

    internal sealed override string MissingOnRepositories(
        CredentialSource auth, string field, Capability capability, string where, Grant? scope) =>
        $"{Wording.Lacks(Noun, RequiredPermission(capability)!)} on {where}. {Grant} on them or their projects";

    internal sealed override string MissingOnProjectLevel(CredentialSource auth, string field, string missing) =>
        $"{missing}. {Grant}, or set spec.webhooks[].level to Auto or Repository";

    internal sealed override string AfterDenial => Grant;

    /// <summary>How to grant what is missing, to begin a sentence.</summary>
    private protected abstract string Grant { get; }

    private protected sealed override string Cure(CredentialSource auth, string field, Capability capability) => Grant;

    private protected sealed override string InSentence(string? permission) => permission ?? "";
}
