using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>Puts the stages together with Ready, Reconciling and Stalled, as kstatus reads them.</summary>
internal static class ConditionList
{
    public static List<Condition> Finished(
        IReadOnlyList<Stage> stages, WebhookTally tally, IReadOnlyList<Fault> faults, ConnectionPass pass, BitbucketConnectionStatus status)
    {
        var ready = PlanOnly(Ready(stages, tally), pass.Connection.Spec.Mode);
        var flaws = new[] { RemovalBlocked(pass.Connection.Spec, status.Permissions), DeliveryReport.Sentence(status) }.OfType<string>().ToList();
        if (ready.State == ConditionState.True && flaws.Count > 0)
        {
            ready = ready with { Reason = Reasons.Degraded, Message = $"{ready.Message}; {string.Join("; ", flaws)}" };
        }

        var all = new List<Stage> { ready };
        if (ready.State != ConditionState.True)
        {
            var terminal = faults.Concat(tally.Failures.Select(f => f.Fault)).FirstOrDefault(f => f.Class == FaultClass.Terminal);
            all.Add(terminal is null
                ? new Stage(ConditionTypes.Reconciling, ConditionState.True, Reasons.ProgressingWithRetry, "a pass failed and is tried again")
                : new Stage(ConditionTypes.Stalled, ConditionState.True, terminal.Reason, terminal.Message));
        }

        return Stamp([.. all, .. stages, .. Expiring(pass)], pass.Connection, pass.Observed.Now);
    }

    public static List<Condition> InProgress(IReadOnlyList<Stage> stages, ConnectionPass pass)
    {
        var changes = pass.Plan.Changes.Count();
        var message = changes == 1 ? "1 webhook is being changed" : $"{changes} webhooks are being changed";
        Stage[] all =
        [
            new(ConditionTypes.Ready, ConditionState.Unknown, Reasons.Progressing, message),
            new(ConditionTypes.Reconciling, ConditionState.True, Reasons.Progressing, message),
            .. stages.Where(s => s.Type != ConditionTypes.WebhooksReady),
            new(ConditionTypes.WebhooksReady, ConditionState.Unknown, Reasons.Progressing, message),
            .. Expiring(pass),
        ];
        return Stamp(all, pass.Connection, pass.Observed.Now);
    }

    public static List<Condition> Suspended(BitbucketConnection connection, DateTimeOffset now)
    {
        var ready = new Stage(
            ConditionTypes.Ready, ConditionState.Unknown, Reasons.Suspended, "spec.suspend is true: nothing is read or written until it is false again");
        return [.. Stamp([ready], connection, now), .. Kept(connection)];
    }

    public static List<Condition> Deleting(BitbucketConnection connection, Reason reason, string message, DateTimeOffset now)
    {
        Stage[] own =
        [
            new(ConditionTypes.Ready, ConditionState.False, reason, message),
            new(ConditionTypes.Reconciling, ConditionState.True, reason, message),
        ];
        return [.. Stamp(own, connection, now), .. Kept(connection)];
    }

    private static IEnumerable<Stage> Expiring(ConnectionPass pass) => ExpiryStage.Of(pass.Observed) is { } stage ? [stage] : [];

    // What nobody looks at stays as it was found last.
    private static IEnumerable<Condition> Kept(BitbucketConnection connection) =>
        (connection.Status?.Conditions ?? []).Where(c => c.Type is not (ConditionTypes.Ready or ConditionTypes.Reconciling or ConditionTypes.Stalled));

    private static Stage Ready(IReadOnlyList<Stage> stages, WebhookTally tally)
    {
        var failed = stages.FirstOrDefault(s => s.State == ConditionState.False);
        if (failed is null)
        {
            var unknown = stages.FirstOrDefault(s => s.State == ConditionState.Unknown && s.Reason != Reasons.VerifiedBeforeDowngrade && s.Reason != Reasons.ChangesPlanned);
            return unknown is null
                ? new Stage(ConditionTypes.Ready, ConditionState.True, Reasons.Succeeded, $"{stages[2].Message}; {stages[3].Message}")
                : new Stage(ConditionTypes.Ready, ConditionState.Unknown, unknown.Reason, unknown.Message);
        }

        return failed.Type == ConditionTypes.WebhooksReady && WebhooksStage.IsDegradedOnly(tally)
            ? new Stage(ConditionTypes.Ready, ConditionState.True, Reasons.Degraded, failed.Message)
            : new Stage(ConditionTypes.Ready, ConditionState.False, failed.Reason, failed.Message);
    }

    private static Stage PlanOnly(Stage ready, Mode mode)
    {
        if (mode != Mode.Plan || ready.Reason != Reasons.Succeeded)
        {
            return ready;
        }

        return ready with
        {
            Reason = Reasons.PlanOnly,
            Message = ready.Message.Contains(PlannedChanges.NothingChanges, StringComparison.Ordinal) ? ready.Message : $"{ready.Message}; {PlannedChanges.NothingChanges}",
        };
    }

    private static List<Condition> Stamp(IEnumerable<Stage> stages, BitbucketConnection connection, DateTimeOffset now)
    {
        var before = connection.Status?.Conditions ?? [];
        return stages.Select(stage =>
        {
            var earlier = before.Find(c => c.Type == stage.Type);
            return new Condition
            {
                Type = stage.Type,
                Status = stage.State,
                Reason = stage.Reason.Name,
                Message = stage.Message,
                LastTransitionTime = earlier?.Status == stage.State ? earlier.LastTransitionTime : now,
                ObservedGeneration = connection.Metadata.Generation,
            };
        }).ToList();
    }

    // Told while the connection lives, not only when it goes.
    private static string? RemovalBlocked(BitbucketConnectionSpec spec, IReadOnlyList<PermissionStatus>? permissions)
    {
        var row = permissions?.FirstOrDefault(p => p.Capability == nameof(Capability.DeleteWebhooks));
        return row?.State == PermissionState.Missing && spec.DeletionPolicy == DeletionPolicy.Delete && spec.Webhooks.Count > 0
            ? $"webhooks cannot be removed: {row.Message?.TrimEnd('.')}, or set spec.deletionPolicy to Retain to leave them in place"
            : null;
    }
}
