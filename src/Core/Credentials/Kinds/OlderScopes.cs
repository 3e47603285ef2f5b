using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials.Kinds;

/// <summary>The scopes that access tokens, OAuth consumers and app passwords of Bitbucket Cloud share.</summary>
internal static class OlderScopes
{
    public static string? For(Capability capability) => capability switch
    {
        Capability.ReadAccount => "account",
        Capability.ReadProjects => "project",
        Capability.ReadRepositories => "repository",
        Capability.ReadPullRequests => "pullrequest",
        Capability.ReadWebhooks or Capability.ManageWebhooks => "webhook",
        Capability.ManageWorkspaceWebhooks => CloudDescriptor.WorkspacePermission,
        Capability.DeleteWebhooks or Capability.ManageProjectWebhooks => null,
    };
}
