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
        $"{RequiredPermission(capability)} is missing on {where}: {Cure(auth, field, capability)} on them or on their projects";

    internal sealed override string MissingOnProjectLevel(CredentialSource auth, string field, string where) =>
        $"{where}: {Cure(auth, field, Capability.ManageProjectWebhooks)} on them, or set spec.webhooks[].level to Auto or Repository";

    private protected sealed override string InSentence(string? permission) => permission ?? "";
}
