using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>
/// Decides for each entry of spec.webhooks, in each project (Data Center) or in the workspace (Cloud), whether its webhook
/// lives there or on the repositories. Rules and rights decide, never chance: neither how many repositories there are now
/// nor a request that happens to fail moves a webhook.
/// </summary>
public sealed class WebhookLevels
{
    private readonly BitbucketConnection _connection;
    private readonly ConnectionObserved _observed;
    private readonly HashSet<string> _managed;
    private readonly string? _workspace;
    private readonly Dictionary<string, PlaceLevels> _places = new(StringComparer.Ordinal);
    private readonly VerifiedSet _verified;
    private readonly HashSet<string> _selected;

    private WebhookLevels(BitbucketConnection connection, ConnectionObserved observed)
    {
        (_connection, _observed) = (connection, observed);
        Contest = Contest.Of(connection, observed);
        _managed = (connection.Status?.Webhooks?.ManagedIn ?? []).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _workspace = ConnectionGate.WorkspaceOf(connection.Spec);
        _verified = VerifiedSet.Of(connection);
        var selected = observed.Selection?.Selected ?? [];
        _selected = selected.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var group in selected.Select(r => (Place: LevelRules.AboveOf(r, _workspace), Repository: r)).Where(p => p.Place is not null).GroupBy(p => p.Place!, p => p.Repository))
        {
            _places[group.Key.Id] = Decide(group.Key, [.. group]);
        }

