using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Levels;

/// <summary>
/// Decides for each entry of spec.webhooks, in each project (Data Center) or in the workspace (Cloud), whether its webhook
/// lives there or on the repositories. Rules and rights decide, never chance: neither how many repositories there are now
/// nor a request that happens to fail moves a webhook.
/// </summary>
public sealed class WebhookLevels
{
    private readonly Connection _connection;
    private readonly ConnectionObserved _observed;
    private readonly ManagedScopes _managed;
    private readonly string? _workspace;
    private readonly Dictionary<string, ScopeLevels> _scopes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _selected;

    private WebhookLevels(Connection connection, ConnectionObserved observed)
    {
        (_connection, _observed) = (connection, observed);
        var selected = observed.Selection?.Selected ?? [];
        _managed = ManagedScopes.Of(connection);
        _workspace = connection.Spec.Workspace;
        _selected = selected.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        var groups = selected.Select(r => (Scope: WebhookScope.ProjectLevelOf(r, _workspace), Repository: r))
            .Where(p => p.Scope is not null)
            .GroupBy(p => p.Scope!, p => p.Repository);
        foreach (var group in groups)
        {
            _scopes[group.Key.Id] = Decide(group.Key, [.. group]);
        }

        var listed = observed.RepositoryListing is { } listing ? listing.Repositories.Concat(listing.Former) : [];
        foreach (var former in _managed.ProjectLevel(listed).Where(p => !_scopes.ContainsKey(p.Id)))
        {
            _scopes[former.Id] = Decide(former, []);
        }
    }

