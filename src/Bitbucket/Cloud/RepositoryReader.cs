using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>Finds the repositories of a workspace. Cloud knows neither archived nor personal ones.</summary>
internal sealed class RepositoryReader(ApiSession session, Pages pages, string workspace)
{
    private readonly ApiSession _session = session;
    private readonly Pages _pages = pages;
    private readonly CloneLinks _clone = new(() => session.Text);

    /// <summary>The repositories of a project, or of all of the workspace.</summary>
    public IRepositoryPages List(string? project) => new Listing(this, project);

    public async Task<Repository> GetAsync(RepositoryName name, CancellationToken cancellationToken)
    {
        var call = new RestCall(Operation.ReadRepository, workspace, name.Project, name);
        var row = await _session.GetAsync(call, _session.Urls.Repository(name.Slug), CloudJson.Default.WireRepository, cancellationToken);
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
            await _session.SendAsync(
                new(Operation.ReadProject, workspace, project), HttpMethod.Get, _session.Urls.Project(project), body: null, cancellationToken);
        }
        catch (FaultException exception) when (exception.Fault.Reason == Reasons.ReadPermissionDenied)
        {
            // Who may not see projects may see repositories: there are none, as was said.
        }
    }

    private bool IsSafe(string name, bool isName) => isName && !_session.Text.IsRepeatedIn(name);

    // Null where something is missing, or Bitbucket would not give it.
    private Repository? Map(WireRepository row)
    {
        if (row is not { Uuid: { } id, Slug: { } slug }) return null;
        if (!IsSafe(id, NameRules.IsId(id)) || !IsSafe(slug, NameRules.IsSlug(slug, Flavour.Cloud))) return null;
        var project = string.IsNullOrEmpty(row.Project?.Key) ? workspace : row.Project.Key;
        if (!IsSafe(project, NameRules.IsProjectKey(project))) return null;
        var name = new RepositoryName(project, slug);
        return new(id, name, Fork: row.Parent is not null, SelfLink: _session.Text.Address(row.Links?.Html?.Href))
        {
            Title = _clone.Title(row.Name, slug),
            CloneUrls = _clone.Read(name, row.Links?.CloneUrls?.Select(l => (l?.Name, l?.Href))),
        };
    }

    private RestCall Call(string? project) => new(Operation.ListRepositories, workspace, project);

    private bool IsWorkspace(string text) => text.Equals(workspace, StringComparison.OrdinalIgnoreCase);

    private sealed class Listing(RepositoryReader reader, string? project) : IRepositoryPages
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private readonly PageReader<WireRepository> _rows =
            reader._pages.Open(reader.Call(project), reader._session.Urls.Repositories(project), CloudJson.Default.WirePageWireRepository);

        public int Invalid { get; private set; }

        public async Task<IReadOnlyList<Repository>?> NextAsync(CancellationToken cancellationToken)
        {
            if (await _rows.NextAsync(cancellationToken) is { } rows) return [.. rows.Select(Take).OfType<Repository>()];
            if (project is not null && _seen.Count == 0 && Invalid == 0) await reader.RequireProjectAsync(project, cancellationToken);
            return null;
        }

        private Repository? Take(WireRepository row)
        {
            if (row is not { Uuid.Length: > 0, Slug.Length: > 0 }) throw Pages.Incomplete(reader.Call(project), "a repository has no uuid or slug");
            if (reader.Map(row) is not { } repository)
            {
                Invalid++;
                return null;
            }
            var desired = project is null || repository.Name.Project.Equals(project, StringComparison.OrdinalIgnoreCase);
            return desired && _seen.Add(repository.Id) ? repository : null;
        }
    }
}
