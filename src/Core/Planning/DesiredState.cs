using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>
/// What is desired of every scope of a connection: computed once per reconcile, never changed. A sync reads the webhooks of
/// one scope and asks for its plan. Equal input, equal plan; no plan where all is in sync.
/// </summary>
public sealed class DesiredState
{
    private readonly ProjectLevelPlanner _projectLevel;
    private readonly Dictionary<string, ScopeTasks> _tasks;
    private readonly Downgrade _downgrade;
    private readonly HashSet<string> _movesDown;

    private DesiredState(Connection connection, ConnectionObserved observed, WebhookOwner owner, WebhookLevels levels, string? whyNotRemove)
    {
        (Connection, Observed, Owner, Levels, RemovalsWithheld) = (connection, observed, owner, levels, whyNotRemove);
        DesiredFingerprint = DesiredWebhook.Fingerprint(observed.Desired);
        _downgrade = Downgrade.Of(this);
        _projectLevel = new ProjectLevelPlanner(this);
        _movesDown = levels.Scopes.Where(_projectLevel.HoldsWhatGoesDown).Select(p => p.Scope.Id).ToHashSet(StringComparer.Ordinal);
        _tasks = levels.Scopes.ToDictionary(p => p.Scope.Id, _projectLevel.TasksOnRepositories, StringComparer.Ordinal);
        Scopes = ScopesBy(new DesiredFingerprints(this, _projectLevel));
    }

    /// <summary>The resource.</summary>
    public Connection Connection { get; }

    /// <summary>What was read.</summary>
    public ConnectionObserved Observed { get; }

    /// <summary>Whose the webhooks are.</summary>
    public WebhookOwner Owner { get; }

    /// <summary>Which webhooks live where.</summary>
    public WebhookLevels Levels { get; }

    /// <summary>What is desired of the webhooks, as <see cref="DesiredWebhook.Fingerprint"/> tells it.</summary>
    public string DesiredFingerprint { get; }

    /// <summary>Why nothing is removed although something would be; null when removals are allowed.</summary>
    public string? RemovalsWithheld { get; }

    /// <summary>The scopes whose webhooks matter, by id: those that must have webhooks, and those that may still hold some of ours.</summary>
    public IReadOnlyDictionary<string, DesiredScope> Scopes { get; }

    /// <summary>Removals are allowed.</summary>
    internal bool MayRemove => RemovalsWithheld is null;

    internal IReadOnlyList<DesiredWebhook> Desired => Observed.Desired;

    /// <summary>What is desired of a connection that lives.</summary>
    public static DesiredState Of(Connection connection, ConnectionObserved observed, WebhookOwner owner) =>
        new(connection, observed, owner, WebhookLevels.Of(connection, observed), WhyNotRemove(connection, observed));

    /// <summary>Nothing, for a connection that is being deleted.</summary>
    public static DesiredState Nothing(Connection connection, ConnectionObserved observed, WebhookOwner owner)
    {
        var none = observed with { Desired = [], Selection = new RepositorySelection([], [], []) };
        return new DesiredState(connection, none, owner, WebhookLevels.Of(connection, none), whyNotRemove: null);
    }

    /// <summary>
    /// The plan for a scope whose webhooks were read. Webhooks move in two steps: the new ones are created everywhere, then the
    /// old ones are removed. So no event is missed, and what is delivered twice is so between the two steps only.
    /// </summary>
    /// <param name="scope">One of <see cref="Scopes"/>.</param>
    /// <param name="found">Its webhooks, or why they could not be read.</param>
    /// <param name="seen">A project or workspace: what <paramref name="found"/> shows of it. Null for a repository.</param>
    /// <param name="owners">The other connections of this cluster.</param>
    public ScopePlan Plan(DesiredScope scope, Outcome<IReadOnlyList<Webhook>> found, ProjectLevelView? seen, IOwners owners)
    {
        var facts = new ScopeFacts(owners, Observed.Checks.GetValueOrDefault(scope.Scope.Id)?.Written ?? []);
        if (seen is not null)
        {
            return _projectLevel.Plan(Levels.Find(scope.Scope)! with { Seen = seen }, scope.WhyNone, facts);
        }

        if (found.Fault is { } fault)
        {
            return ScopePlan.Unreadable(scope.Scope, scope.WhyNone is null, fault);
        }

        return scope.WhyNone is { } why
            ? ScopePlanner.ForUnselected(scope.Scope, found.Value!, Owner, MayRemove, why, IsAwaitedIn(scope.Scope, facts))
            : ScopePlanner.ForSelected(
                scope.Scope, found.Value!, Desired, Owner, Connection.Spec.Adoption, facts, MayRemove, TasksOn(scope.Scope));
    }

