using System.Runtime.CompilerServices;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>Finds the repositories of a workspace. Cloud knows neither archived nor personal ones.</summary>
internal sealed class RepositoryReader(ApiSession session, Pages pages, string workspace)
{
    public async IAsyncEnumerable<Repository> ListAsync(string? project, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = new RestCall(Operation.ListRepositories, workspace, project);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in pages.ReadAsync(call, session.Urls.Repositories(project), CloudJson.Default.WirePageWireRepository, cancellationToken))
        {
            var repository = Map(row) ?? throw Pages.Incomplete(call, "a repository has no uuid or slug");
            var desired = project is null || repository.Name.Project.Equals(project, StringComparison.OrdinalIgnoreCase);
            if (desired && seen.Add(repository.Id)) yield return repository;
        }

        if (project is not null && seen.Count == 0) await RequireProjectAsync(project, cancellationToken);
    }

    public async Task<Repository> GetAsync(RepositoryName name, CancellationToken cancellationToken)
    {
        var call = new RestCall(Operation.ReadRepository, workspace, name.Project, name);
        var row = await session.GetAsync(call, session.Urls.Repository(name.Slug), CloudJson.Default.WireRepository, cancellationToken);
        var found = Map(row) ?? throw new FaultException(FaultTable.Unreadable(call));
        if (IsWorkspace(name.Project) || found.Name.Project.Equals(name.Project, StringComparison.OrdinalIgnoreCase)) return found;
        throw new FaultException(Fault.Waiting(
            Reasons.RepositoryNotFound,
            $"There is no repository {name}; {name.Slug} of workspace {workspace} is in project {found.Name.Project}. "
            + "Correct spec.discovery.repositories if it is named there."));
    }

    // A filter that finds nothing does not tell a project without repositories from one that does not exist.
    private async Task RequireProjectAsync(string project, CancellationToken cancellationToken)
    {
        try
        {
            await session.SendAsync(
                new(Operation.ReadProject, workspace, project), HttpMethod.Get, session.Urls.Project(project), body: null, cancellationToken);
        }
        catch (FaultException exception) when (exception.Fault.Reason == Reasons.ReadPermissionDenied)
        {
            // Who may not see projects may see repositories: there are none, as was said.
        }
    }

    private Repository? Map(WireRepository row)
    {
        if (row is not { Uuid: { Length: > 0 } id, Slug: { Length: > 0 } slug }) return null;
        var project = string.IsNullOrEmpty(row.Project?.Key) ? workspace : row.Project.Key;
        return new(id, new(project, slug), Fork: row.Parent is not null, SelfLink: row.Links?.Html?.Href);
    }

    private bool IsWorkspace(string text) => text.Equals(workspace, StringComparison.OrdinalIgnoreCase);
}
