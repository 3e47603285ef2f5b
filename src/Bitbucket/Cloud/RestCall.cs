using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>What a request is for; decides what its failure means.</summary>
internal enum Operation
{
    /// <summary>Client credentials exchanged for a token.</summary>
    FetchToken,

    /// <summary>First contact: whom the credential belongs to.</summary>
    ReadUser,

    /// <summary>The workspace.</summary>
    ReadWorkspace,

    /// <summary>A page of projects.</summary>
    ListProjects,

    /// <summary>One project.</summary>
    ReadProject,

    /// <summary>A page of repositories.</summary>
    ListRepositories,

    /// <summary>One repository.</summary>
    ReadRepository,

    /// <summary>A page of pull requests.</summary>
    ListPullRequests,

    /// <summary>A page of webhooks.</summary>
    ListWebhooks,

    /// <summary>A new webhook.</summary>
    CreateWebhook,

    /// <summary>A webhook read or replaced, to change it.</summary>
    UpdateWebhook,

    /// <summary>A webhook removed.</summary>
    DeleteWebhook,
}

/// <summary>A request in our own words.</summary>
/// <param name="Operation">What it is for.</param>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="Project">The project that it is about.</param>
/// <param name="Repository">The repository that it is about.</param>
internal sealed record RestCall(Operation Operation, string Workspace, string? Project = null, RepositoryName? Repository = null)
{
    /// <summary>What it is for, as metrics and traces name it.</summary>
    public string Name => Operation.ToString();

    /// <summary>Where the webhooks are that it is about, to go into a sentence.</summary>
    public string Scope => Repository?.ToString() ?? $"workspace {Workspace}";

    /// <summary>True for calls that need the rights on webhooks, and are counted as such.</summary>
    public bool ConcernsWebhooks => Operation is Operation.ListWebhooks || Writes;

    /// <summary>True for calls that change something.</summary>
    public bool Writes => Operation is Operation.CreateWebhook or Operation.UpdateWebhook or Operation.DeleteWebhook;

    /// <summary>What was being done, to go after "while"; without the scope of webhooks, which is named beside it.</summary>
    public override string ToString() => Operation switch
    {
        Operation.FetchToken => "fetching an access token",
        Operation.ReadUser => "logging in",
        Operation.ReadWorkspace => $"reading workspace {Workspace}",
        Operation.ListProjects => $"listing projects of workspace {Workspace}",
        Operation.ReadProject => $"reading project {Project}",
        Operation.ListRepositories when Project is null => $"listing repositories of workspace {Workspace}",
        Operation.ListRepositories => $"listing repositories of {Project}",
        Operation.ReadRepository => $"reading {Repository}",
        Operation.ListPullRequests => $"listing pull requests of {Repository}",
        Operation.ListWebhooks => "listing webhooks",
        Operation.CreateWebhook => "creating a webhook",
        Operation.UpdateWebhook => "updating a webhook",
        _ => "deleting a webhook",
    };
}
