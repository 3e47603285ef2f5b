using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud;

/// <summary>A user's role in a workspace, in ascending order.</summary>
public enum WorkspaceRole
{
    None,
    Collaborator,
    Member,
    CreateProject,
    Owner,
}

/// <summary>What a workspace asks of those who come in, besides a credential.</summary>
public enum WorkspaceGate
{
    None,

    /// <summary>The caller's address is not on the workspace's list: 403.</summary>
    AllowList,

    /// <summary>The caller has no second factor: 403.</summary>
    TwoStep,
}

/// <summary>Anything with a uuid that a token can belong to.</summary>
public abstract class CloudEntity
{
    /// <summary>Never changes.</summary>
    public required Guid Uuid { get; init; }

    /// <summary><c>acme</c> for a workspace, <c>acme/PROJ</c> for a project, <c>acme/api</c> for a repository.</summary>
    public abstract string Path { get; }

    /// <summary>The uuid as the API writes it, with braces.</summary>
    public string Id => Uuid.ToString("B");
}

/// <summary>What can own webhooks: a workspace or a repository.</summary>
public abstract class CloudWebhookOwner : CloudEntity
{
    /// <summary>In the order of their creation.</summary>
    public List<CloudWebhook> Webhooks { get; } = [];
}

/// <summary>A workspace, which holds projects and repositories.</summary>
public sealed class CloudWorkspace : CloudWebhookOwner
{
    public required string Slug { get; set; }

    public required string Name { get; set; }

    /// <summary>Hidden from whoever is not in it.</summary>
    public bool Private { get; set; } = true;

    /// <summary>Over its plan's limit: nothing in it can be written.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>Taken for spam: its repository list answers 410.</summary>
    public bool Spam { get; set; }

    public WorkspaceGate Gate { get; set; }

    public List<CloudProject> Projects { get; } = [];

    public List<CloudRepository> Repositories { get; } = [];

    public override string Path => Slug;
}

/// <summary>A project of a workspace. Every repository is in one.</summary>
public sealed class CloudProject : CloudEntity
{
    public required CloudWorkspace Workspace { get; init; }

    public required string Key { get; set; }

    public required string Name { get; set; }

    public bool Private { get; set; } = true;

    public DateTimeOffset CreatedOn { get; init; }

    public override string Path => $"{Workspace.Slug}/{Key}";
}

/// <summary>A repository. The uuid never changes; workspace, project, name and slug can.</summary>
public sealed class CloudRepository : CloudWebhookOwner
{
    public required CloudWorkspace Workspace { get; set; }

    public required CloudProject Project { get; set; }

    public required string Name { get; set; }

    public required string Slug { get; set; }

    public string Description { get; set; } = "";

    public string Language { get; set; } = "";

    public bool Private { get; set; } = true;

    /// <summary>Null for a repository without commits.</summary>
    public string? MainBranch { get; set; } = "main";

    /// <summary>What it was forked from.</summary>
    public CloudRepository? Parent { get; set; }

    public DateTimeOffset CreatedOn { get; init; }

    public DateTimeOffset UpdatedOn { get; set; }

    public List<CloudPullRequest> PullRequests { get; } = [];

    public string FullName => $"{Workspace.Slug}/{Slug}";

    public override string Path => FullName;
}

/// <summary>A pull request, as far as listings show it.</summary>
/// <param name="Id">Number within the repository.</param>
/// <param name="Title">What it is called.</param>
/// <param name="State">OPEN, MERGED, DECLINED or SUPERSEDED.</param>
public sealed record CloudPullRequest(int Id, string Title, string State = "OPEN");

/// <summary>A person or bot with an Atlassian account.</summary>
public sealed class CloudUser
{
    public required Guid Uuid { get; init; }

    /// <summary>The Bitbucket user name. API tokens do not log in with it, app passwords did.</summary>
    public required string Name { get; init; }

    /// <summary>The Atlassian account's address, which API tokens log in with.</summary>
    public required string Email { get; set; }

    public string DisplayName { get; set; } = "";

    public required string AccountId { get; init; }

    public bool Active { get; set; } = true;

    /// <summary>Workspace to role; who has none is not in it.</summary>
    public Dictionary<CloudWorkspace, WorkspaceRole> Roles { get; } = [];

    /// <summary>Workspace to the right on all its repositories.</summary>
    public Dictionary<CloudWorkspace, Level> WorkspaceGrants { get; } = [];

    /// <summary>Repository to the right on it.</summary>
    public Dictionary<CloudRepository, Level> RepositoryGrants { get; } = [];

    /// <summary>Puts the user into a workspace with a role and a right on all its repositories. Owners may do everything anyway.</summary>
    public CloudUser Join(CloudWorkspace workspace, WorkspaceRole role = WorkspaceRole.Member, Level permission = Level.None)
    {
        Roles[workspace] = role;
        WorkspaceGrants[workspace] = permission;
        return this;
    }

    /// <summary>Gives a right on one repository; <see cref="Level.None"/> takes it away.</summary>
    public CloudUser Grant(CloudRepository repository, Level permission)
    {
        RepositoryGrants[repository] = permission;
        return this;
    }

    public WorkspaceRole RoleIn(CloudWorkspace workspace) => Roles.GetValueOrDefault(workspace);
}
