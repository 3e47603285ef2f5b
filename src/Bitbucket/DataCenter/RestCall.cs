using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>What a request is for; decides what its failure means.</summary>
internal enum Operation
{
    /// <summary>First contact.</summary>
    ReadServer,

    /// <summary>A request that anonymous users cannot make.</summary>
    ProveLogin,

    /// <summary>One page of users.</summary>
    FindUser,

    /// <summary>One page of projects.</summary>
    ListProjects,

    /// <summary>One page of repositories.</summary>
    ListRepositories,

    /// <summary>One project.</summary>
    ReadProject,

    /// <summary>One repository.</summary>
    ReadRepository,

    /// <summary>One page of pull requests.</summary>
    ListPullRequests,

    /// <summary>One page of webhooks.</summary>
    ListWebhooks,

    /// <summary>One page of what a repository inherits.</summary>
    ListInheritedWebhooks,

    /// <summary>A new webhook.</summary>
    CreateWebhook,

    /// <summary>A webhook read or replaced, to change it.</summary>
    UpdateWebhook,

    /// <summary>A webhook removed.</summary>
    DeleteWebhook,

    /// <summary>How the deliveries of a webhook went.</summary>
    ReadDeliveries,

    /// <summary>A webhook tested.</summary>
    TestWebhook,
}

/// <summary>A request in our own words.</summary>
/// <param name="Operation">What it is for.</param>
/// <param name="Project">The project that it is about; null for the whole server.</param>
/// <param name="Repository">The repository that it is about.</param>
internal sealed record RestCall(Operation Operation, string? Project = null, RepositoryName? Repository = null)
{
    /// <summary>What it is for, as metrics and traces name it.</summary>
    public string Name => Operation.ToString();

    /// <summary>Where the webhooks are that it is about, to go into a sentence.</summary>
    public string Scope => Repository?.ToString() ?? $"project {Project}";

    /// <summary>Event keys that are sent along.</summary>
    public IReadOnlySet<string>? Events { get; init; }

    /// <summary>True for calls that need REPO_ADMIN, or PROJECT_ADMIN on the webhooks of a project.</summary>
    public bool ConcernsWebhooks => Operation is Operation.ListWebhooks or Operation.ListInheritedWebhooks || ConcernsDeliveries || Writes;

    /// <summary>True for calls that not every version knows.</summary>
    public bool ConcernsDeliveries => Operation is Operation.ReadDeliveries or Operation.TestWebhook;

    /// <summary>True for calls that change something.</summary>
    public bool Writes => Operation is Operation.CreateWebhook or Operation.UpdateWebhook or Operation.DeleteWebhook;

    /// <summary>True for calls that Bitbucket answers to anonymous users too, with what is public.</summary>
    public bool IsOpenToAnonymous => !ConcernsWebhooks && Operation is not (Operation.ReadServer or Operation.ProveLogin);

    /// <summary>True for calls whose object may have another name by now and is then found below it.</summary>
    public bool FollowsMoves => Operation is Operation.ReadRepository or Operation.ReadProject or Operation.ListRepositories;

    /// <summary>What was being done, to go after "while"; without the scope of webhooks, which is named beside it.</summary>
    public override string ToString() => Operation switch
    {
        Operation.ReadServer => "reading the version",
        Operation.ProveLogin => "logging in",
        Operation.FindUser => "reading users",
        Operation.ListProjects => "listing projects",
        Operation.ListRepositories when Project is null => "listing repositories",
        Operation.ListRepositories => $"listing repositories of {Project}",
        Operation.ReadProject => $"reading project {Project}",
        Operation.ReadRepository => $"reading {Repository}",
        Operation.ListPullRequests => $"listing pull requests of {Repository}",
        Operation.ListWebhooks => "listing webhooks",
        Operation.ListInheritedWebhooks => "listing inherited webhooks",
        Operation.CreateWebhook => "creating a webhook",
        Operation.UpdateWebhook => "updating a webhook",
        Operation.ReadDeliveries => "reading deliveries",
        Operation.TestWebhook => "testing a webhook",
        _ => "deleting a webhook",
    };
}