    /// <summary>Projects and workspaces that hold selected repositories, or may hold webhooks of ours; sorted by name.</summary>
    public IEnumerable<ScopeLevels> Scopes => _scopes.Values.OrderBy(p => p.Scope.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Those whose webhooks matter.</summary>
    public IEnumerable<ScopeLevels> CheckedAt => Scopes.Where(p => IsToBeRead(p.Scope));

    /// <summary>Places where webhooks must be, and how many.</summary>
    public IEnumerable<(WebhookScope Scope, int Count)> Desired =>
        Scopes.Where(p => p.CountProjectLevel > 0).Select(p => (p.Scope, p.CountProjectLevel))
            .Concat((_observed.Selection?.Selected ?? []).Select(r => (WebhookScope.Of(r), CountOn(r))).Where(w => w.Item2 > 0));

    /// <summary>Where webhooks of ours are or will be when the plan was carried out, as status.bookkeeping.managedIn names scopes.</summary>
    internal IEnumerable<string> DesiredIn =>
        Scopes.Where(p => p.CountProjectLevel > 0 && MayHoldOurs(p)).Select(p => p.Scope.Id)
            .Concat((_observed.Selection?.Selected ?? []).Where(r => CountOn(r) > 0).Select(NameOf));

    /// <summary>Repositories of which nothing tells whether they hold webhooks of ours: those above them may have been made before status was lost.</summary>
    internal IEnumerable<string> UnknownIn => (_observed.Selection?.Selected ?? []).Where(IsUnknown).Select(NameOf);

    /// <summary>The levels by what is known of projects and workspaces now.</summary>
    /// <param name="connection">The resource.</param>
    /// <param name="observed">What is known; needs the selection.</param>
    public static WebhookLevels Of(Connection connection, ConnectionObserved observed) => new(connection, observed);

    /// <summary>The project or workspace of a repository; null for a personal one.</summary>
    public ScopeLevels? ProjectLevelOf(Repository repository) =>
        WebhookScope.ProjectLevelOf(repository, _workspace) is { } scope ? _scopes.GetValueOrDefault(scope.Id) : null;

    /// <summary>What is known of a project or workspace.</summary>
    public ScopeLevels? Find(WebhookScope scope) => _scopes.GetValueOrDefault(scope.Id);

    /// <summary>True for a selected repository, and for what holds one.</summary>
    public bool IsSelected(WebhookScope scope) => scope.Repository is null ? Find(scope)?.Selected.Count > 0 : _selected.Contains(scope.Id);

    /// <summary>Whether a scope is a selected repository, or a project or workspace that has one.</summary>
    public bool Contains(string scopeId) => _selected.Contains(scopeId) || _scopes.ContainsKey(scopeId);

    /// <summary>How many webhooks a scope must have itself.</summary>
    public int CountOf(WebhookScope scope) => scope.Repository is not { } repository ? Find(scope)?.CountProjectLevel ?? 0
        : _selected.Contains(scope.Id) ? CountOn(repository) : 0;

    /// <summary>How many webhooks a selected repository must have itself.</summary>
    public int CountOn(Repository repository) => ProjectLevelOf(repository) is { } projectLevel ? projectLevel.CountOnRepositories : _observed.Desired.Count;

    /// <summary>True for a repository of which nothing tells whether it holds webhooks of ours.</summary>
    public bool IsUnknown(WebhookScope scope) => scope.Repository is { } repository && IsUnknown(repository);

    private bool IsUnknown(Repository repository) =>
        _observed.Desired.Count > 0
        && _selected.Contains(repository.Id)
        && CountOn(repository) == 0
        && ProjectLevelOf(repository) is { } p
        && !_managed.HoldsProjectLevel(p.Scope)
        && !_managed.HoldsProject(repository.Name.Project);

    // None is made where the credential has no rights; what is seen from a repository below was made by another one.
    private bool MayHoldOurs(ScopeLevels levels) => levels.View switch
    {
        ScopeView.Absent or ScopeView.Failed => false,
        ScopeView.Denied => _managed.HoldsProjectLevel(levels.Scope),
        ScopeView.Inherited => _observed.Owner is { } owner && levels.Webhooks.Any(w => WebhookMarker.HookOf(w, owner) is not null),
        ScopeView.NotRead => _managed.HoldsProjectLevel(levels.Scope),
        ScopeView.Read => true,
    };

    // As status.bookkeeping.managedIn names the scope of a repository.
    internal string NameOf(Repository repository) =>
        _connection.Spec.Discovery.Repositories.Count > 0 ? repository.Name.ToString() : repository.Name.Project;

    /// <summary>Whether anything depends on the webhooks of a project or workspace.</summary>
    public bool IsToBeRead(WebhookScope scope) =>
        _managed.HoldsProjectLevel(scope)
        || (_observed.Desired.Count > 0 && _connection.Spec.Webhooks.Any(w => w.Level != LevelChoice.Repository));

    private ScopeLevels Decide(WebhookScope scope, IReadOnlyList<Repository> selected)
    {
        var seen = _observed.Checks.GetValueOrDefault(scope.Id)?.ProjectLevel ?? ProjectLevelView.NotRead;
        var rules = selected.Count == 0
            ? []
            : _connection.Spec.Webhooks.Where(w => _observed.Desired.Any(d => d.Name == w.Name)).ToDictionary(
                w => w.Name, w => LevelRules.Of(w, scope, _connection.Spec.Discovery), StringComparer.Ordinal);
        var entries = rules.ToDictionary(r => r.Key, r => Decide(scope, selected, seen, r.Key, r.Value), StringComparer.Ordinal);
        var isDenied = seen.View is ScopeView.Denied or ScopeView.Inherited;
        return new ScopeLevels(scope, selected, seen, entries)
        {
            Rules = string.Concat(rules.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $" {r.Key}={r.Value}")),
            IsAsked = rules.ContainsValue(LevelRule.ProjectLevel),
            IsDenied = isDenied,
            IsOutOfReach = isDenied && rules.Any(r => r.Value == LevelRule.Auto && !entries[r.Key].ProjectLevel),
        };
    }

    private EntryLevel Decide(WebhookScope scope, IReadOnlyList<Repository> selected, ProjectLevelView seen, string name, LevelRule rule)
    {
        if (seen.View == ScopeView.Failed)
        {
            return new EntryLevel(rule == LevelRule.ProjectLevel || (rule == LevelRule.Auto && IsKnownProjectLevel(scope, selected)), Held: true);
        }

        return new EntryLevel(rule == LevelRule.ProjectLevel || (rule == LevelRule.Auto && seen.View switch
        {
            ScopeView.Read => true,
            ScopeView.Inherited => _observed.Owner is { } owner && seen.Webhooks.Any(w => WebhookMarker.HookOf(w, owner) == name),
            ScopeView.Denied => _managed.HoldsProjectLevel(scope),
            ScopeView.NotRead => IsToBeRead(scope) && IsKnownProjectLevel(scope, selected),
            ScopeView.Absent or ScopeView.Failed => false,
        }));
    }

    // Where it was last, as far as status tells.
    private bool IsKnownProjectLevel(WebhookScope scope, IReadOnlyList<Repository> selected) =>
        _managed.HoldsProjectLevel(scope) || !selected.Any(r => _managed.Holds(r.Name));
}
