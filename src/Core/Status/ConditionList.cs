using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>Puts the stages together with Ready, Reconciling and Stalled, as kstatus reads them.</summary>
internal static class ConditionList
{
    public static List<Condition> Finished(
        IReadOnlyList<Stage> stages,
        WebhookTally tally,
        IReadOnlyList<Fault> faults,
        ReconcileOutcome outcome,
        BitbucketConnectionStatus status,
        BitbucketConnectionStatus? before)
    {
        var ready = PlanOnly(Ready(stages, tally), outcome.Connection.Spec.Mode, tally);
        Wording?[] sentences = [RemovalBlocked(outcome.Connection.Spec, status.Permissions), DeliveryReport.Sentence(status)];
        var flaws = sentences.OfType<Wording>().ToList();
        if (ready.State == ConditionState.True && ready.Reason != Reasons.Degraded && flaws.Count > 0)
        {
            ready = ready with { Reason = Reasons.Degraded, Message = Flawed(flaws) };
        }

        var all = new List<Stage> { ready };
        if (ready.State != ConditionState.True)
        {
            var terminal = faults.Concat(tally.Failures.Select(f => f.Fault)).FirstOrDefault(f => f.Class == FaultClass.Terminal);
            all.Add(ready.Reason == Reasons.Progressing
                ? ready with { Type = ConditionTypes.Reconciling, State = ConditionState.True }
                : terminal is null
                ? new Stage(ConditionTypes.Reconciling, ConditionState.True, Reasons.ProgressingWithRetry, Sentences.RetriedAfterFailure)
                : new Stage(ConditionTypes.Stalled, ConditionState.True, terminal.Reason, terminal.Message));
        }

        return Stamp([.. all, .. stages, .. Expiring(outcome)], outcome.Connection.Generation, before, outcome.Observed.Now);
    }

    public static List<Condition> Suspended(Connection connection, BitbucketConnectionStatus? before, DateTimeOffset now)
    {
        var ready = new Stage(ConditionTypes.Ready, ConditionState.Unknown, Reasons.Suspended, Sentences.Suspended);
        return [.. Stamp([ready], connection.Generation, before, now), .. Kept(before)];
    }

    // What was seen since the deletion takes the place of what was seen before.
    public static List<Condition> Deleting(
        Connection connection, BitbucketConnectionStatus? before, Reason reason, Wording words, DateTimeOffset now, params IEnumerable<Stage> seen)
    {
        Stage[] own =
        [
            new(ConditionTypes.Ready, ConditionState.False, reason, words.Within(Sentences.MostInReady)),
            new(ConditionTypes.Reconciling, ConditionState.True, reason, words.Text),
            .. seen,
        ];
        var kept = Kept(before).Where(c => !Array.Exists(own, s => s.Type == c.Type));
        return [.. Stamp(own, connection.Generation, before, now).Concat(kept).OrderBy(c => ConditionTypes.OrderOf(c.Type))];
    }

    public static List<Condition> Failed(long? generation, BitbucketConnectionStatus? before, Fault fault, DateTimeOffset now)
    {
        Stage[] own =
        [
            new(ConditionTypes.Ready, ConditionState.False, fault.Reason, fault.Words.Within(Sentences.MostInReady)),
            new(ConditionTypes.Reconciling, ConditionState.True, Reasons.ProgressingWithRetry, fault.Message),
        ];
        return [.. Stamp(own, generation, before, now), .. Kept(before)];
    }

    private static string Flawed(List<Wording> flaws) =>
        flaws.Count == 1 ? flaws[0].Within(Sentences.MostInReady) : Sentences.Together(flaws.Select(f => f.Problem));

    private static IEnumerable<Stage> Expiring(ReconcileOutcome outcome) => ExpiryStage.Of(outcome.Observed) is { } stage ? [stage] : [];

    // What is not checked stays as it was found last.
    private static IEnumerable<Condition> Kept(BitbucketConnectionStatus? before) =>
        (before?.Conditions ?? []).Where(c => c.Type is not (ConditionTypes.Ready or ConditionTypes.Reconciling or ConditionTypes.Stalled));

    private static Stage Ready(IReadOnlyList<Stage> stages, WebhookTally tally)
    {
        var failed = stages.FirstOrDefault(s => s.State == ConditionState.False);
        if (failed is null)
        {
            var unknown = stages.FirstOrDefault(s =>
                s.State == ConditionState.Unknown && s.Reason != Reasons.VerifiedBeforeDowngrade && s.Reason != Reasons.ChangesPlanned);
            var done = Sentences.Together(BriefOf(ConditionTypes.RepositoriesDiscovered), BriefOf(ConditionTypes.WebhooksReady));
            return unknown is null
                ? new Stage(ConditionTypes.Ready, ConditionState.True, Reasons.Succeeded, done)
                : new Stage(ConditionTypes.Ready, ConditionState.Unknown, unknown.Reason, unknown.Brief);
        }

        return failed.Type == ConditionTypes.WebhooksReady && WebhooksStage.IsDegradedOnly(tally)
            ? new Stage(ConditionTypes.Ready, ConditionState.True, Reasons.Degraded, failed.Brief)
            : new Stage(ConditionTypes.Ready, ConditionState.False, failed.Reason, failed.Brief);

        string BriefOf(string type) => stages.Single(s => s.Type == type).Brief;
    }

    private static Stage PlanOnly(Stage ready, WriteMode mode, WebhookTally tally)
    {
        if (mode != WriteMode.Plan || ready.Reason != Reasons.Succeeded)
        {
            return ready;
        }

        return ready with
        {
            Reason = Reasons.PlanOnly,
            Message = tally.Planned.Count > 0 ? ready.Message : Sentences.Together(ready.Message, Sentences.NothingChanges),
        };
    }

    private static List<Condition> Stamp(
        IEnumerable<Stage> stages, long? generation, BitbucketConnectionStatus? before, DateTimeOffset now)
    {
        return stages.OrderBy(s => ConditionTypes.OrderOf(s.Type)).Select(stage =>
        {
            var earlier = before?.Conditions.Find(c => c.Type == stage.Type);
            return new Condition
            {
                Type = stage.Type,
                Status = stage.State,
                Reason = stage.Reason.Name,
                Message = stage.Message,
                LastTransitionTime = earlier?.Status == stage.State ? earlier.LastTransitionTime : now,
                ObservedGeneration = generation,
            };
        }).ToList();
    }

    // Said while the connection lives, not only when it goes.
    private static Wording? RemovalBlocked(ConnectionSpec spec, IReadOnlyList<PermissionStatus>? permissions)
    {
        var row = permissions?.FirstOrDefault(p => p.Capability == nameof(Capability.DeleteWebhooks));
        return row?.State == PermissionState.Missing && spec.DeletionPolicy == DeletionRule.Delete && spec.Webhooks.Count > 0
            ? Sentences.RemovalBlocked
            : null;
    }
}
