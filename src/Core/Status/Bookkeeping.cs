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
    public static BookkeepingStatus? Of(ReconcileOutcome outcome, WebhookTally tally, VerifiedSet verified)
    {
        var kept = new BookkeepingStatus
        {
            ManagedIn = tally.ManagedIn.Count == 0 ? null : [.. tally.ManagedIn],
            Baseline = Baseline(outcome),
            Hidden = Hidden(outcome, tally, verified),
        };
        return kept is { ManagedIn: null, Baseline: null, Hidden: null } ? null : kept;
    }

    /// <summary>The same that a status holds, whatever version wrote it.</summary>
    public static BookkeepingStatus? Kept(Connection connection)
    {
        var known = connection.Known;
        var kept = new BookkeepingStatus
        {
            ManagedIn = known.ManagedIn.Count == 0 ? null : [.. known.ManagedIn],
            Baseline = Of(known.Baseline),
            Hidden = Some(known.VerifiedHidden),
        };
        return kept is { ManagedIn: null, Baseline: null, Hidden: null } ? null : kept;
    }

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

    private static int? Hidden(ReconcileOutcome outcome, WebhookTally tally, VerifiedSet verified) => Some(outcome.Observed.ReachesWebhooks
        ? tally.Checks.Values.Count(c => c.ReadFault?.Reason == Reasons.WebhookPermissionDenied && verified.Contains(c.Scope.Id))
        : outcome.Connection.Known.VerifiedHidden);

    private static int? Some(int count) => count == 0 ? null : count;
}
