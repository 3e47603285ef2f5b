using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Planning;

namespace BitbucketOperator.Core.Status;

/// <summary>Which scopes a reconcile leaves as verified.</summary>
internal static class VerifiedUpdate
{
    /// <summary>What is known to be in place after a reconcile; null when nothing is.</summary>
    public static VerifiedState? After(ReconcileOutcome outcome, WebhookTally tally)
    {
        if (!outcome.Observed.ReachesWebhooks || outcome.Connection.Spec.Mode == WriteMode.Plan)
        {
            return Unchanged(outcome);
        }

        var before = VerifiedSet.KnownOf(outcome.Connection);

        ScopeCheck? CheckOf(string id) => tally.Checks.GetValueOrDefault(id);
        var (old, desired) = (VerifiedSet.Read(before), outcome.State.DesiredFingerprint);
        var scopes = tally.Levels.Desired.ToDictionary(w => w.Scope.Id, w => w.Count, StringComparer.Ordinal);
        var seen = scopes.Where(p => IsAsDesired(CheckOf(p.Key), p.Value)).Select(p => p.Key).ToList();
        var held = outcome.Observed.Selection!.Selected.Select(r => r.Id).Concat(tally.Levels.Scopes.Select(p => p.Scope.Id)).Where(old.Contains).ToList();

        // Webhooks of ours in a scope that left the selection are known until they are seen to be gone.
        var left = outcome.State.Scopes.Values.Where(s => s.WhyNone is not null).Select(s => s.Scope.Id)
            .Where(id => old.Contains(id) && (CheckOf(id) is null or { Failures.Count: > 0 }));
        var unseen = held.Where(r => !CouldSee(CheckOf(r))).Concat(left).ToList();
        var seenAt = seen.Select(r => CheckOf(r)!.CheckedAt).DefaultIfEmpty(outcome.Observed.Now).Min();
        var withheld = outcome.State.RemovalsWithheld is not null;
        if (old.Desired == desired)
        {
            var members = old.With(desired, seen.Concat(unseen), withheld);
            return members.ToState(members.Count > seen.Count ? before!.At : seenAt);
        }

        // What was in place for an earlier desired state is not forgotten before it is seen to be as desired now.
        var known = outcome.Observed.Desired.Count == 0 ? unseen : held.Union(unseen, StringComparer.Ordinal);
        return seen.Count > 0 && !tally.IsSyncing && !unseen.Exists(r => IsDenied(CheckOf(r)))
            ? old.With(desired, seen, keepAll: false).ToState(seenAt)
            : old.With(old.Desired, known, withheld).ToState(before?.At ?? seenAt);
    }

    /// <summary>What is known after a reconcile that looked at no webhook: the same, as long as status goes on telling of the same server.</summary>
    public static VerifiedState? Unchanged(ReconcileOutcome outcome) =>
        outcome.Observed.Server?.Value is null ? outcome.Connection.Known.Verified : VerifiedSet.KnownOf(outcome.Connection);

    private static bool IsAsDesired(ScopeCheck? check, int desired) =>
        check is { VerifiedBefore: false, Failures.Count: 0, Ready: > 0 } && check.Ready == desired;

    private static bool CouldSee(ScopeCheck? check) =>
        check is { VerifiedBefore: false } && !check.Failures.Any(f => f.Webhook is null);

    private static bool IsDenied(ScopeCheck? check) =>
        check is { VerifiedBefore: true } || check?.Failures.Any(f => f.Webhook is null && f.Fault.Reason == Reasons.WebhookPermissionDenied) == true;
}
