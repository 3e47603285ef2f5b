using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Ownership;

namespace BitbucketOperator.Core.Planning;

/// <summary>Plans webhooks of projects and workspaces, and what those mean for their repositories.</summary>
internal sealed class ProjectLevelPlanner(DesiredState state)
{
    private readonly ManagedScopes _managed = ManagedScopes.Of(state.Connection);

    /// <summary>What a repository must have beside the webhooks of its project or workspace.</summary>
    public ScopeTasks TasksOnRepositories(ScopeLevels levels)
    {
        var inPlace = InPlace(levels);
        var covered = Sentences.CoveredBy(levels.Scope);
        var ours = Ours(levels);
        return new ScopeTasks(name => levels.Entries[name] switch
        {
            { Held: true } => (EntryTask.Leave, ""),
            { ProjectLevel: false } => (EntryTask.Keep, ""),
            _ when inPlace.Contains(name) => (EntryTask.Remove, covered),
            _ => (levels.View == ScopeView.Read ? EntryTask.RemoveLater : EntryTask.Leave, covered),
        })
        {
            ProjectLevel = levels.Webhooks,
            ProjectLevelScope = levels.Scope,
            Moves = name => ours.Contains(name, StringComparer.Ordinal) ? Sentences.MovesFrom(levels.Scope) : null,
            Counts = name => !levels.Entries[name].ProjectLevel,
        };
    }

    /// <summary>Names of the desired webhooks that are on a project or workspace, as they must be.</summary>
    public IReadOnlySet<string> InPlace(ScopeLevels levels) => levels.View is ScopeView.Read or ScopeView.Inherited
        ? ScopePlanner.InSync(levels.Webhooks, state.Desired, state.Owner)
        : new HashSet<string>(StringComparer.Ordinal);

    /// <summary>The plan for a project or workspace.</summary>
    /// <param name="levels">What was seen there just now.</param>
    /// <param name="whyNone">Why it must have none of ours; null where it must have webhooks.</param>
    /// <param name="facts">What else the plan depends on.</param>
    public ScopePlan Plan(ScopeLevels levels, string? whyNone, ScopeFacts facts)
    {
        if (levels.View is not ScopeView.Read)
        {
            return levels.View == ScopeView.Inherited ? Inherited(levels) : Unread(levels);
        }

        if (whyNone is not null)
        {
            return Deselected(levels, whyNone, facts);
        }

        var settled = SettledEntries(levels);
        var tasks = new ScopeTasks(name => levels.Entries[name] switch
        {
            { Held: true } => (EntryTask.Leave, ""),
            { ProjectLevel: true } => (EntryTask.Keep, ""),
            _ => (settled.Contains(name) ? EntryTask.Remove : EntryTask.RemoveLater, Sentences.MovesToRepositories),
        })
        {
            Counts = name => levels.Entries[name].ProjectLevel,
        };
        return ScopePlanner.ForSelected(
            levels.Scope, levels.Webhooks, state.Desired, state.Owner, state.Connection.Spec.Adoption, facts, state.MayRemove, tasks);
    }

    /// <summary>All projects and workspaces that must have webhooks were seen, as far as anything depends on them.</summary>
    public bool IsSeenElsewhere => !state.Levels.Scopes.Any(
        p => p is { Selected.Count: > 0, View: ScopeView.Failed or ScopeView.NotRead } && state.Levels.IsToBeRead(p.Scope));

    /// <summary>The entries that moved to all repositories, as a text that changes with them: then those above are one too many.</summary>
    public string SettledBelow(ScopeLevels levels) => HoldsWhatGoesDown(levels)
        ? string.Concat(SettledEntries(levels).Order(StringComparer.Ordinal).Select(name => $" {name} settled"))
        : "";

    /// <summary>A webhook there is to be on its repositories instead, so that nothing may be assumed of these.</summary>
    public bool HoldsWhatGoesDown(ScopeLevels levels) =>
        Ours(levels).Exists(hook => levels.Entries.TryGetValue(hook, out var level) && !level.ProjectLevel);

    // Ours is on every repository as it must be, or another connection serves it. Archived ones deliver nothing.
    private HashSet<string> SettledEntries(ScopeLevels levels)
    {
        var below = levels.Selected.Where(r => !r.Archived).Select(r => state.Observed.Checks.GetValueOrDefault(r.Id)).ToList();
        var down = levels.Entries.Where(e => e.Value == default).Select(e => e.Key);
        return [.. down.Where(name => below.TrueForAll(c => IsSettled(c, name)))];
    }

    private bool IsSettled(ScopeCheck? check, string name) =>
        check is { ReadFault: null, IsAssumed: false }
        && check.DesiredFingerprint.StartsWith(state.DesiredFingerprint, StringComparison.Ordinal)
        && (check.InPlace.Contains(name, StringComparer.Ordinal) || check.Served.Contains(name, StringComparer.Ordinal));

    // A renamed project answers under its old key too: what lives under the new one must not go with the old one.
    private ScopePlan Deselected(ScopeLevels levels, string why, ScopeFacts facts)
    {
        var others = state.Levels.Scopes.Where(p => p.Selected.Count > 0).ToList();
        var elsewhere = others.SelectMany(p => p.Webhooks).Select(w => w.Id).ToHashSet(StringComparer.Ordinal);
        var found = levels.Webhooks.Where(w => !elsewhere.Contains(w.Id)).ToList();
        return ScopePlanner.ForUnselected(levels.Scope, found, state.Owner, state.MayRemove && IsSeenElsewhere, why, state.IsAwaitedIn(levels.Scope, facts));
    }

    // What a repository inherits is known, and cannot be changed.
    private ScopePlan Inherited(ScopeLevels levels)
    {
        var (ours, inSync) = (Ours(levels), InPlace(levels));
        var desired = levels.Entries.Where(e => e.Value.ProjectLevel).Select(e => e.Key).ToList();
        var toRemove = ours.Exists(h => !desired.Contains(h, StringComparer.Ordinal));
        var missing = desired.Exists(w => !inSync.Contains(w));
        var failures = missing || toRemove ? new[] { WebhookFailure.At(levels.Scope, webhook: null, levels.Fault!) } : [];
        return new ScopePlan(levels.Scope, levels.Selected.Count > 0, [.. desired.Where(inSync.Contains)], [], failures)
        {
            LeavesOurs = ours.Count > 0,
        };
    }

    private ScopePlan Unread(ScopeLevels levels)
    {
        var isDesired = levels.CountProjectLevel > 0;
        var plan = ScopePlan.Unreadable(levels.Scope, levels.Selected.Count > 0, levels.Fault!);
        return levels.View switch
        {
            ScopeView.Absent => plan with { LeavesOurs = false, ReadFault = null, Failures = isDesired ? plan.Failures : [] },
            _ => plan with { LeavesOurs = _managed.HoldsProjectLevel(levels.Scope) },
        };
    }

    private List<string> Ours(ScopeLevels levels) =>
        [.. levels.Webhooks.Select(w => WebhookMarker.HookOf(w, state.Owner)).OfType<string>()];
}
