using BitbucketOperator.BitbucketSimulator.Cloud.Api;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Control;

/// <summary>Adds, changes and removes workspaces, projects and repositories.</summary>
internal static class CloudControlOfRepositories
{
    public static void Map(WebApplication app, CloudBackend backend)
    {
        app.MapPost("/repositories/{workspace}/{project}", (string workspace, string project, SeedCloudRepository input) => backend.Locked(w =>
            Results.Json(CloudStateView.Repository(CloudSeedApplier.AddRepository(w, w.ProjectAt($"{workspace}/{project}"), input)), statusCode: 201)));
        app.MapMethods("/repositories/{workspace}/{slug}", ["PATCH"], (string workspace, string slug, RepositoryPatch patch) => backend.Locked(w =>
            CloudStateView.Repository(Change(w, w.RepositoryAt($"{workspace}/{slug}"), patch))));
        app.MapDelete("/repositories/{workspace}/{slug}", (string workspace, string slug) => backend.Locked(w =>
        {
            w.RemoveRepository(w.RepositoryAt($"{workspace}/{slug}"));
            return Results.NoContent();
        }));
        app.MapMethods("/workspaces/{slug}", ["PATCH"], (string slug, WorkspacePatch patch) => backend.Locked(w =>
            CloudStateView.Workspace(Change(w.WorkspaceAt(slug), patch))));
    }

    /// <summary>A project is a key within the workspace, or workspace/KEY for a transfer.</summary>
    private static CloudRepository Change(CloudWorld world, CloudRepository repository, RepositoryPatch patch)
    {
        if (patch.Name is not null || patch.Slug is not null || patch.Project is not null)
        {
            var within = patch.Project?.Contains('/', StringComparison.Ordinal) == false;
            world.MoveRepository(repository, patch.Name, within ? $"{repository.Workspace.Slug}/{patch.Project}" : patch.Project, patch.Slug);
        }

        repository.Private = patch.Private ?? repository.Private;
        if (patch.Empty is { } empty) repository.MainBranch = empty ? null : repository.MainBranch ?? "main";
        return repository;
    }

    private static CloudWorkspace Change(CloudWorkspace workspace, WorkspacePatch patch)
    {
        workspace.Private = patch.Private ?? workspace.Private;
        workspace.ReadOnly = patch.ReadOnly ?? workspace.ReadOnly;
        workspace.Spam = patch.Spam ?? workspace.Spam;
        workspace.Gate = patch.Gate ?? workspace.Gate;
        return workspace;
    }

    private sealed record RepositoryPatch(string? Name = null, string? Slug = null, string? Project = null, bool? Private = null, bool? Empty = null);

    private sealed record WorkspacePatch(bool? Private = null, bool? ReadOnly = null, bool? Spam = null, WorkspaceGate? Gate = null);
}
