namespace BitbucketOperator.Core.Connection;

/// <summary>
/// Plans webhooks of projects and workspaces, and what those mean for their repositories. A webhook moves in two passes: the
/// first makes it where it goes, the second sees it there and takes it away where it was. So no event is missed, and what is
/// delivered twice is so between two passes only.
/// </summary>
internal sealed class AbovePlanner(ConnectionPlanner.Input input)
{
    /// <summary>What a repository must have beside the webhooks of its project or workspace.</summary>
    public PlaceWish WishBelow(PlaceLevels? above)
    {
        if (above is null)
        {
            return PlaceWish.All;
        }

        var inPlace = above.View is PlaceView.Read or PlaceView.Inherited ? PlacePlanner.InSync(above.Webhooks, input.Desired, input.Owner) : [];
        var named = WebhooksStage.Named(above.Place);
        var ours = Ours(above);
        return new PlaceWish(name => above.Entries[name] switch
        {
            { Held: true } => (EntryTask.Leave, ""),
            { Above: false } => (EntryTask.Keep, ""),
            _ when inPlace.Contains(name) => (EntryTask.Remove, $"covered by the webhook of {named}"),
            _ => (above.View == PlaceView.Read ? EntryTask.RemoveLater : EntryTask.Leave, $"covered by the webhook of {named}"),
        })
        {
            Above = above.Webhooks,
            AbovePlace = above.Place,
            Moves = name => ours.Contains(name, StringComparer.Ordinal) ? $"moves from {named}" : null,
            Counts = name => !above.Entries[name].Above,
        };
    }

    /// <summary>The plan for a project or workspace, once those for its repositories are known.</summary>
    public PlacePlan Plan(PlaceLevels levels, ILookup<string, PlacePlan> below)
    {
        if (levels.View is not PlaceView.Read)
        {
            return levels.View == PlaceView.Inherited ? Inherited(levels) : Unread(levels);
        }

        if (levels.Selected.Count == 0)
        {
            return Deselected(levels);
        }

        var plans = levels.Selected.Where(r => !r.Archived).SelectMany(r => below[r.Id]).ToList();
        var wish = new PlaceWish(name => levels.Entries[name] switch
        {
            { Held: true } => (EntryTask.Leave, ""),
            { Above: true } => (EntryTask.Keep, ""),
            _ => (plans.TrueForAll(p => IsSettled(p, name)) ? EntryTask.Remove : EntryTask.RemoveLater, "moves to the repositories"),
        })
        {
            Moves = name => plans.Exists(p => p.Later.Any(c => c.Hook == name)) ? $"moves to {WebhooksStage.Named(levels.Place)}" : null,
            Counts = name => levels.Entries[name].Above,
        };
        return PlacePlanner.ForSelected(levels.Place, levels.Webhooks, input.Desired, input.Owner, input.Adoption, input.Contest, input.MayRemove, wish);
    }

    // Settled: ours was seen there as it must be, or an older connection serves the repository.
    private static bool IsSettled(PlacePlan plan, string name) =>
        plan.InSync.Contains(name, StringComparer.Ordinal) || plan.Served.Contains(name, StringComparer.Ordinal);

    // A renamed project answers under its old key too: what lives under the new one must not go with the old one.
    private PlacePlan Deselected(PlaceLevels levels)
    {
        var others = input.Levels.Places.Where(p => p.Selected.Count > 0).ToList();
        var elsewhere = others.SelectMany(p => p.Webhooks).Select(w => w.Id).ToHashSet(StringComparer.Ordinal);
        var mayRemove = input.MayRemove && !others.Exists(p => p.View == PlaceView.Failed);
        var found = levels.Webhooks.Where(w => !elsewhere.Contains(w.Id)).ToList();
        return PlacePlanner.ForUnselected(levels.Place, found, input.Owner, mayRemove, "spec.discovery selects no repository there");
    }

    // What a repository inherits is known, and cannot be changed.
    private PlacePlan Inherited(PlaceLevels levels)
    {
        var (ours, inSync) = (Ours(levels), PlacePlanner.InSync(levels.Webhooks, input.Desired, input.Owner));
        var wanted = levels.Entries.Where(e => e.Value.Above).Select(e => e.Key).ToList();
        var toRemove = ours.Exists(h => !wanted.Contains(h, StringComparer.Ordinal));
        var missing = wanted.Exists(w => !inSync.Contains(w));
        return new PlacePlan(
            levels.Place, levels.Selected.Count > 0, [.. wanted.Where(inSync.Contains)], [], missing || toRemove ? [WebhookFailure.At(levels.Place, webhook: null, levels.Fault!)] : [])
        {
            LeavesOurs = ours.Count > 0,
        };
    }

    private PlacePlan Unread(PlaceLevels levels)
    {
        var isWanted = levels.CountAbove > 0;
        var mayHold = input.Managed.Contains(levels.Place.Id);
        var plan = new PlacePlan(levels.Place, levels.Selected.Count > 0, [], [], []) { LeavesOurs = mayHold };
        switch (levels.View)
        {
            case PlaceView.Denied when isWanted && input.Downgrade.Covers(levels.Place):
                return plan with { InSync = [.. input.Downgrade.Verified.Where(n => levels.Entries[n].Above)], VerifiedBefore = true };
            case PlaceView.Denied:
                var why = input.Downgrade.Explain(levels.Place, isWanted, levels.Fault!);
                return why is null || (!isWanted && !input.Downgrade.Knows(levels.Place)) ? plan : plan with { Failures = [WebhookFailure.At(levels.Place, webhook: null, why)] };
            case PlaceView.Absent:
                return plan with { LeavesOurs = false, Failures = isWanted ? [WebhookFailure.At(levels.Place, webhook: null, levels.Fault!)] : [] };
            default:
                return plan with { Failures = [WebhookFailure.At(levels.Place, webhook: null, levels.Fault!)] };
        }
    }

    private List<string> Ours(PlaceLevels levels) =>
        [.. levels.Webhooks.Select(w => WebhookMarker.HookOf(w, input.Owner)).OfType<string>()];
}
