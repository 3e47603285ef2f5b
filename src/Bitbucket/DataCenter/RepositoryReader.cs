using System.Runtime.CompilerServices;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>
/// Finds repositories. Those that are still being made, or could not be made, are left out, since they never had a
/// webhook; one that is offline is listed, since it has not gone.
/// </summary>
internal sealed class RepositoryReader(RestSession session, Pages pages)
{
    private static readonly ServerVersion FirstWithProjectFilter = new(8, 0, 0);

    public async IAsyncEnumerable<Repository> ListAsync(
        string? project, ServerVersion? version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var repository in ListAsync(project, version, seen, cancellationToken)) yield return repository;
        // A filter that finds nothing tells apart neither a project without repositories, one that does not exist, nor one
        // that has another key by now.
        if (project is null || seen.Count > 0 || await RenamedAsync(project, cancellationToken) is not { } key) yield break;
        await foreach (var repository in ListAsync(key, version, seen, cancellationToken)) yield return repository;
    }

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

    private async IAsyncEnumerable<Repository> ListAsync(
        string? project, ServerVersion? version, HashSet<string> seen, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = new RestCall(Operation.ListRepositories, project);
        await foreach (var row in pages.ReadAsync(call, PathOf(project, version), WireJson.Default.WirePageWireRepository, cancellationToken))
        {
            var repository = Map(row) ?? throw Pages.Incomplete(call, "a repository has no id, slug or project");

            // Filters are loose, and servers ignore those that they do not know.
            var desired = project is null || repository.Name.Project.Equals(project, StringComparison.OrdinalIgnoreCase);
            if (desired && seen.Add(repository.Id) && IsMade(row)) yield return repository;
        }
    }

    /// <summary>The key that a project has by now; null when it is still the same. One that does not exist is a fault.</summary>
    public async Task<string?> RenamedAsync(string project, CancellationToken cancellationToken)
    {
        var call = new RestCall(Operation.ReadProject, project);
        var found = await session.GetAsync(call, $"projects/{ServerUrls.Segment(project)}", WireJson.Default.WireProject, cancellationToken);
        return string.IsNullOrEmpty(found.Key) || found.Key.Equals(project, StringComparison.OrdinalIgnoreCase) ? null : found.Key;
    }

    private static bool IsMade(WireRepository row) => row.State is not ("INITIALISING" or "INITIALISATION_FAILED");

    private static Repository? Map(WireRepository row)
    {
        if (row is not { Id: { } id, Slug: { Length: > 0 } slug, Project.Key: { Length: > 0 } key }) return null;
        var personal = key.StartsWith('~') || string.Equals(row.Project.Type, "PERSONAL", StringComparison.OrdinalIgnoreCase);
        return new(
            id.ToString(), new(key, slug), row.Archived ?? false, row.Origin is not null, personal, row.Links?.Self is [{ Href: { } href }, ..] ? href : null);
    }
}
