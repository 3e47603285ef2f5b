using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Control;

/// <summary>Adds, changes and removes projects and repositories.</summary>
internal static class ControlOfRepositories
{
    public static void Map(WebApplication app, Backend backend)
    {
        app.MapPost("/repositories/{key}", (string key, SeedRepository input) => ControlApplication.Locked(backend, w =>
            Results.Json(StateView.Repository(SeedApplier.AddRepository(w, w.ProjectAt(key), input)), statusCode: 201)));
        app.MapMethods("/repositories/{key}/{slug}", ["PATCH"], (string key, string slug, RepositoryPatch patch) => ControlApplication.Locked(backend, w =>
            StateView.Repository(Change(w, w.RepositoryAt($"{key}/{slug}"), patch))));
        app.MapDelete("/repositories/{key}/{slug}", (string key, string slug) => ControlApplication.Locked(backend, w =>
        {
            w.RemoveRepository(w.RepositoryAt($"{key}/{slug}"));
            return Results.NoContent();
        }));
        app.MapMethods("/projects/{key}", ["PATCH"], (string key, ProjectPatch patch) => ControlApplication.Locked(backend, w =>
            StateView.Project(Change(w, w.ProjectAt(key), patch))));
    }

    private static Repository Change(World world, Repository repository, RepositoryPatch patch)
    {
        if (patch.Name is not null || patch.Project is not null || patch.Slug is not null)
            world.MoveRepository(repository, patch.Name, patch.Project, patch.Slug);
        repository.Archived = patch.Archived ?? repository.Archived;
        repository.Public = patch.Public ?? repository.Public;
        repository.State = patch.State ?? repository.State;
        return repository;
    }

    private static Project Change(World world, Project project, ProjectPatch patch)
    {
        if (patch.Key is not null) world.RenameProject(project, patch.Key);
        project.Name = patch.Name ?? project.Name;
        project.Public = patch.Public ?? project.Public;
        project.RestrictsRepositoryAdmins = patch.RestrictsRepositoryAdmins ?? project.RestrictsRepositoryAdmins;
        return project;
    }

    private sealed record RepositoryPatch(
        string? Name = null, string? Slug = null, string? Project = null, bool? Archived = null, bool? Public = null, string? State = null);

    private sealed record ProjectPatch(string? Key = null, string? Name = null, bool? Public = null, bool? RestrictsRepositoryAdmins = null);
}
