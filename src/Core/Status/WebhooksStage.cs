using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>The condition WebhooksReady.</summary>
internal static class WebhooksStage
{
    private const string Type = ConditionTypes.WebhooksReady;

    public static Stage Of(ReconcileOutcome outcome, WebhookTally tally, RepositorySelection selection)
    {
        var notes = outcome.State.RemovalsWithheld is { } why && tally.ManagedIn.Count > 0 ? Sentences.NoneRemoved(why) : "";
        var planned = tally.Planned.Count > 0 ? PlannedChanges.Sum(tally.Planned) : null;
        if (tally.Failures.Count > 0)
        {
            var staying = tally.Staying is { Count: > 0 } scopes ? Sentences.Staying(scopes) : "";
            return Failed(tally, (planned is null ? "" : Sentences.AndPlanned(planned)) + staying + notes);
        }

        var (state, reason, message) = Fine(tally, selection, planned);
        return new Stage(Type, state, reason, message + notes) { Brief = message };
    }

    /// <summary>
    /// True when all that is wrong is that the credential may not manage webhooks in some scopes: the connection does
    /// its work on the others.
    /// </summary>
    public static bool IsDegradedOnly(WebhookTally tally) =>
        tally.Ready + tally.Pending > 0 && tally.Failures.All(f => f.Fault.Reason == Reasons.WebhookPermissionDenied);

    private static (ConditionState State, Reason Reason, string Message) Fine(
        WebhookTally tally, RepositorySelection selection, string? planned)
    {
        if (selection.Selected.Count == 0)
        {
            return (ConditionState.Unknown, Reasons.NotChecked, selection.NotFound.Count > 0 ? Sentences.SelectedMissing : Sentences.NoRepositorySelected);
        }

        if (tally.IsSyncing)
        {
            return (ConditionState.Unknown, Reasons.Progressing, Sentences.Syncing(tally.Ready, tally.Desired));
        }

        if (planned is not null)
        {
            return (ConditionState.Unknown, Reasons.ChangesPlanned, planned);
        }

        if (tally.VerifiedBefore.Count > 0)
        {
            return (ConditionState.Unknown, Reasons.VerifiedBeforeDowngrade, Sentences.VerifiedBefore(tally.VerifiedBefore));
        }

        var inWorkspace = tally.Levels.Desired.Any(w => w.Scope.Kind == ScopeKind.Workspace);
        return tally.Desired == 0
            ? (ConditionState.True, Reasons.NoneDesired, Sentences.NoneDesired)
            : (ConditionState.True, Reasons.InSync, Sentences.InSync(tally.Ready, tally.ReadyProjectLevel, inWorkspace));
    }

    private static Stage Failed(WebhookTally tally, string notes)
    {
        var groups = tally.Failures.GroupBy(f => f.Fault.Reason).OrderBy(g => g.Key.Name, StringComparer.Ordinal).ToList();
        var largest = groups.MaxBy(g => g.Count())!;
        var (failed, ready, desired) = (WebhookCounts.Of(tally).Failed, tally.Ready, tally.Desired);
        var texts = groups.Select(g => Describe(g).Text).ToList();
        if (tally.VerifiedBefore.Count > 0)
        {
            texts.Add(Sentences.AsLastSeen(tally.VerifiedBefore));
        }

        return new Stage(
            Type,
            ConditionState.False,
            groups.Count == 1 ? groups[0].Key : Reasons.SeveralFailures,
            Sentences.SomeFailed(failed, ready, desired, texts) + notes)
        {
            Brief = Sentences.SomeFailed(failed, ready, desired, Describe(largest), groups.Count - 1),
        };
    }

    private static Wording Describe(IGrouping<Reason, WebhookFailure> group)
    {
        var first = group.First();
        return first.Place == Place.Everywhere
            ? first.Fault.Words
            : Sentences.FailedAt(first.Fault.Words, first.Place, several: group.Any(f => f.Place != first.Place));
    }
}
