using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>Listing and reading of projects and repositories. A parameter the version does not know is ignored.</summary>
internal static class RepositoryEndpoints
{
    public static void Map(Router router)
    {
        router.AddApi("GET", "repos", Repositories);
        router.AddApi("GET", "projects", Projects);
        router.AddApi("GET", "projects/{key}", call => Answer.Ok(call.Shapes.Project(call.VisibleProject())));
        router.AddApi("GET", "projects/{key}/repos", RepositoriesOfProject);
        router.AddApi("GET", "projects/{key}/repos/{slug}", call => Answer.Ok(call.Shapes.Repository(call.VisibleRepository())));
        router.AddApi("GET", "projects/{key}/repos/{slug}/pull-requests", PullRequests);
    }

    private static Answer Repositories(Call call)
    {
        call.RequireLoginToList();
        var permission = PermissionFilter(call, onProject: false);
        var rows = Rows(call).Where(RowFilter(call)).ToArray();
        return Paging.Page(call, rows, Visible, call.Shapes.Repository);

        bool Visible(Repository r) => permission is { } level
            ? Access.Granted(call.Caller, r, call.World.Quirks.PermissionFilterUsesToken) >= level && Access.CanRead(call.World, call.Caller, r)
            : Access.CanRead(call.World, call.Caller, r);
    }

    /// <summary>The project filter is answered from the index, everything else by looking at each row.</summary>
    private static IEnumerable<Repository> Rows(Call call)
    {
        var key = call.World.Version.KnowsArchived() ? call.Query("projectkey")?.Trim() : null;
        if (string.IsNullOrEmpty(key)) return call.World.Repositories;
        return call.World.FindProject(key)?.Repositories ?? [];
    }

    private static Func<Repository, bool> RowFilter(Call call)
    {
        var name = call.Query("name")?.Trim();
        var project = call.Query("projectname")?.Trim();
        var state = OneOf(call, "state", "AVAILABLE", "INITIALISING", "INITIALISATION_FAILED");
        var visibility = OneOf(call, "visibility", "PUBLIC", "PRIVATE");
        var archived = !call.World.Version.KnowsArchived() ? "ALL" : OneOf(call, "archived", "ACTIVE", "ARCHIVED", "ALL") ?? "ACTIVE";
        return r => Has(r.Name, name) && Has(r.Project.Name, project)
            && (state is null || r.State == state)
            && (visibility is null || (r.Public || r.Project.Public) == (visibility == "PUBLIC"))
            && (archived == "ALL" || r.Archived == (archived == "ARCHIVED"));
    }

    private static Answer Projects(Call call)
    {
        call.RequireLoginToList();
        var permission = PermissionFilter(call, onProject: true);
        var name = call.Query("name")?.Trim();
        var rows = call.World.Projects.Where(p => Has(p.Name, name)).OrderBy(p => p.Id).ToArray();
        return Paging.Page(call, rows, Visible, call.Shapes.Project);

        bool Visible(Project p) => permission is { } level
            ? Access.Granted(call.Caller, p, call.World.Quirks.PermissionFilterUsesToken) >= level
            : Access.CanView(call.World, call.Caller, p);
    }

    private static Answer RepositoriesOfProject(Call call)
    {
        var project = call.VisibleProject();
        return Paging.Page(call, project.Repositories, r => Access.CanRead(call.World, call.Caller, r), call.Shapes.Repository);
    }

    /// <summary>Nobody opens any here; it tells who may read them.</summary>
    private static Answer PullRequests(Call call)
    {
        call.VisibleRepository();
        return Paging.Page(call, Array.Empty<Repository>(), _ => true, call.Shapes.Repository);
    }

    private static Level? PermissionFilter(Call call, bool onProject)
    {
        if (call.Query("permission") is not { Length: > 0 } text) return null;
        var parsed = Right.TryParse(text.ToUpperInvariant());
        if (onProject && string.Equals(text, "PROJECT_VIEW", StringComparison.OrdinalIgnoreCase)) return null;
        return parsed is { } permission && permission.OnProject == onProject
            ? permission.Level
            : throw Errors.BadRequest($"{text} is not a valid permission", "permission");
    }

    private static string? OneOf(Call call, string parameter, params string[] values)
    {
        if (call.Query(parameter) is not { Length: > 0 } text) return null;
        return values.FirstOrDefault(v => string.Equals(v, text, StringComparison.OrdinalIgnoreCase))
            ?? throw Errors.BadRequest($"{text} is not a valid value for {parameter}", parameter);
    }

    private static bool Has(string text, string? part) => string.IsNullOrEmpty(part) || text.Contains(part, StringComparison.OrdinalIgnoreCase);
}
