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
            ($"Repository not found: {name}; {name.Slug} of workspace {workspace} is in project {found.Name.Project}", "Correct spec.discovery.repositories")));
    }

    // A project's key as Bitbucket spells it; null where the credential may see repositories and no projects.
    private async Task<Outcome<string?>> KeyOfAsync(string project, CancellationToken cancellationToken)
    {
        try
        {
            var call = new RestCall(Operation.ReadProject, workspace, project);
            var found = await _session.GetAsync(call, _session.Urls.Project(project), CloudJson.Default.WireProject, cancellationToken);
            return project.Equals(found.Key, StringComparison.OrdinalIgnoreCase) ? found.Key : project;
        }
        catch (FaultException exception) when (exception.Fault.Reason == Reasons.ReadPermissionDenied)
        {
            return (string?)null;
        }
        catch (FaultException exception) when (exception.Fault.Reason == Reasons.ProjectNotFound)
        {
            return exception.Fault;
        }
    }

    private PageReader<WireRepository> Open(string? project) =>
        _pages.Open(Call(project), _session.Urls.Repositories(project), CloudJson.Default.WirePageWireRepository);

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
        private readonly HashSet<string> _listed = new(StringComparer.Ordinal) { project ?? "" };
        private readonly Queue<string> _spellings = new(
            project is null ? [] : new[] { project, project.ToUpperInvariant(), project.ToLowerInvariant() }.Distinct(StringComparer.Ordinal));
        private PageReader<WireRepository> _rows = reader.Open(project);
        private Fault? _missing;

        public int Invalid { get; private set; }

        public async Task<IReadOnlyList<Repository>?> NextAsync(CancellationToken cancellationToken)
        {
            if (await _rows.NextAsync(cancellationToken) is { } rows) return [.. rows.Select(Take).OfType<Repository>()];
            if (project is null || _seen.Count > 0 || Invalid > 0) return null;
            if (await OtherSpellingAsync(cancellationToken) is not { } spelling) return null;
            _rows = reader.Open(spelling);
            return [];
        }

        // Case matters to a filter. One that finds nothing does not tell a project without repositories from one that does not exist.
        private async Task<string?> OtherSpellingAsync(CancellationToken cancellationToken)
        {
            while (_spellings.TryPeek(out var spelling))
            {
                var key = await reader.KeyOfAsync(spelling, cancellationToken);
                _spellings.Dequeue();
                if (key.Fault is { } fault)
                {
                    _missing ??= fault;
                    continue;
                }

                if (key.Value is not null)
                {
                    _spellings.Clear();
                    _missing = null;
                }

                if (_listed.Add(key.Value ?? spelling)) return key.Value ?? spelling;
            }

            return _missing is null ? null : throw new FaultException(_missing);
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