    /// <summary>What is known of a scope, with what a credential of less rights has to do with it.</summary>
    public ScopeCheck Interpret(ScopeCheck check) => _downgrade.Interpret(check, Levels, Connection.IsDeleting);

    /// <summary>
    /// What is remembered of a scope that nobody looked at since this process began: that it was as desired, and what is desired is
    /// still the same. Null when it is not. It spares requests after a restart; nothing is written for its sake.
    /// </summary>
    /// <param name="scope">One of <see cref="Scopes"/>.</param>
    /// <param name="dueAt">When it is to be looked at.</param>
    public ScopeCheck? Assume(DesiredScope scope, DateTimeOffset dueAt) =>
        Observed.AssumesWhatIsKnown
        && !Connection.IsDeleting
        && (Observed.Checks.GetValueOrDefault(scope.Scope.Id) is null or { IsSeenOnly: true })
        && !IsBelowAMove(scope.Scope)
        && KnownInPlace(scope) is { } inPlace
            ? new ScopeCheck(default, dueAt, scope.Fingerprint, inPlace, [])
            {
                Scope = scope.Scope,
                Selected = scope.WhyNone is null,
                HoldsOurs = scope.WhyNone is null,
                VerifiedBefore = VerifiedScopes.Of(Connection).Find(scope.Scope.Id) is { IsHidden: true },
                IsAssumed = true,
            }
            : null;

    private IReadOnlyList<string>? KnownInPlace(DesiredScope scope) => scope.WhyNone is null
        ? _downgrade.KnownInPlace(scope.Scope, Levels)
        : VerifiedScopes.Of(Connection).Find(scope.Scope.Id) is { IsClean: true } ? [] : null;

    // Only a connection that goes hands over: one that lives has no heir.
    internal Func<string, bool>? IsAwaitedIn(WebhookScope scope, ScopeFacts facts) =>
        Connection.IsDeleting ? url => facts.Owners.IsAwaited(Owner.Id, scope, url) : null;

    private bool IsBelowAMove(WebhookScope scope) =>
        scope.Repository is { } repository && Levels.ProjectLevelOf(repository) is { } above && _movesDown.Contains(above.Scope.Id);

    private ScopeTasks TasksOn(WebhookScope scope) =>
        Levels.ProjectLevelOf(scope.Repository!) is { } levels ? _tasks[levels.Scope.Id] : ScopeTasks.All;

    private Dictionary<string, DesiredScope> ScopesBy(DesiredFingerprints fingerprints)
    {
        var scopes = new Dictionary<string, DesiredScope>(StringComparer.Ordinal);
        foreach (var levels in Levels.CheckedAt)
        {
            scopes[levels.Scope.Id] = new DesiredScope(levels.Scope, fingerprints.For(levels.Scope))
            {
                WhyNone = levels.Selected.Count == 0 ? NoneDesired(Sentences.NoneSelectedThere) : null,
                IsToBeSeenFirst = levels is { View: ScopeView.NotRead or ScopeView.Failed, Selected.Count: > 0 },
            };
        }

        if (Observed is { RepositoryListing: { } listing, Selection: { } selection })
        {
            var unselected = selection.Skipped.ToDictionary(s => s.Repository.Id, s => Sentences.LeftOut(s.Rule.ToString()), StringComparer.Ordinal);
            foreach (var repository in RelevantScopes.Of(Connection, listing, selection, Levels))
            {
                scopes[repository.Id] = Below(repository, unselected, scopes, fingerprints);
            }
        }

        return scopes;
    }

    private DesiredScope Below(
        Repository repository, Dictionary<string, string> unselected, Dictionary<string, DesiredScope> above, DesiredFingerprints fingerprints)
    {
        var scope = WebhookScope.Of(repository);
        var why = Levels.IsSelected(scope) ? null : NoneDesired(unselected.GetValueOrDefault(scope.Id, Sentences.NotNamed));
        return new DesiredScope(scope, fingerprints.For(scope))
        {
            WhyNone = why,
            DependsOn = why is null && Levels.ProjectLevelOf(repository) is { } levels ? above.GetValueOrDefault(levels.Scope.Id) : null,
        };
    }

    private string NoneDesired(string why) => Connection.IsDeleting ? Sentences.ConnectionIsDeleted : why;

    // Only a plausible listing takes webhooks away.
    private static string? WhyNotRemove(Connection connection, ConnectionObserved observed)
    {
        if (observed is not { RepositoryListing: { } listing, Selection: { } selection })
        {
            return null;
        }

        if (!listing.IsComplete)
        {
            return Sentences.ListingIncomplete;
        }

        if (ListingPlausibility.Of(connection, listing).Doubt is not null)
        {
            return Sentences.ListingDoubted;
        }

        return selection.Selected.Count > 0 ? null
            : selection.NotFound.Count > 0 ? Sentences.SelectedNotFound
            : Sentences.RulesSelectNone;
    }
}
