using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>What a caller can ask about itself. Access tokens cannot.</summary>
internal static class UserEndpoints
{
    private static readonly Need User = Need.Of("account", "read:user:bitbucket");
    private static readonly Need Workspaces = Need.Of("account", "read:workspace:bitbucket");
    private static readonly Need Permissions = Need.Of("account repository", "read:repository:bitbucket");

    private static readonly FieldTable<(CloudWorkspace Workspace, WorkspaceRole Role)> WorkspaceFields = new()
    {
        ["slug"] = w => w.Workspace.Slug,
        ["workspace.slug"] = w => w.Workspace.Slug,
        ["workspace.uuid"] = w => w.Workspace.Id,
        ["administrator"] = w => w.Role == WorkspaceRole.Owner,
    };

    private static readonly FieldTable<(CloudRepository Repository, string Permission)> PermissionFields = new()
    {
        ["permission"] = p => p.Permission,
        ["repository.name"] = p => p.Repository.Name,
        ["repository.full_name"] = p => p.Repository.FullName,
        ["repository.uuid"] = p => p.Repository.Id,
    };

    public static void Map(CloudRouter router)
    {
        router.Add("GET", "user", Audience.NoAccessTokens, User, call => Answer.Ok(call.Shapes.Self()));
        router.Add("GET", "user/emails", Audience.NoAccessTokens, Need.Of("email", "read:user:bitbucket"), Emails);
        router.Add("GET", "user/workspaces", Audience.NoAccessTokens, Workspaces, ListWorkspaces);
        router.Add("GET", "user/workspaces/{workspace}/permission", Audience.NoAccessTokens, Workspaces, Permission);
        router.Add("GET", "user/workspaces/{workspace}/permissions/repositories", Audience.NoAccessTokens, Permissions, RepositoryPermissions);
    }

    private static Answer Emails(CloudCall call) =>
        CloudPaging.Page(call, call.Caller.User is { } user ? [user] : Array.Empty<CloudUser>(), _ => call.Shapes.Email());

    private static Answer ListWorkspaces(CloudCall call)
    {
        var rows = call.World.Workspaces.Select(w => (Workspace: w, Role: CloudAccess.RoleIn(call.Caller, w))).Where(w => w.Role > WorkspaceRole.None);
        if (call.Query("administrator") is { Length: > 0 } administrator)
            rows = rows.Where(w => (w.Role == WorkspaceRole.Owner) == (administrator == "true"));
        var found = Listing.Of(call, rows, WorkspaceFields);
        return CloudPaging.Page(call, found, w => call.Shapes.WorkspaceAccess(w.Workspace, w.Role));
    }

    private static Answer Permission(CloudCall call)
    {
        var workspace = call.VisibleWorkspace();
        var json = call.Shapes.WorkspacePermission(workspace, CloudAccess.RoleIn(call.Caller, workspace));
        json["user"] = call.Shapes.Self();
        return Answer.Ok(json);
    }

    private static Answer RepositoryPermissions(CloudCall call)
    {
        var workspace = call.VisibleWorkspace();
        var rows = workspace.Repositories
            .Select(r => (Repository: r, Level: CloudAccess.Granted(call.World, call.Caller, r)))
            .Where(r => r.Level > Level.None)
            .Select(r => (r.Repository, Permission: r.Level.ToString().ToLowerInvariant()));
        return CloudPaging.Page(call, Listing.Of(call, rows, PermissionFields), r => call.Shapes.RepositoryPermission(r.Repository, r.Permission));
    }
}
