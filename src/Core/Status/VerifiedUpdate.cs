using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Planning;

namespace BitbucketOperator.Core.Status;

/// <summary>Which scopes a reconcile leaves as verified.</summary>
internal static class VerifiedUpdate
{
    /// <summary>What is known to be as desired after a reconcile. Equal input, equal knowledge.</summary>
    public static VerifiedScopes After(ReconcileOutcome outcome, WebhookTally tally)
    {
        // As long as the server that spec names now was not reached, status goes on telling of the one before.
        var known = outcome.Observed.Server?.Value is null ? outcome.Connection.Known.Verified : VerifiedScopes.Of(outcome.Connection);
        if (!outcome.Observed.ReachesWebhooks)
        {
            return known;
        }

        var update = new Update(outcome, tally, known);
        var after = new ScopeMap();
        foreach (var id in update.Scopes())
        {
            if (update.After(id) is { } scope)
            {
                after.Set(id, scope);
            }
        }

        return VerifiedScopes.Of(after).Or(known);
    }

    private sealed class Update
    {
        private readonly ReconcileOutcome _outcome;
        private readonly WebhookTally _tally;
        private readonly VerifiedScopes _known;
        private readonly VerifiedScope _desired;

        public Update(ReconcileOutcome outcome, WebhookTally tally, VerifiedScopes known)
        {
            (_outcome, _tally, _known) = (outcome, tally, known);
            _desired = new VerifiedScope(VerifiedScopes.Shortened(outcome.State.DesiredFingerprint));
        }

        public IEnumerable<string> Scopes()
        {
            var scopes = _outcome.State.Scopes;
            var listed = scopes.Keys
                .Concat(_outcome.Observed.Selection!.Selected.Select(r => r.Id).Where(id => !scopes.ContainsKey(id)))
                .Concat(_tally.Levels.Scopes.Select(p => p.Scope.Id).Where(id => !scopes.ContainsKey(id)));
            return _outcome.State.MayRemove ? listed : listed.Concat(_known.Ids);
        }

        public VerifiedScope? After(string id)
        {
            var before = _known.Find(id);
            if (_outcome.Connection.Spec.Mode == WriteMode.Plan)
            {
                return before;
            }

            var check = _tally.Checks.GetValueOrDefault(id);
            if (_outcome.State.Scopes.GetValueOrDefault(id) is { WhyNone: not null })
            {
                // Webhooks of ours in a scope that left the selection are known until they are seen to be gone.
                return check is null or { Failures.Count: > 0 } ? before : IsClean(check) ? new VerifiedScope(VerifiedScopes.Clean) : WhileWithheld(before);
            }

            if (IsAsDesired(check, _tally.Levels))
            {
                return _desired;
            }

            return before is not { IsClean: false } held ? null
                : !_tally.Levels.Contains(id) || !IsKept(held, check) ? WhileWithheld(held)
                : held with { IsHidden = held.IsHidden || check is { VerifiedBefore: true } };
        }

        // While nothing may be removed, nothing is forgotten.
        private VerifiedScope? WhileWithheld(VerifiedScope? before) => _outcome.State.MayRemove ? null : before;

        // What was in place for an earlier desired state is not forgotten before it is seen to be as desired now.
        private bool IsKept(VerifiedScope before, ScopeCheck? check) =>
            !CouldSee(check) || (before.Desired != _desired.Desired && _outcome.Observed.Desired.Count > 0);

        private static bool IsAsDesired(ScopeCheck? check, WebhookLevels levels) =>
            check is { VerifiedBefore: false, Failures.Count: 0, Ready: > 0 } && check.Ready == levels.CountOf(check.Scope);

        private static bool IsClean(ScopeCheck check) =>
            check is { HoldsOurs: false, Unseen: false, ReadFault: null, IsHandingOver: false, MovePending: false };

        private static bool CouldSee(ScopeCheck? check) =>
            check is { VerifiedBefore: false } && !check.Failures.Any(f => f.Webhook is null);
    }
}