        foreach (var former in _managed.Select(WebhookPlace.ParseAbove).OfType<WebhookPlace>().Where(p => !_places.ContainsKey(p.Id)))
        {
            _places[former.Id] = Decide(former, []);
        }
    }

    /// <summary>Who else wants the same webhooks.</summary>
    internal Contest Contest { get; }

    /// <summary>Projects and workspaces that hold selected repositories, or may hold webhooks of ours; sorted by name.</summary>
    public IEnumerable<PlaceLevels> Places => _places.Values.OrderBy(p => p.Place.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Those whose webhooks matter.</summary>
    public IEnumerable<PlaceLevels> LookedAt => Places.Where(IsLookedAt);

    /// <summary>Places where webhooks must be, and how many.</summary>
    public IEnumerable<(WebhookPlace Place, int Count)> Wanted =>
        Places.Where(p => p.CountAbove > 0).Select(p => (p.Place, p.CountAbove))
            .Concat((_observed.Selection?.Selected ?? []).Select(r => (WebhookPlace.Of(r), CountOn(r))).Where(w => w.Item2 > 0));

    /// <summary>Where webhooks of ours are or will be when the plan was carried out, as status.webhooks.managedIn names places.</summary>
    internal IEnumerable<string> WantedIn =>
        Places.Where(p => p.CountAbove > 0 && (MayHoldOurs(p) || _verified.Contains(p.Place.Id))).Select(p => p.Place.Id)
            .Concat((_observed.Selection?.Selected ?? []).Where(r => CountOn(r) > 0).Select(NameOf));

    /// <summary>Repositories of which nothing tells whether they hold webhooks of ours: those above them may have been made before status was lost.</summary>
    internal IEnumerable<string> UnknownIn => _observed.Desired.Count == 0
        ? []
        : (_observed.Selection?.Selected ?? []).Where(r => CountOn(r) == 0 && AboveOf(r) is { } p && !_managed.Contains(p.Place.Id) && !_managed.Contains(r.Name.Project)).Select(NameOf);

    /// <summary>Decides by what was read, or by what is remembered where nothing was.</summary>
    /// <param name="connection">The resource.</param>
    /// <param name="observed">What is known so far; needs the selection.</param>
    public static WebhookLevels Of(BitbucketConnection connection, ConnectionObserved observed) => new(connection, observed);

    /// <summary>The project or workspace of a repository; null for a personal one.</summary>
    public PlaceLevels? AboveOf(Repository repository) =>
        LevelRules.AboveOf(repository, _workspace) is { } place ? _places.GetValueOrDefault(place.Id) : null;

    /// <summary>What is known of a project or workspace.</summary>
    public PlaceLevels? Find(WebhookPlace place) => _places.GetValueOrDefault(place.Id);

    /// <summary>True for a selected repository, and for what holds one.</summary>
    public bool IsSelected(WebhookPlace place) => place.Repository is null ? Find(place)?.Selected.Count > 0 : _selected.Contains(place.Id);

    /// <summary>How many webhooks a selected repository must have itself.</summary>
    public int CountOn(Repository repository) => AboveOf(repository) is { } above ? above.CountBelow : _observed.Desired.Count;

    // None is made where the credential has no rights; what is seen from a repository below was made by another one.
    private bool MayHoldOurs(PlaceLevels levels) => levels.View switch
    {
        PlaceView.Denied or PlaceView.Absent or PlaceView.Failed => false,
        PlaceView.Inherited => _observed.Owner is { } owner && levels.Webhooks.Any(w => WebhookMarker.HookOf(w, owner) is not null),
        _ => true,
    };

    // As status.webhooks.managedIn names the place of a repository.
    internal string NameOf(Repository repository) =>
        _connection.Spec.Discovery.Repositories.Count > 0 ? repository.Name.ToString() : repository.Name.Project;

    private bool IsLookedAt(PlaceLevels levels) =>
        _managed.Contains(levels.Place.Id)
        || (_observed.Desired.Count > 0
            && (_connection.Spec.Webhooks.Exists(w => w.Level != WebhookLevel.Repository) || Contest.ClaimsOn(levels.Place).Length > 0));

    private PlaceLevels Decide(WebhookPlace place, IReadOnlyList<Repository> selected)
    {
        var (view, webhooks, fault) = See(place);
        var rules = selected.Count == 0
            ? []
            : _connection.Spec.Webhooks.Where(w => _observed.Desired.Any(d => d.Name == w.Name)).ToDictionary(w => w.Name, w => LevelRules.Of(w, place, _connection.Spec.Discovery, Contest), StringComparer.Ordinal);
        var remembered = view == PlaceView.Remembered ? _observed.Remembered[place.Id].Levels : null;
        var entries = rules.ToDictionary(
            r => r.Key,
            r => remembered is not null && remembered.TryGetValue(r.Key, out var level) ? level : Decide(place, view, webhooks, r.Key, r.Value),
            StringComparer.Ordinal);
        var isDenied = view is PlaceView.Denied or PlaceView.Inherited || (view == PlaceView.Remembered && _observed.Remembered[place.Id].AboveDenied);
        return new PlaceLevels(place, selected, view, webhooks, fault, entries)
        {
            Rules = string.Concat(rules.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $" {r.Key}={r.Value}")),
            IsAsked = rules.ContainsValue(LevelRule.Above),
            IsDenied = isDenied,
            IsOutOfReach = isDenied && rules.Any(r => r.Value == LevelRule.Auto && !entries[r.Key].Above),
        };
    }

    private EntryLevel Decide(WebhookPlace place, PlaceView view, IReadOnlyList<Webhook> webhooks, string name, LevelRule rule)
    {
        if (view == PlaceView.Failed)
        {
            return new EntryLevel(rule == LevelRule.Above || (rule == LevelRule.Auto && IsKnownAbove(place)), Held: true);
        }

        return new EntryLevel(rule == LevelRule.Above || (rule == LevelRule.Auto && view switch
        {
            PlaceView.Read => true,
            PlaceView.Inherited => _observed.Owner is { } owner && webhooks.Any(w => WebhookMarker.HookOf(w, owner) == name),
            PlaceView.Denied => _verified.Contains(place.Id),
            _ => false,
        }));
    }

    // Where it was last, as far as status tells.
    private bool IsKnownAbove(WebhookPlace place) =>
        _managed.Contains(place.Id) || !(_observed.Selection?.Selected ?? []).Any(r => (_managed.Contains(r.Name.Project) || _managed.Contains(r.Name.ToString())) && LevelRules.AboveOf(r, _workspace)?.Id == place.Id);

    private (PlaceView View, IReadOnlyList<Webhook> Webhooks, Fault? Fault) See(WebhookPlace place)
    {
        if (!_observed.Webhooks.TryGetValue(place.Id, out var read))
        {
            return (_observed.Remembered.ContainsKey(place.Id) ? PlaceView.Remembered : PlaceView.NotLookedAt, [], null);
        }

        if (read.Fault is not { } fault)
        {
            return (PlaceView.Read, read.Value!, null);
        }

        if (fault.Reason == Reasons.LevelNotSupported || fault.Reason == Reasons.ProjectNotFound)
        {
            return (PlaceView.Absent, [], fault);
        }

        if (fault.Reason != Reasons.WebhookPermissionDenied && fault.Reason != Reasons.WorkspaceNotFound)
        {
            return (PlaceView.Failed, [], fault);
        }

        var inherited = _observed.Inherited.GetValueOrDefault(place.Id);
        if (inherited.Value is { } webhooks)
        {
            return (PlaceView.Inherited, webhooks, fault);
        }

        return inherited.Fault is { } why && why.Reason != Reasons.WebhookPermissionDenied && why.Reason != Reasons.RepositoryNotFound
            ? (PlaceView.Failed, [], why)
            : (PlaceView.Denied, [], fault);
    }
}
