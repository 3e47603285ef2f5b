namespace BitbucketOperator.Core.Port;

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

/// <summary>What a credential is and may do, as far as it could be found out.</summary>
/// <param name="Kind">What it belongs to; null where nothing tells.</param>
/// <param name="Findings">By capability; one that is absent was not looked into.</param>
public sealed record CredentialReport(PrincipalKind? Kind, IReadOnlyDictionary<Capability, Finding> Findings);

/// <summary>What was found out about one capability.</summary>
/// <param name="State">Whether it is there.</param>
/// <param name="FoundBy">How that was found out.</param>
/// <param name="Message">What is missing and what to add; null where nothing is.</param>
public sealed record Finding(Grant State, Evidence FoundBy, string? Message = null)
{
    /// <summary>It was tried, and the server gave no verdict: a limit, a fault, an answer that says nothing of permissions.</summary>
    public bool IsUnanswered { get; init; }

    /// <summary>One that was tried in vain.</summary>
    /// <param name="message">Why.</param>
    public static Finding Unanswered(string message) => new(Grant.Unknown, Evidence.Tried, message) { IsUnanswered = true };
}

/// <summary>Whether a capability is there.</summary>
public enum Grant
{
    /// <summary>It could not be found out.</summary>
    Unknown,

    /// <summary>It is there.</summary>
    Granted,

    /// <summary>It is missing, at least somewhere.</summary>
    Missing,
}

/// <summary>How a capability was found out.</summary>
public enum Evidence
{
    /// <summary>Not at all.</summary>
    NotTried,

    /// <summary>By trying it.</summary>
    Tried,

    /// <summary>By the scopes that Bitbucket says the credential has.</summary>
    Scopes,
}

/// <summary>What a credential belongs to.</summary>
public enum PrincipalKind
{
    /// <summary>A user, person or bot.</summary>
    User,

    /// <summary>A project or a repository; Data Center does not tell which.</summary>
    ProjectOrRepository,

    /// <summary>A repository.</summary>
    Repository,

    /// <summary>A project.</summary>
    Project,

    /// <summary>A workspace.</summary>
    Workspace,

    /// <summary>An OAuth 2 consumer.</summary>
    OAuthConsumer,
}
