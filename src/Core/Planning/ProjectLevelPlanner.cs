using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Ownership;

namespace BitbucketOperator.Core.Planning;

/// <summary>
/// Plans webhooks of projects and workspaces, and what those mean for their repositories. A webhook moves in two reconciles: the
/// first makes it where it goes, the second sees it there and takes it away where it was. So no event is missed, and what is
/// delivered twice is so between two reconciles only.
/// </summary>
internal sealed class ProjectLevelPlanner(ConnectionPlanner.Input input)
{
    /// <summary>What a repository must have beside the webhooks of its project or workspace.</summary>
    public ScopeTasks TasksOnRepositories(ScopeLevels? projectLevel)
    {
        if (projectLevel is null)
        {
            return ScopeTasks.All;
        }

        var inPlace = projectLevel.View is ScopeView.Read or ScopeView.Inherited
            ? ScopePlanner.InSync(projectLevel.Webhooks, input.Desired, input.Owner)
            : [];
        var covered = Sentences.CoveredBy(projectLevel.Scope);
        var ours = Ours(projectLevel);
        return new ScopeTasks(name => projectLevel.Entries[name] switch
        {
            { Held: true } => (EntryTask.Leave, ""),
            { ProjectLevel: false } => (EntryTask.Keep, ""),
            _ when inPlace.Contains(name) => (EntryTask.Remove, covered),
            _ => (projectLevel.View == ScopeView.Read ? EntryTask.RemoveLater : EntryTask.Leave, covered),
        })
        {
            ProjectLevel = projectLevel.Webhooks,
            ProjectLevelScope = projectLevel.Scope,
            Moves = name => ours.Contains(name, StringComparer.Ordinal) ? Sentences.MovesFrom(projectLevel.Scope) : null,
            Counts = name => !projectLevel.Entries[name].ProjectLevel,
        };
    }

    /// <summary>The plan for a project or workspace, once those for its repositories are known.</summary>
    public ScopePlan Plan(ScopeLevels levels, ILookup<string, ScopePlan> below)
    {
        if (levels.View is not ScopeView.Read)
        {
            return levels.View == ScopeView.Inherited ? Inherited(levels) : Unread(levels);
        }

        if (levels.Selected.Count == 0)
        {
            return Deselected(levels);
        }

        var plans = levels.Selected.Where(r => !r.Archived).SelectMany(r => below[r.Id]).ToList();
        var tasks = new ScopeTasks(name => levels.Entries[name] switch
        {
            { Held: true } => (EntryTask.Leave, ""),
            { ProjectLevel: true } => (EntryTask.Keep, ""),
            _ => (plans.TrueForAll(p => IsSettled(p, name)) ? EntryTask.Remove : EntryTask.RemoveLater, Sentences.MovesToRepositories),
        })
        {
            Moves = name => plans.Exists(p => p.Later.Any(c => c.Hook == name)) ? Sentences.MovesTo(levels.Scope) : null,
            Counts = name => levels.Entries[name].ProjectLevel,
        };
        return ScopePlanner.ForSelected(
            levels.Scope, levels.Webhooks, input.Desired, input.Owner, input.Adoption, input.ConflictRules, input.MayRemove, tasks);
    }

    // Settled: ours was seen there as it must be, or an older connection serves the repository.
    private static bool IsSettled(ScopePlan plan, string name) =>
        plan.InSync.Contains(name, StringComparer.Ordinal) || plan.Served.Contains(name, StringComparer.Ordinal);

    // A renamed project answers under its old key too: what lives under the new one must not go with the old one.
    private ScopePlan Deselected(ScopeLevels levels)
    {
        var others = input.Levels.Scopes.Where(p => p.Selected.Count > 0).ToList();
        var elsewhere = others.SelectMany(p => p.Webhooks).Select(w => w.Id).ToHashSet(StringComparer.Ordinal);
        var mayRemove = input.MayRemove && !others.Exists(p => p.View == ScopeView.Failed);
        var found = levels.Webhooks.Where(w => !elsewhere.Contains(w.Id)).ToList();
        return ScopePlanner.ForUnselected(levels.Scope, found, input.Owner, mayRemove, Sentences.NoneSelectedThere);
    }

    // What a repository inherits is known, and cannot be changed.
    private ScopePlan Inherited(ScopeLevels levels)
    {
        var (ours, inSync) = (Ours(levels), ScopePlanner.InSync(levels.Webhooks, input.Desired, input.Owner));
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
        var mayHold = input.Managed.Contains(levels.Scope.Id);
        var plan = new ScopePlan(levels.Scope, levels.Selected.Count > 0, [], [], []) { LeavesOurs = mayHold };
        switch (levels.View)
        {
            case ScopeView.Denied when isDesired && input.Downgrade.Covers(levels.Scope):
                return plan with { InSync = [.. input.Downgrade.Verified.Where(n => levels.Entries[n].ProjectLevel)], VerifiedBefore = true };
            case ScopeView.Denied:
                var why = input.Downgrade.Explain(levels.Scope, isDesired, levels.Fault!);
                return why is null || (!isDesired && !input.Downgrade.Knows(levels.Scope))
                    ? plan
                    : plan with { Failures = [WebhookFailure.At(levels.Scope, webhook: null, why)] };
            case ScopeView.Absent:
                return plan with
                {
                    LeavesOurs = false,
                    Failures = isDesired ? [WebhookFailure.At(levels.Scope, webhook: null, levels.Fault!)] : [],
                };
            case ScopeView.Failed:
                return plan with { Failures = [WebhookFailure.At(levels.Scope, webhook: null, levels.Fault!)] };
            default:
                throw new NotSupportedException($"The webhooks of a scope that is {levels.View} are planned elsewhere.");
        }
    }

    private List<string> Ours(ScopeLevels levels) =>
        [.. levels.Webhooks.Select(w => WebhookMarker.HookOf(w, input.Owner)).OfType<string>()];
}
