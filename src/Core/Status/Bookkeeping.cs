using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Planning;

namespace BitbucketOperator.Core.Status;

/// <summary>Writes status.bookkeeping: what must be known however the process ends, and is nowhere else.</summary>
internal static class Bookkeeping
{
    /// <summary>What to remember after a reconcile; null for nothing.</summary>
    public static BookkeepingStatus? Of(ReconcileOutcome outcome, WebhookTally tally, VerifiedScopes verified) =>
        Of(tally.ManagedIn, Baseline(outcome), Hidden(outcome, tally, verified));

    /// <summary>The same that a status holds, whatever version wrote it.</summary>
    public static BookkeepingStatus? Kept(Connection connection) =>
        Of(connection.Known.ManagedIn, Of(connection.Known.Baseline), Some(connection.Known.VerifiedHidden));

    private static BookkeepingStatus? Of(IReadOnlyList<string> managedIn, BaselineStatus? baseline, int? hidden) =>
        managedIn.Count == 0 && baseline is null && hidden is null
            ? null
            : new BookkeepingStatus { ManagedIn = managedIn.Count == 0 ? null : [.. managedIn], Baseline = baseline, Hidden = hidden };

    private static BaselineStatus? Baseline(ReconcileOutcome outcome)
    {
        if (outcome.Observed is not { Selection: not null, RepositoryListing: { IsUsable: true } listing })
        {
            return Of(outcome.Connection.Known.Baseline);
        }

        var trust = ListingPlausibility.Of(outcome.Connection, listing);
        return Of(new ListingBaseline(trust.Remembered.Repositories, trust.Remembered.ListedBy, trust.Confirmed));
    }

    private static BaselineStatus? Of(ListingBaseline baseline) => baseline is { Repositories: null, ListedBy: null, Confirmed: null }
        ? null
        : new BaselineStatus { Repositories = baseline.Repositories, ListedBy = baseline.ListedBy, Confirmed = baseline.Confirmed };

    private static int? Hidden(ReconcileOutcome outcome, WebhookTally tally, VerifiedScopes verified) => Some(outcome.Observed.ReachesWebhooks
        ? tally.Checks.Values.Count(c => IsHidden(c) && verified.Contains(c.Scope.Id))
        : outcome.Connection.Known.VerifiedHidden);

    private static bool IsHidden(ScopeCheck check) => check.VerifiedBefore || check.ReadFault?.Reason == Reasons.WebhookPermissionDenied;

    private static int? Some(int count) => count == 0 ? null : count;
}
