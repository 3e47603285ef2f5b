using BitbucketOperator.Core.Api;
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
    private static readonly Dictionary<string, Outcome<IReadOnlyList<Webhook>>> NothingRead = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, Outcome<IReadOnlyList<Webhook>?>> NothingInherited = new(StringComparer.Ordinal);

    private readonly Connection _connection;
    private readonly ConnectionObserved _observed;
    private readonly IReadOnlyDictionary<string, ScopeCheck> _checks;
    private readonly HashSet<string> _managed;
    private readonly string? _workspace;
    private readonly Dictionary<string, ScopeLevels> _scopes = new(StringComparer.Ordinal);
    private readonly VerifiedSet _verified;
    private readonly HashSet<string> _selected;

    private WebhookLevels(Connection connection, ConnectionObserved observed, IReadOnlyDictionary<string, ScopeCheck> checks)
    {
        (_connection, _observed, _checks) = (connection, observed, checks);
        var selected = observed.Selection?.Selected ?? [];
        ConflictRules = ConflictRules.Of(connection, observed.Conflicting, selected);
        _managed = connection.Known.ManagedIn.ToHashSet(StringComparer.OrdinalIgnoreCase);
        _workspace = connection.Spec.Workspace;
        _verified = VerifiedSet.Of(connection);
        _selected = selected.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        var groups = selected.Select(r => (Scope: WebhookScope.ProjectLevelOf(r, _workspace), Repository: r))
            .Where(p => p.Scope is not null)
            .GroupBy(p => p.Scope!, p => p.Repository);
        foreach (var group in groups)
        {
            _scopes[group.Key.Id] = Decide(group.Key, [.. group], NothingRead, NothingInherited);
        }

        foreach (var former in _managed.Select(WebhookScope.ParseProjectLevel).OfType<WebhookScope>().Where(p => !_scopes.ContainsKey(p.Id)))
        {
            _scopes[former.Id] = Decide(former, [], NothingRead, NothingInherited);
        }
    }

    // What was read decides; all else stays as it was computed.
    private WebhookLevels(
        WebhookLevels expected,
        IReadOnlyDictionary<string, Outcome<IReadOnlyList<Webhook>>> webhooks,
        IReadOnlyDictionary<string, Outcome<IReadOnlyList<Webhook>?>> inherited)
    {
        (_connection, _observed, _checks) = (expected._connection, expected._observed, expected._checks);
        (ConflictRules, _managed, _workspace) = (expected.ConflictRules, expected._managed, expected._workspace);
        (_verified, _selected) = (expected._verified, expected._selected);
        foreach (var (id, scope) in expected._scopes)
        {
            _scopes[id] = webhooks.ContainsKey(id) ? Decide(scope.Scope, scope.Selected, webhooks, inherited) : scope;
        }
    }

    /// <summary>Who else desires the same webhooks.</summary>
    internal ConflictRules ConflictRules { get; }

    /// <summary>Projects and workspaces that hold selected repositories, or may hold webhooks of ours; sorted by name.</summary>
    public IEnumerable<ScopeLevels> Scopes => _scopes.Values.OrderBy(p => p.Scope.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Those whose webhooks matter.</summary>
    public IEnumerable<ScopeLevels> CheckedAt => Scopes.Where(p => IsToBeRead(p.Scope));

    /// <summary>Places where webhooks must be, and how many.</summary>
    public IEnumerable<(WebhookScope Scope, int Count)> Desired =>
        Scopes.Where(p => p.CountProjectLevel > 0).Select(p => (p.Scope, p.CountProjectLevel))
            .Concat((_observed.Selection?.Selected ?? []).Select(r => (WebhookScope.Of(r), CountOn(r))).Where(w => w.Item2 > 0));

    /// <summary>Where webhooks of ours are or will be when the plan was carried out, as status.webhooks.managedIn names scopes.</summary>
    internal IEnumerable<string> DesiredIn =>
        Scopes.Where(p => p.CountProjectLevel > 0 && (MayHoldOurs(p) || _verified.Contains(p.Scope.Id))).Select(p => p.Scope.Id)
            .Concat((_observed.Selection?.Selected ?? []).Where(r => CountOn(r) > 0).Select(NameOf));

    /// <summary>Repositories of which nothing tells whether they hold webhooks of ours: those above them may have been made before status was lost.</summary>
    internal IEnumerable<string> UnknownIn => _observed.Desired.Count == 0
        ? []
        : (_observed.Selection?.Selected ?? [])
            .Where(r => CountOn(r) == 0 && ProjectLevelOf(r) is { } p && !_managed.Contains(p.Scope.Id) && !_managed.Contains(r.Name.Project))
            .Select(NameOf);

    /// <summary>The levels as they are expected to be, by what is remembered, before any webhook was read.</summary>
    /// <param name="connection">The resource.</param>
    /// <param name="observed">What is known so far; needs the selection.</param>
    /// <param name="checks">What earlier reconciles found, by the id of the scope.</param>
    public static WebhookLevels Expect(
        Connection connection, ConnectionObserved observed, IReadOnlyDictionary<string, ScopeCheck> checks) =>
        new(connection, observed, checks);

    /// <summary>The levels of the reconcile: those that are expected, decided again where webhooks of the project or workspace were read.</summary>
    /// <param name="webhooks">What was read, by the id of the scope.</param>
    /// <param name="inherited">What repositories inherit from projects that may not be read themselves, by the id of the project.</param>
    public WebhookLevels Decide(
        IReadOnlyDictionary<string, Outcome<IReadOnlyList<Webhook>>> webhooks,
        IReadOnlyDictionary<string, Outcome<IReadOnlyList<Webhook>?>> inherited) => new(this, webhooks, inherited);

    /// <summary>Those whose webhooks the credential may not see, so that only a repository can tell what it inherits.</summary>
    /// <param name="webhooks">What was read, by the id of the scope.</param>
    public IEnumerable<ScopeLevels> DeniedBy(IReadOnlyDictionary<string, Outcome<IReadOnlyList<Webhook>>> webhooks) =>
        Scopes.Where(p => p.Selected.Count > 0 && See(p.Scope, webhooks, NothingInherited).View == ScopeView.Denied);

    /// <summary>The project or workspace of a repository; null for a personal one.</summary>
    public ScopeLevels? ProjectLevelOf(Repository repository) =>
        WebhookScope.ProjectLevelOf(repository, _workspace) is { } scope ? _scopes.GetValueOrDefault(scope.Id) : null;

    /// <summary>What is known of a project or workspace.</summary>
    public ScopeLevels? Find(WebhookScope scope) => _scopes.GetValueOrDefault(scope.Id);

    /// <summary>True for a selected repository, and for what holds one.</summary>
    public bool IsSelected(WebhookScope scope) => scope.Repository is null ? Find(scope)?.Selected.Count > 0 : _selected.Contains(scope.Id);

    /// <summary>How many webhooks a selected repository must have itself.</summary>
    public int CountOn(Repository repository) => ProjectLevelOf(repository) is { } projectLevel ? projectLevel.CountOnRepositories : _observed.Desired.Count;

    // None is made where the credential has no rights; what is seen from a repository below was made by another one.
    private bool MayHoldOurs(ScopeLevels levels) => levels.View switch
    {
        ScopeView.Denied or ScopeView.Absent or ScopeView.Failed => false,
        ScopeView.Inherited => _observed.Owner is { } owner && levels.Webhooks.Any(w => WebhookMarker.HookOf(w, owner) is not null),
        ScopeView.NotRead or ScopeView.Remembered or ScopeView.Read => true,
    };

    // As status.webhooks.managedIn names the scope of a repository.
    internal string NameOf(Repository repository) =>
        _connection.Spec.Discovery.Repositories.Count > 0 ? repository.Name.ToString() : repository.Name.Project;

    private bool IsToBeRead(WebhookScope scope) =>
        _managed.Contains(scope.Id)
        || (_observed.Desired.Count > 0
            && (_connection.Spec.Webhooks.Any(w => w.Level != LevelChoice.Repository) || ConflictRules.ConflictsOn(scope).Length > 0));

    private ScopeLevels Decide(
        WebhookScope scope,
        IReadOnlyList<Repository> selected,
        IReadOnlyDictionary<string, Outcome<IReadOnlyList<Webhook>>> read,
        IReadOnlyDictionary<string, Outcome<IReadOnlyList<Webhook>?>> inherited)
    {
        var (view, webhooks, fault) = See(scope, read, inherited);
        var rules = selected.Count == 0
            ? []
            : _connection.Spec.Webhooks.Where(w => _observed.Desired.Any(d => d.Name == w.Name)).ToDictionary(
                w => w.Name, w => LevelRules.Of(w, scope, _connection.Spec.Discovery, ConflictRules), StringComparer.Ordinal);
        var remembered = view == ScopeView.Remembered ? _checks[scope.Id].Levels : null;
        var entries = rules.ToDictionary(
            r => r.Key,
            r => remembered is not null && remembered.TryGetValue(r.Key, out var level) ? level : Decide(scope, view, webhooks, r.Key, r.Value),
            StringComparer.Ordinal);
        var isDenied = view is ScopeView.Denied or ScopeView.Inherited || (view == ScopeView.Remembered && _checks[scope.Id].ProjectLevelDenied);
        return new ScopeLevels(scope, selected, view, webhooks, fault, entries)
        {
            Rules = string.Concat(rules.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $" {r.Key}={r.Value}")),
            IsAsked = rules.ContainsValue(LevelRule.ProjectLevel),
            IsDenied = isDenied,
            IsOutOfReach = isDenied && rules.Any(r => r.Value == LevelRule.Auto && !entries[r.Key].ProjectLevel),
        };
    }

    private EntryLevel Decide(WebhookScope scope, ScopeView view, IReadOnlyList<Webhook> webhooks, string name, LevelRule rule)
    {
        if (view == ScopeView.Failed)
        {
            return new EntryLevel(rule == LevelRule.ProjectLevel || (rule == LevelRule.Auto && IsKnownProjectLevel(scope)), Held: true);
        }

        return new EntryLevel(rule == LevelRule.ProjectLevel || (rule == LevelRule.Auto && view switch
        {
            ScopeView.Read => true,
            ScopeView.Inherited => _observed.Owner is { } owner && webhooks.Any(w => WebhookMarker.HookOf(w, owner) == name),
            ScopeView.Denied => _verified.Contains(scope.Id),
            ScopeView.NotRead or ScopeView.Remembered or ScopeView.Absent or ScopeView.Failed => false,
        }));
    }

    // Where it was last, as far as status tells.
    private bool IsKnownProjectLevel(WebhookScope scope) =>
        _managed.Contains(scope.Id)
        || !(_observed.Selection?.Selected ?? []).Any(r =>
            (_managed.Contains(r.Name.Project) || _managed.Contains(r.Name.ToString()))
            && WebhookScope.ProjectLevelOf(r, _workspace)?.Id == scope.Id);

    private (ScopeView View, IReadOnlyList<Webhook> Webhooks, Fault? Fault) See(
        WebhookScope scope,
        IReadOnlyDictionary<string, Outcome<IReadOnlyList<Webhook>>> webhooksRead,
        IReadOnlyDictionary<string, Outcome<IReadOnlyList<Webhook>?>> inheritedRead)
    {
        if (!webhooksRead.TryGetValue(scope.Id, out var read))
        {
            return (_checks.ContainsKey(scope.Id) && IsToBeRead(scope) ? ScopeView.Remembered : ScopeView.NotRead, [], null);
        }

        if (read.Fault is not { } fault)
        {
            return (ScopeView.Read, read.Value!, null);
        }

        if (fault.Reason == Reasons.LevelNotSupported || fault.Reason == Reasons.ProjectNotFound)
        {
            return (ScopeView.Absent, [], fault);
        }

        if (fault.Reason != Reasons.WebhookPermissionDenied && fault.Reason != Reasons.WorkspaceNotFound)
        {
            return (ScopeView.Failed, [], fault);
        }

        var inherited = inheritedRead.GetValueOrDefault(scope.Id);
        if (inherited.Value is { } webhooks)
        {
            return (ScopeView.Inherited, webhooks, fault);
        }

        return inherited.Fault is { } why && why.Reason != Reasons.WebhookPermissionDenied && why.Reason != Reasons.RepositoryNotFound
            ? (ScopeView.Failed, [], why)
            : (ScopeView.Denied, [], fault);
    }
}
