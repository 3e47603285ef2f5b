using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>The condition WebhooksReady.</summary>
internal static class WebhooksStage
{
    private const string Type = ConditionTypes.WebhooksReady;

    public static Stage Of(ConnectionPass pass, WebhookTally tally, RepositorySelection selection)
    {
        var withheld = pass.Plan.RemovalsWithheld is { } why && pass.Plan.ManagedBefore.Count > 0 ? $"; no webhook is removed, because {why}" : "";
        var notes = withheld + tally.Levels.Contest.Yielding();
        var planned = tally.Planned.Count > 0 ? PlannedChanges.Sum(tally.Planned) : null;
        if (tally.Failures.Count > 0)
        {
            return Failed(tally, (planned is null ? "" : $". {planned}") + Staying(tally) + notes);
        }

        if (selection.Selected.Count == 0)
        {
            return new Stage(Type, ConditionState.Unknown, Reasons.NotChecked, "no repository is selected" + notes);
        }

        if (planned is not null)
        {
            return new Stage(Type, ConditionState.Unknown, Reasons.ChangesPlanned, planned + notes);
        }

        if (tally.VerifiedBefore.Count > 0)
        {
            return new Stage(
                Type,
                ConditionState.Unknown,
                Reasons.VerifiedBeforeDowngrade,
                $"the credential may no longer see the webhooks of {Places(tally.VerifiedBefore)}; all were in place when last seen (status.webhooks.verified.at)" + notes);
        }

        return tally.Desired == 0
            ? new Stage(Type, ConditionState.True, Reasons.NoneDesired, "spec.webhooks asks for none" + notes)
            : new Stage(Type, ConditionState.True, Reasons.InSync, $"{Counted(tally.Ready)} in place{OnPlacesAbove(tally)}" + notes);
    }

    /// <summary>
    /// True when all that is wrong is that the credential may not manage webhooks in some places: the connection does
    /// its work on the others.
    /// </summary>
    public static bool IsDegradedOnly(WebhookTally tally) =>
        tally.Ready + tally.Pending > 0 && tally.Failures.All(f => f.Fault.Reason == Reasons.WebhookPermissionDenied);

    private static Stage Failed(WebhookTally tally, string notes)
    {
        var groups = tally.Failures.GroupBy(f => f.Fault.Reason).OrderBy(g => g.Key.Name, StringComparer.Ordinal).ToList();
        var texts = groups.Select(g => Describe(g).TrimEnd('.'));
        var unseen = tally.VerifiedBefore.Count == 0 ? "" : $" (on {Places(tally.VerifiedBefore)} as last seen)";
        return new Stage(
            Type,
            ConditionState.False,
            groups.Count == 1 ? groups[0].Key : Reasons.SeveralFailures,
            $"{tally.Ready} of {tally.Desired} webhooks in place{unseen}. {string.Join(". ", texts)}{notes}");
    }

    private static string Describe(IGrouping<Reason, WebhookFailure> group)
    {
        var first = group.First();
        if (first.Place == WebhookFailure.Everywhere)
        {
            return first.Fault.Message;
        }

        var places = group.DistinctBy(f => (f.Level, f.Place.ToUpperInvariant())).CountBy(f => f.Level);
        return places.Sum(p => p.Value) == 1
            ? $"{Named(first.Level, first.Place)}: {first.Fault.Message}"
            : $"{group.Key} on {Places(places)}, first {Named(first.Level, first.Place)}: {first.Fault.Message}";
    }

    /// <summary>A place in a sentence.</summary>
    public static string Named(WebhookPlace place) => Named(place.Level, place.Name);

    private static string Named(WebhookLevel level, string name) => level switch
    {
        WebhookLevel.Project => $"project {name}",
        WebhookLevel.Workspace => $"workspace {name}",
        _ => name,
    };

    private static string Places(IEnumerable<WebhookPlace> places) => Places(places.CountBy(p => p.Level));

    private static string Places(IEnumerable<KeyValuePair<WebhookLevel, int>> places) => string.Join(" and ", places.OrderByDescending(p => p.Key).Select(p => p.Key switch
    {
        WebhookLevel.Project => p.Value == 1 ? "1 project" : $"{p.Value} projects",
        WebhookLevel.Workspace => "the workspace",
        _ => Repositories(p.Value),
    }));

    private static string Staying(WebhookTally tally) => tally.Staying is [var first, ..] places
        ? $"; the webhooks of {Named(first)}{(places.Count == 1 ? "" : $" and of {places.Count - 1} more")} stay until all repositories there have theirs"
        : "";

    private static string OnPlacesAbove(WebhookTally tally)
    {
        if (tally.ReadyAbove == 0)
        {
            return "";
        }

        var isWorkspace = tally.Levels.Wanted.Any(w => w.Place.Level == WebhookLevel.Workspace);
        return $" ({tally.ReadyAbove} on {(isWorkspace ? "the workspace" : tally.ReadyAbove == 1 ? "a project" : "projects")})";
    }

    public static string Repositories(int count) => count == 1 ? "1 repository" : $"{count} repositories";

    public static string Counted(int webhooks) => webhooks == 1 ? "1 webhook" : $"{webhooks} webhooks";
}
