using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core;

/// <summary>What a connection may need to be allowed to do. In the order of status.permissions.</summary>
public enum Capability
{
    /// <summary>Know whom the credential belongs to.</summary>
    ReadAccount,

    /// <summary>See projects.</summary>
    ReadProjects,

    /// <summary>See repositories.</summary>
    ReadRepositories,

    /// <summary>See pull requests.</summary>
    ReadPullRequests,

    /// <summary>See webhooks.</summary>
    ReadWebhooks,

    /// <summary>Create and change webhooks.</summary>
    ManageWebhooks,

    /// <summary>Remove webhooks, where that is a right of its own.</summary>
    DeleteWebhooks,

    /// <summary>Data Center: manage the webhooks of projects, where an entry of spec.webhooks asks for that level.</summary>
    ManageProjectWebhooks,

    /// <summary>Cloud: manage the webhooks of the workspace, where an entry of spec.webhooks asks for that level.</summary>
    ManageWorkspaceWebhooks,
}

/// <summary>What the right behind a capability is called. Every message, the report and the docs take the names from here.</summary>
public static class RequiredRight
{
    /// <summary>
    /// The name in the words of the flavour and of the kind of credential: a Data Center permission, a scope of API tokens,
    /// or one of the older scopes that access tokens, OAuth consumers and app passwords have. Null where the kind has no
    /// right of its own for it, so that another row says it.
    /// </summary>
    public static string? Of(AuthType type, Capability capability) => type switch
    {
        AuthType.HTTPAccessToken or AuthType.Basic => OnDataCenter(capability),
        AuthType.APIToken => OfApiToken(capability),
        _ => OfOlderScopes(capability),
    };

    private static string? OnDataCenter(Capability capability) => capability switch
    {
        Capability.ReadAccount => "a login",
        Capability.ReadProjects => "PROJECT_READ",
        Capability.ReadRepositories or Capability.ReadPullRequests => "REPO_READ",
        Capability.ReadWebhooks or Capability.ManageWebhooks => "REPO_ADMIN",
        Capability.ManageProjectWebhooks => "PROJECT_ADMIN",
        _ => null,
    };

    private const string WorkspaceRight = "administrator of the workspace";

    private static string? OfApiToken(Capability capability) => capability switch
    {
        Capability.ReadAccount => "read:user:bitbucket",
        Capability.ReadProjects => "read:project:bitbucket",
        Capability.ReadRepositories => "read:repository:bitbucket",
        Capability.ReadPullRequests => "read:pullrequest:bitbucket",
        Capability.ReadWebhooks => "read:webhook:bitbucket",
        Capability.ManageWebhooks => "write:webhook:bitbucket",
        Capability.DeleteWebhooks => "delete:webhook:bitbucket",
        Capability.ManageWorkspaceWebhooks => WorkspaceRight,
        _ => null,
    };

    private static string? OfOlderScopes(Capability capability) => capability switch
    {
        Capability.ReadAccount => "account",
        Capability.ReadProjects => "project",
        Capability.ReadRepositories => "repository",
        Capability.ReadPullRequests => "pullrequest",
        Capability.ReadWebhooks or Capability.ManageWebhooks => "webhook",
        Capability.ManageWorkspaceWebhooks => WorkspaceRight,
        _ => null,
    };
}

/// <summary>What a credential is and may do, as far as it could be found out.</summary>
/// <param name="Kind">What it belongs to; null where nothing tells.</param>
/// <param name="Findings">By capability; one that is absent was not looked into.</param>
public sealed record CredentialReport(AccountKind? Kind, IReadOnlyDictionary<Capability, Finding> Findings);

/// <summary>What was found out about one capability.</summary>
/// <param name="State">Whether it is there.</param>
/// <param name="FoundBy">How that was found out.</param>
/// <param name="Message">What is missing and what to add; null where nothing is.</param>
public sealed record Finding(PermissionState State, FoundBy FoundBy, string? Message = null);
