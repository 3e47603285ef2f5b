using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Schedule;

/// <summary>How many requests syncs need.</summary>
public static class SyncCost
{
    // Server, account, and one to examine what the credential may do.
    private const int Login = 3;

    /// <summary>What a sync reserves: one to list, and one for each webhook that may have to be written.</summary>
    public static RequestCost Of(SyncItem item, DesiredState state)
    {
        var writes = item.Class is WorkClass.Verification or WorkClass.Retry ? 0 : Math.Max(1, state.Observed.Desired.Count);
        return new RequestCost(item.Deliveries.Count > 0 ? item.Deliveries.Count : 1 + writes, Repositories: 0);
    }

    /// <summary>What a connection asks of its account.</summary>
    /// <param name="state">What is desired, and what was found so far.</param>
    /// <param name="pages">The requests of a listing of its repositories.</param>
    public static Workload Workload(DesiredState state, int pages)
    {
        var spec = state.Connection.Spec;
        return new Workload
        {
            Waiting = state.Scopes.Values.Where(s => !SyncSchedule.IsSynced(s, state)).Sum(s => Expected(s, state)),
            Discovery = new RepeatedWork(Login + pages, spec.Interval),
            Verification = new RepeatedWork(state.Scopes.Count, spec.WebhookInterval * VerificationSchedule.MeanPart),
        };
    }

    private static int Expected(DesiredScope scope, DesiredState state) => 1 + (state.Connection.Spec.Mode == WriteMode.Plan ? 0
        : scope.WhyNone is not null ? 1
        : scope.Scope.Repository is { } repository ? state.Levels.CountOn(repository)
        : state.Levels.Find(scope.Scope)?.CountProjectLevel ?? 0);
}
