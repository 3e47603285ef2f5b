using BitbucketOperator.BitbucketSimulator.Cloud.Api;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud;

/// <summary>How a request proves who it is.</summary>
public enum CredentialKind
{
    /// <summary>Of a user; Basic with the e-mail address.</summary>
    ApiToken,

    /// <summary>Bearer; reaches one repository.</summary>
    RepositoryAccessToken,

    /// <summary>Bearer; reaches the repositories of a project.</summary>
    ProjectAccessToken,

    /// <summary>Bearer; reaches a workspace.</summary>
    WorkspaceAccessToken,

    /// <summary>Bearer; minted by the token endpoint for a consumer.</summary>
    OAuth,

    /// <summary>Of a user; Basic with the user name. Removed.</summary>
    AppPassword,
}

/// <summary>Something that can be sent as a credential.</summary>
public sealed class CloudToken
{
    /// <summary>What the control side calls it.</summary>
    public required string Name { get; init; }

    /// <summary>What is sent.</summary>
    public required string Secret { get; init; }

    public required CredentialKind Kind { get; init; }

    /// <summary>Of API tokens and app passwords.</summary>
    public CloudUser? User { get; init; }

    /// <summary>Repository, project or workspace of an access token; what an API token is limited to, or null.</summary>
    public CloudEntity? Owner { get; set; }

    /// <summary>Of OAuth tokens.</summary>
    public CloudConsumer? Consumer { get; init; }

    /// <summary>As granted; what they imply is worked out at each request.</summary>
    public IReadOnlyList<string> Scopes { get; internal set; } = [];

    /// <summary>The moment from which it is refused; null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public bool Revoked { get; set; }

    internal bool IsAccessToken => Kind is CredentialKind.RepositoryAccessToken or CredentialKind.ProjectAccessToken or CredentialKind.WorkspaceAccessToken;
}

/// <summary>An OAuth consumer of a workspace, which logs in as an app user of its own.</summary>
public sealed class CloudConsumer
{
    public required Guid Uuid { get; init; }

    public required CloudWorkspace Workspace { get; init; }

    /// <summary>The key.</summary>
    public required string ClientId { get; init; }

    public required string Secret { get; set; }

    /// <summary>Ticked on the consumer; tokens get them as they are when minted.</summary>
    public IReadOnlyList<string> Scopes { get; internal set; } = [];

    /// <summary>Only private consumers may use client_credentials.</summary>
    public bool IsPrivate { get; set; } = true;

    /// <summary>Only consumers with a callback URL get tokens, though none is called.</summary>
    public bool HasCallback { get; set; } = true;

    /// <summary>The app user's role in the workspace. What real app users get is not known.</summary>
    public WorkspaceRole Role { get; set; } = WorkspaceRole.Owner;

    /// <summary>The app user's right on the workspace's repositories. What real app users get is not known.</summary>
    public Level Permission { get; set; } = Level.Admin;
}
