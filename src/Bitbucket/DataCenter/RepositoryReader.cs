using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>
/// Finds repositories. Those that are still being made, or could not be made, are left out, since they never had a
/// webhook; one that is offline is listed, since it has not gone.
/// </summary>
internal sealed class RepositoryReader(RestSession session, Pages pages)
{
    private readonly Pages _pages = pages;
    private readonly CloneLinks _clone = new(() => session.Text);

    private static readonly ServerVersion FirstWithProjectFilter = new(8, 0, 0);

    /// <summary>The repositories of a project, or of all.</summary>
    public IRepositoryPages List(string? project, ServerVersion? version) => new Listing(this, project, version);

    public async Task<Repository> GetAsync(RepositoryName name, CancellationToken cancellationToken)
    {
        var call = new RestCall(Operation.ReadRepository, name.Project, name);
        var row = await session.GetAsync(call, PathOf(name), WireJson.Default.WireRepository, cancellationToken);
        return Map(row) ?? throw new FaultException(FaultTable.Unreadable(call));
    }

    /// <summary>Where a repository lives below the API's root.</summary>
    public static string PathOf(RepositoryName name) =>
        $"projects/{ServerUrls.Segment(name.Project)}/repos/{ServerUrls.Segment(name.Slug)}";

    // Before 8.0 an unknown projectkey is ignored and the whole server listed.
    internal static string PathOf(string? project, ServerVersion? version) => project switch
    {
        null => "repos?archived=ALL",
        _ when version >= FirstWithProjectFilter => $"repos?projectkey={Uri.EscapeDataString(project)}&archived=ALL",
        _ => $"projects/{ServerUrls.Segment(project)}/repos",
    };

    /// <summary>The key that a project has by now; null when it is still the same. One that does not exist is a fault.</summary>
    public async Task<string?> RenamedAsync(string project, CancellationToken cancellationToken)
    {
        var call = new RestCall(Operation.ReadProject, project);
        var found = await session.GetAsync(call, $"projects/{ServerUrls.Segment(project)}", WireJson.Default.WireProject, cancellationToken);
        var isOther = found.Key is { } key && IsSafe(key, NameRules.IsProjectKey(key)) && !key.Equals(project, StringComparison.OrdinalIgnoreCase);
        return isOther ? found.Key : null;
    }

    private static bool IsMade(WireRepository row) => row.State is not ("INITIALISING" or "INITIALISATION_FAILED");

    private bool IsSafe(string name, bool isName) => isName && !session.Text.IsRepeatedIn(name);

    // Null where something is missing, or Bitbucket would not give it.
    private Repository? Map(WireRepository row)
    {
        if (row is not { Id: { } id, Slug: { } slug, Project.Key: { } key }) return null;
        if (!IsSafe(slug, NameRules.IsSlug(slug, Flavour.DataCenter)) || !IsSafe(key, NameRules.IsProjectKey(key))) return null;
        var personal = key.StartsWith('~') || string.Equals(row.Project.Type, "PERSONAL", StringComparison.OrdinalIgnoreCase);
        var name = new RepositoryName(key, slug);
        var self = row.Links?.Self is [{ Href: { } href }, ..] ? session.Text.Address(href) : null;
        return new(id.ToString(), name, row.Archived ?? false, row.Origin is not null, personal, self)
        {
            Title = _clone.Title(row.Name, slug),
            CloneUrls = _clone.Read(name, row.Links?.CloneUrls?.Select(l => (l?.Name, l?.Href))),
        };
    }

    private sealed class Listing(RepositoryReader reader, string? project, ServerVersion? version) : IRepositoryPages
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private string? _renamed;
        private PageReader<WireRepository>? _rows;

        public int Invalid { get; private set; }

        public async Task<IReadOnlyList<Repository>?> NextAsync(CancellationToken cancellationToken)
        {
            _rows ??= Open();
            if (await _rows.NextAsync(cancellationToken) is { } rows) return [.. rows.Select(Take).OfType<Repository>()];

            // A filter that finds nothing tells apart neither a project without repositories, one that does not exist, nor one
            // that has another key by now.
            if (project is null || _renamed is not null || _seen.Count > 0 || Invalid > 0) return null;
            if (await reader.RenamedAsync(project, cancellationToken) is not { } key) return null;
            _renamed = key;
            _rows = Open();
            return await NextAsync(cancellationToken);
        }

        private PageReader<WireRepository> Open() =>
            reader._pages.Open(Call, PathOf(Project, version), WireJson.Default.WirePageWireRepository);

        private string? Project => _renamed ?? project;

        private RestCall Call => new(Operation.ListRepositories, Project);

        private Repository? Take(WireRepository row)
        {
            if (row is not { Id: not null, Slug.Length: > 0, Project.Key.Length: > 0 })
                throw Pages.Incomplete(Call, "a repository has no id, slug or project");
            if (reader.Map(row) is not { } repository)
            {
                Invalid++;
                return null;
            }

            // Filters are loose, and servers ignore those that they do not know.
            var desired = Project is null || repository.Name.Project.Equals(Project, StringComparison.OrdinalIgnoreCase);
            return desired && _seen.Add(repository.Id) && IsMade(row) ? repository : null;
        }
    }
}
