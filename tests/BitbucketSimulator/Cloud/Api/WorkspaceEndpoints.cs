using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>Workspaces, their projects and repositories.</summary>
internal static class WorkspaceEndpoints
{
    private static readonly Need Workspace = new([], ["read:workspace:bitbucket"]);
    private static readonly Need Project = Need.Of("project", "read:project:bitbucket");
    private static readonly Need Repository = Need.Of("repository", "read:repository:bitbucket");
    private static readonly Need PullRequest = Need.Of("pullrequest", "read:pullrequest:bitbucket");

    private static readonly FieldTable<CloudRepository> RepositoryFields = new()
    {
        ["uuid"] = r => r.Id,
        ["name"] = r => r.Name,
        ["slug"] = r => r.Slug,
        ["full_name"] = r => r.FullName,
        ["description"] = r => r.Description,
        ["language"] = r => r.Language,
        ["is_private"] = r => r.Private,
        ["scm"] = _ => "git",
        ["created_on"] = r => r.CreatedOn,
        ["updated_on"] = r => r.UpdatedOn,
        ["mainbranch.name"] = r => r.MainBranch,
        ["parent"] = r => r.Parent?.Id,
        ["project.key"] = r => r.Project.Key,
        ["project.name"] = r => r.Project.Name,
        ["project.uuid"] = r => r.Project.Id,
    };

    private static readonly FieldTable<CloudProject> ProjectFields = new()
    {
        ["key"] = p => p.Key,
        ["name"] = p => p.Name,
        ["uuid"] = p => p.Id,
        ["is_private"] = p => p.Private,
        ["created_on"] = p => p.CreatedOn,
    };

    private static readonly FieldTable<CloudPullRequest> PullRequestFields = new()
    {
        ["id"] = p => p.Id,
        ["title"] = p => p.Title,
        ["state"] = p => p.State,
    };

    public static void Map(CloudRouter router)
    {
        router.Add("GET", "workspaces/{workspace}", Audience.LoggedIn, Workspace, call => Answer.Ok(call.Shapes.Workspace(call.VisibleWorkspace())));
        router.Add("GET", "workspaces/{workspace}/projects", Audience.LoggedIn, Project, Projects);
        router.Add("GET", "workspaces/{workspace}/projects/{key}", Audience.LoggedIn, Project, OneProject);
        router.Add("GET", "repositories/{workspace}", Audience.Everyone, Repository, Repositories);
        router.Add(
            "GET", "repositories/{workspace}/{slug}", Audience.Everyone, Repository, call => Answer.Ok(call.Shapes.Repository(call.VisibleRepository())));
        router.Add("GET", "repositories/{workspace}/{slug}/pullrequests", Audience.Everyone, PullRequest, PullRequests);
    }

    private static Answer Projects(CloudCall call)
    {
        return CloudPaging.Page(call, Listing.Of(call, call.VisibleWorkspace().Projects, ProjectFields), call.Shapes.Project);
    }

    private static Answer OneProject(CloudCall call)
    {
        var key = call.Route("key");
        var found = call.VisibleWorkspace().Projects.Find(p => string.Equals(p.Key, key, StringComparison.OrdinalIgnoreCase) || p.Id == key);
        return Answer.Ok(call.Shapes.Project(found ?? throw CloudErrors.NoSuchProject(key)));
    }

    /// <summary>What the caller reaches; nothing at all is no error.</summary>
    private static Answer Repositories(CloudCall call)
    {
        var workspace = CloudCall.PassGate(call.AnyWorkspace());
        if (workspace.Spam) return CloudErrors.Spam();
        CheckRepositoryToken(call);
        var rows = workspace.Repositories.Where(RoleFilter(call));
        return CloudPaging.Page(call, Listing.Of(call, rows, RepositoryFields), call.Shapes.Repository);
    }

    private static void CheckRepositoryToken(CloudCall call)
    {
        if (call.Caller.Kind != CredentialKind.RepositoryAccessToken) return;
        var listing = call.World.Quirks.RepositoryTokenListing;
        var namesProject = call.Query("q")?.Contains("project.key", StringComparison.Ordinal) == true;
        if (listing == RepositoryTokenListing.Refused || (listing == RepositoryTokenListing.NeedsProjectFilter && !namesProject))
            throw CloudErrors.WrongMechanism();
    }

    /// <summary>Roles are those of users. Access tokens have none, and see only what they belong to, public or not.</summary>
    private static Func<CloudRepository, bool> RoleFilter(CloudCall call)
    {
        var role = call.Query("role");
        Level Granted(CloudRepository r) => CloudAccess.Granted(call.World, call.Caller, r);
        bool OfUser(CloudRepository r, Level least) => call.Caller.Token is { IsAccessToken: false } && Granted(r) >= least;
        return role switch
        {
            null or "" when call.Caller.Token is { IsAccessToken: true } => r => Granted(r) > Level.None,
            null or "" => r => CloudAccess.On(call.World, call.Caller, r) > Level.None,
            "member" => r => OfUser(r, Level.Read),
            "contributor" => r => OfUser(r, Level.Write),
            "admin" => r => OfUser(r, Level.Admin),
            "owner" => r => CloudAccess.RoleIn(call.Caller, r.Workspace) == WorkspaceRole.Owner && OfUser(r, Level.Admin),
            _ => throw CloudErrors.BadRequest($"\"{role}\" is not a valid role"),
        };
    }

    private static Answer PullRequests(CloudCall call)
    {
        var repository = call.VisibleRepository();
        var states = call.QueryAll("state");
        var rows = repository.PullRequests
            .Where(p => states.Count == 0 ? p.State == "OPEN" : states.Contains(p.State, StringComparer.OrdinalIgnoreCase));
        var cap = call.World.Quirks.PullRequestMaxPagelen;
        return CloudPaging.Page(call, Listing.Of(call, rows, PullRequestFields), p => call.Shapes.PullRequest(repository, p), cap);
    }
}
