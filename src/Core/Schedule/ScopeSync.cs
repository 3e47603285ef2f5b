using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Schedule;

/// <summary>What a sync of one scope leaves.</summary>
public static class ScopeSync
{
    /// <summary>What is known of a scope after its sync.</summary>
    /// <param name="state">What was desired.</param>
    /// <param name="scope">Which scope.</param>
    /// <param name="found">Its webhooks; null where they could not be read.</param>
    /// <param name="plan">What was to be done.</param>
    /// <param name="results">What was done of it, or tried.</param>
    /// <param name="seen">A project or workspace: what was seen of its webhooks.</param>
    /// <param name="before">What was known before; null for nothing.</param>
    /// <param name="now">The time.</param>
    public static ScopeCheck CheckOf(
        DesiredState state,
        DesiredScope scope,
        IReadOnlyList<Webhook>? found,
        ScopePlan plan,
        IReadOnlyList<AppliedChange> results,
        ProjectLevelView? seen,
        ScopeCheck? before,
        DateTimeOffset now)
    {
        var refused = results.Where(r => r.Fault is not null && !IsNoFailure(r)).ToList();
        List<WebhookFailure> failures =
        [
            .. plan.Failures.Where(f => !IsBrokenEntry(state, f)),
            .. refused.Select(r => WebhookFailure.At(plan.Scope, r.Change.Hook, r.Fault!)),
        ];
        var written = results.Where(r => r.Fault is null && r.Change.Kind != ChangeKind.Remove).ToList();
        var notKept = written.Select(r => (Result: r, Fault: WrittenCheck.NotKept(r))).Where(w => w.Fault is not null).ToList();
        failures.AddRange(notKept.Select(w => WebhookFailure.At(plan.Scope, w.Result.Change.Hook, w.Fault!)));
        var made = written.Except(notKept.Select(w => w.Result)).Select(r => r.Change.Hook);
        var mayHealByItself = notKept.Count > 0
            || plan.IsHandingOver
            || failures.Exists(f => f.Fault.Class == FaultClass.Transient || f.Fault.Reason == Reasons.WebhookConflict || state.Connection.IsDeleting);
        var check = new ScopeCheck(now, now, scope.Fingerprint, [.. plan.InSync, .. made], failures)
        {
            Scope = scope.Scope,
            Selected = plan.Selected,
            Tries = mayHealByItself ? (before?.Tries ?? 0) + 1 : 0,
            ReadFault = plan.ReadFault,
            Deliveries = plan.Selected ? DeliverySchedule.After(
                state, found, plan.ReadFault is { Class: not FaultClass.Transient }, results, before?.Deliveries ?? [], now) : [],
            Planned = state.Connection.Spec.Mode == Model.WriteMode.Plan ? [.. plan.Changes, .. plan.Later] : [],
            Refused = refused,
            Served = plan.Served,
            WaitsFor = [.. plan.WaitsFor.Concat(NotTakenOver(refused, state.Owner)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            IsHandingOver = plan.IsHandingOver,
            Written = WrittenCheck.After(plan, written, before, isSame: before is not null && SyncSchedule.IsCurrent(before, scope)),
            RemovalsWithheld = plan.RemovalsWithheld,
            HoldsOurs = plan.LeavesOurs || refused.Count > 0,
            MovePending = plan.Later.Count > 0,
            ProjectLevel = seen is null ? null : After(seen, results, before?.ProjectLevel),
        };

        // What counts as in place although it may not be seen any more is not a failure.
        return check with { DueAt = SyncSchedule.DueAfter(state.Interpret(check), state) };
    }

    /// <summary>What is known of a project or workspace whose webhooks were read to know what is desired there.</summary>
    public static ScopeCheck SeenOnly(DesiredState state, DesiredScope scope, ProjectLevelView seen, ScopeCheck? before, DateTimeOffset now) =>
        seen.View == ScopeView.Failed
            ? CheckOf(state, scope, found: null, ScopePlan.Unreadable(scope.Scope, selected: true, seen.Fault!), [], seen, before, now)
            : new ScopeCheck(now, now, "", [], []) { Scope = scope.Scope, Selected = true, ProjectLevel = seen, HoldsOurs = before?.HoldsOurs ?? false };

    // A read that fails says nothing of what was seen before.
    private static ProjectLevelView After(ProjectLevelView seen, IReadOnlyList<AppliedChange> results, ProjectLevelView? before)
    {
        if (seen.View == ScopeView.Failed)
        {
            return before is null or { View: ScopeView.NotRead } ? seen : before;
        }

        var webhooks = seen.Webhooks.ToDictionary(w => w.Id, StringComparer.Ordinal);
        foreach (var result in results.Where(r => r.Fault is null))
        {
            if (result.Change.Kind == ChangeKind.Remove)
            {
                webhooks.Remove(result.Change.Current!.Id);
            }
            else if (result.Webhook is { } stored)
            {
                webhooks[stored.Id] = stored;
            }
        }

        return seen with { Webhooks = [.. webhooks.Values] };
    }

    // Whose webhooks are still to be taken over: it is tried again.
    private static IEnumerable<string> NotTakenOver(IEnumerable<AppliedChange> refused, WebhookOwner self) => refused
        .Where(r => r is { Fault.Class: FaultClass.Transient, Change.Kind: ChangeKind.Update })
        .Select(r => WebhookMarker.Of(r.Change.Current!, self)?.Owner)
        .OfType<string>()
        .Where(owner => owner != self.Id);

    private static bool IsNoFailure(AppliedChange result) => result.IsRefusedByArchive && result.Fault!.Class != FaultClass.Transient;

    // A fault of the spec's entry itself is reported once, not for every repository.
    private static bool IsBrokenEntry(DesiredState state, WebhookFailure failure) =>
        state.Observed.Desired.Any(d => d.Name == failure.Webhook && ReferenceEquals(d.Definition.Fault, failure.Fault));
}
