using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Discovery;

/// <summary>
/// Where webhooks of a connection are on record: what <c>status.bookkeeping.managedIn</c> says. A long list is written as wildcards,
/// so that a status has a bound; whoever reads it looks in more places than necessary, and misses none.
/// </summary>
public sealed class ManagedScopes
{
    /// <summary>Every repository that the credential sees.</summary>
    public const string Everything = "*";

    /// <summary>Every project of the repositories on record.</summary>
    public const string EveryProject = "project:*";

    /// <summary>The repositories that spec.discovery lists; a hash of what it lists follows.</summary>
    private const string ListedPrefix = "listed:";

    private const int MostEntries = 100;
    private const int MostCharacters = 4_000;

    private readonly HashSet<string> _entries;
    private readonly bool _anyRepository;

    private ManagedScopes(IEnumerable<string> entries)
    {
        _entries = entries.ToHashSet(StringComparer.OrdinalIgnoreCase);
        _anyRepository = _entries.Any(IsWildcard);
    }

    /// <summary>What status says.</summary>
    public static ManagedScopes Of(Connection connection) => new(connection.Known.ManagedIn);

    /// <summary>What status says, and more places.</summary>
    internal static ManagedScopes Of(Connection connection, IEnumerable<string> more) => new(connection.Known.ManagedIn.Concat(more));

    /// <summary>Whether webhooks may be on a repository itself.</summary>
    public bool Holds(RepositoryName name) => _anyRepository || _entries.Contains(name.Project) || _entries.Contains(name.ToString());

    /// <summary>Whether all repositories of a project are on record.</summary>
    public bool HoldsProject(string project) => _anyRepository || _entries.Contains(project);

    /// <summary>Whether a repository is on record by its own name.</summary>
    public bool Names(RepositoryName name) => _entries.Contains(name.ToString());

    /// <summary>Whether webhooks may be on a project or workspace itself.</summary>
    public bool HoldsProjectLevel(WebhookScope scope) =>
        _entries.Contains(scope.Id) || (scope.Kind == ScopeKind.Project && _entries.Contains(EveryProject));

    /// <summary>The projects and workspaces on record.</summary>
    /// <param name="listed">The repositories whose projects a wildcard stands for.</param>
    public IEnumerable<WebhookScope> ProjectLevel(IEnumerable<Repository> listed)
    {
        var named = _entries.Where(e => e != EveryProject).Select(WebhookScope.ParseProjectLevel).OfType<WebhookScope>();
        return _entries.Contains(EveryProject)
            ? named.Concat(listed.Select(r => WebhookScope.ProjectLevelOf(r, workspace: null)).OfType<WebhookScope>()).Distinct()
            : named;
    }

    /// <summary>The entry for the repositories that a spec lists.</summary>
    public static string ListedBy(ConnectionSpec spec) => ListedPrefix + ListingPlausibility.RulesOf(spec);

    /// <summary>Whether an entry stands for more than one project or repository.</summary>
    public static bool IsWildcard(string entry) => entry == Everything || entry.StartsWith(ListedPrefix, StringComparison.Ordinal);

    /// <summary>Writes what is on record within bounds.</summary>
    /// <param name="entries">Each place by its name.</param>
    /// <param name="spec">What is listed.</param>
    /// <param name="listed">The repositories that it lists.</param>
    public static IReadOnlyList<string> Bounded(IReadOnlyCollection<string> entries, ConnectionSpec spec, IReadOnlyList<Repository> listed)
    {
        if (Fits(entries))
        {
            return [.. entries];
        }

        var covered = NamesOf(listed);
        var left = entries.Where(e => !covered.Contains(e)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (entries.Any(e => covered.Contains(e) && WebhookScope.ParseProjectLevel(e) is null))
        {
            left.Add(ListedBy(spec));
        }

        if (entries.Any(e => covered.Contains(e) && WebhookScope.ParseProjectLevel(e) is not null))
        {
            left.Add(EveryProject);
        }

        return Sorted(Fits(left) ? left : All(left));
    }

    private static bool Fits(IReadOnlyCollection<string> entries) =>
        entries.Count <= MostEntries && entries.Sum(e => e.Length) <= MostCharacters;

    // A workspace is one entry, and stays.
    private static HashSet<string> All(HashSet<string> entries)
    {
        var all = entries.Where(e => WebhookScope.ParseProjectLevel(e) is { Kind: ScopeKind.Workspace }).ToHashSet(StringComparer.Ordinal);
        all.Add(Everything);
        if (entries.Any(e => WebhookScope.ParseProjectLevel(e) is { Kind: ScopeKind.Project }))
        {
            all.Add(EveryProject);
        }

        return all;
    }

    private static HashSet<string> NamesOf(IEnumerable<Repository> listed)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var repository in listed)
        {
            names.Add(repository.Name.Project);
            names.Add(repository.Name.ToString());
            if (WebhookScope.ProjectLevelOf(repository, workspace: null) is { } project)
            {
                names.Add(project.Id);
            }
        }

        return names;
    }

    private static IReadOnlyList<string> Sorted(IEnumerable<string> entries) => [.. entries.Order(StringComparer.OrdinalIgnoreCase)];
}
