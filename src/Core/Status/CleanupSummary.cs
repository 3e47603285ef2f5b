using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>How the clean-up of a deleted connection goes.</summary>
/// <param name="Done">Nothing of ours is left, as far as the credential ever reached: the resource may go.</param>
/// <param name="IsBlocked">Something stands in the way.</param>
/// <param name="Message">For people: what was done, or what stands in the way and what to do about it.</param>
/// <param name="Status">The status to write while it is not done; null when it is.</param>
public sealed record CleanupSummary(bool Done, bool IsBlocked, string Message, BitbucketConnectionStatus? Status)
{
    private static readonly TimeSpan AfterLimit = TimeSpan.FromSeconds(30);

    /// <summary>How long the server's limit lets it wait; null when no limit does.</summary>
    public TimeSpan? Wait { get; private init; }

    /// <summary>Folds what is known of a clean-up.</summary>
    /// <param name="outcome">The reconcile.</param>
    /// <param name="removed">How many webhooks were removed since the clean-up began.</param>
    /// <param name="before">The status before.</param>
    public static CleanupSummary Of(ReconcileOutcome outcome, int removed, BitbucketConnectionStatus? before)
    {
        var tally = WebhookTally.Of(outcome);
        var faults = Faults(outcome, tally);
        var isListed = outcome.Observed.RepositoryListing is not null;
        var isHandingOver = tally.Checks.Values.Any(c => c.IsHandingOver);
        if (faults.Count == 0 && isListed && !tally.IsSyncing && !isHandingOver)
        {
            return new CleanupSummary(Done: true, IsBlocked: false, Sentences.Removed(removed), Status: null);
        }

        // A limit pauses, and blocks nothing.
        var limit = faults.TrueForAll(f => f.Fault.Reason == Reasons.RateLimited) ? faults.FirstOrDefault().Fault : null;
        var isBlocked = faults.Count > 0 && limit is null;
        Wording words = isBlocked
            ? Sentences.CleanupBlocked(faults[0].Fault.Words, faults[0].At is { } scope ? Sentences.Named(scope) : null)
            : limit is not null
            ? limit.Words
            : isListed && isHandingOver
            ? Sentences.HandingOver
            : isListed
            ? Sentences.CleaningUp(outcome.State.Scopes.Count - tally.Checks.Count, outcome.State.Scopes.Count)
            : Sentences.Discovering(outcome.Observed.DiscoveredSoFar ?? 0);
        var reason = isBlocked ? Reasons.CleanupBlocked : Reasons.Progressing;
        var deleting = StatusOf(outcome.Connection, before, reason, words, outcome.Observed.Now, Seen(outcome));
        return new CleanupSummary(Done: false, isBlocked, words.Text, deleting) { Wait = limit is null ? null : limit.RetryAfter ?? AfterLimit };
    }

    /// <summary>Nothing is done for now.</summary>
    /// <param name="connection">The resource.</param>
    /// <param name="message">Why.</param>
    /// <param name="before">The status before.</param>
    /// <param name="now">The time.</param>
    /// <param name="outcome">What was seen; null where nobody looked.</param>
    public static CleanupSummary Waiting(
        Connection connection, string message, BitbucketConnectionStatus? before, DateTimeOffset now, ReconcileOutcome? outcome = null) =>
        new(Done: false, IsBlocked: false, message, StatusOf(connection, before, Reasons.Progressing, message, now, Seen(outcome)));

    private static Stage[] Seen(ReconcileOutcome? outcome) => outcome is null ? [] : [.. StageConditions.Contact(outcome)];

    private static BitbucketConnectionStatus StatusOf(
        Connection connection, BitbucketConnectionStatus? before, Reason reason, Wording words, DateTimeOffset now, Stage[] seen)
    {
        var status = before ?? new BitbucketConnectionStatus();
        return new BitbucketConnectionStatus
        {
            ObservedGeneration = connection.Generation,
            Conditions = ConditionList.Deleting(connection, before, reason, words, now, seen),
            Server = status.Server,
            Account = status.Account,
            OwnerId = status.OwnerId,
            Permissions = status.Permissions,
            Repositories = status.Repositories,
            Webhooks = status.Webhooks?.WithoutExpectation(),
            Failures = status.Failures,
            FailuresNotListed = status.FailuresNotListed,
            LastHandledReconcileAt = connection.Known.HandledRequest,
            Bookkeeping = Bookkeeping.Kept(connection),
        };
    }

    // Once the scopes were read, what the spec asks of a living connection stands in nobody's way.
    private static List<(Fault Fault, WebhookScope? At)> Faults(ReconcileOutcome outcome, WebhookTally tally)
    {
        if (outcome.Observed.RepositoryListing is not { } inventory)
        {
            return [.. ConnectionSummary.StageFaults(outcome.Observed).Select(Anywhere)];
        }

        var login = inventory.Former.Count > 0 ? outcome.Observed.WebhookLoginFault : null;
        return
        [
            .. inventory.Faults.Select(Anywhere),
            .. login is null ? [] : new[] { Anywhere(login) },
            .. tally.Checks.Values.SelectMany(c => c.Refused).Select(a => (a.Fault!, a.Change.Scope)),
            .. HiddenFaults(outcome, tally),
        ];

        static (Fault Fault, WebhookScope? At) Anywhere(Fault fault) => (fault, null);
    }

    // A repository whose webhooks the credential may not see never had one of ours, unless they were seen in place before, or
    // more repositories are hidden now than status counted as such, as after a reconcile that was cut off: then the credential lost
    // its rights, and webhooks would stay behind. A project or workspace is on record only if its webhooks could be seen.
    private static IEnumerable<(Fault Fault, WebhookScope? At)> HiddenFaults(ReconcileOutcome outcome, WebhookTally tally)
    {
        var unreadable = tally.Checks.Values.Where(c => c.ReadFault is not null).ToList();
        var selected = RepositorySelection.Of(outcome.Connection.Spec.Discovery, outcome.Observed.RepositoryListing!.Former).Selected
            .Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        var denied = unreadable.FindAll(c => c.ReadFault!.Reason == Reasons.WebhookPermissionDenied);
        var hidden = outcome.Connection.Spec.Webhooks.Count == 0 ? 0 : denied.Count(c => selected.Contains(c.Scope.Id));
        var verified = VerifiedScopes.Of(outcome.Connection);
        var lost = denied.Exists(c => c.Scope.Repository is null || verified.Contains(c.Scope.Id))
            || (denied.Count > 0 && outcome.Connection.Known.VerifiedHidden > 0);
        if (!lost && hidden <= outcome.Connection.Known.Hidden)
        {
            return unreadable.Except(denied).Select(c => (c.ReadFault!, (WebhookScope?)c.Scope));
        }

        var secret = (outcome.Connection.Spec.WebhookAuth ?? outcome.Connection.Spec.Auth).SecretName;
        return unreadable.Select(c => (
            denied.Contains(c) ? c.ReadFault! with { Words = Sentences.GiveRightAgain(c.ReadFault!.Words, secret) } : c.ReadFault!,
            (WebhookScope?)c.Scope));
    }
}
