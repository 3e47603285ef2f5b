using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>Writes the whole status from a folded pass. What a reconcile did not reach keeps its last known value.</summary>
internal static class StatusWriter
{
    private const int FailureLimit = 20;

    public static BitbucketConnectionStatus Write(ReconcileOutcome outcome, WebhookTally tally, IReadOnlyList<Fault> faults, BitbucketConnectionStatus? before)
    {
        var status = Blocks(outcome, tally, before);
        var stages = StageConditions.Of(outcome, tally, faults);
        status.Conditions = ConditionList.Finished(stages, tally, faults, outcome, status, before);
        status.Webhooks!.Verified = Verified(VerifiedUpdate.After(outcome, tally));
        status.Webhooks.ManagedIn = ListOrNull(tally.ManagedIn);
        status.LastHandledReconcileAt = tally.IsRequestAnswered ? outcome.Connection.RequestedAt ?? before?.LastHandledReconcileAt : before?.LastHandledReconcileAt;
        return status;
    }

    public static BitbucketConnectionStatus WriteSuspended(Connection connection, BitbucketConnectionStatus? before, DateTimeOffset now)
    {
        var status = Copy(before);
        status.ObservedGeneration = connection.Generation;
        status.Conditions = ConditionList.Suspended(connection, before, now);
        return status;
    }

    private static BitbucketConnectionStatus Blocks(ReconcileOutcome outcome, WebhookTally tally, BitbucketConnectionStatus? before)
    {
        var observed = outcome.Observed;
        var status = new BitbucketConnectionStatus
        {
            ObservedGeneration = outcome.Connection.Generation,
            Server = Server(outcome, before) ?? before?.Server,
            Account = Account(observed, before?.Account),
            Repositories = observed is { Selection: { } selection, RepositoryListing: { IsUsable: true } inventory }
                ? Repositories(selection, ListingPlausibility.Of(outcome.Connection, inventory))
                : before?.Repositories,
            Permissions = PermissionReport.Of(outcome, tally, before) ?? before?.Permissions,
            Webhooks = Webhooks(outcome, tally, before),
        };
        if (outcome.Connection.Spec.Mode == WriteMode.Plan && observed.ReachesWebhooks)
        {
            PlannedChanges.Write(status, tally.Planned);
        }
        else if (outcome.Connection.Spec.Mode == WriteMode.Plan)
        {
            (status.Plan, status.PlanNotListed) = (before?.Plan, before?.PlanNotListed);
        }

        (status.Failures, status.FailuresNotListed) = observed.ReachesWebhooks
            ? Failures(outcome, tally, status.Webhooks.Deliveries?.Failing ?? 0, before)
            : (before?.Failures, before?.FailuresNotListed);
        return status;
    }

    private static ServerStatus? Server(ReconcileOutcome outcome, BitbucketConnectionStatus? before) => outcome.Observed.Server?.Value is not { } info
        ? null
        : new ServerStatus
        {
            Url = outcome.Connection.Spec.Address,
            Hosting = outcome.Connection.Spec.Flavour.ToApi(),
            Version = info.Version,
            DisplayName = info.DisplayName,
            BaseUrlMismatch = outcome.Observed.RepositoryListing is { Repositories.Count: > 0 } inventory
                ? BaseUrl.Mismatch(outcome.Connection.Spec, inventory.Repositories)
                : before?.Server?.BaseUrlMismatch,
        };

    private static AccountStatus? Account(ConnectionObserved observed, AccountStatus? before)
    {
        var end = observed.Credential is null ? before?.ExpiresAt : observed.CredentialEnds.FirstOrDefault(e => e.Field == "spec.auth")?.At;
        if (observed.Account is not { } login)
        {
            return before is null ? null : new AccountStatus { Name = before.Name, Kind = before.Kind, ExpiresAt = end };
        }

        return login.Value is { } known
            ? new AccountStatus { Name = known.Name, Kind = Kind(observed, known, before), ExpiresAt = end }
            : null;
    }

    // A credential that could not be asked this time is of the kind that it was.
    private static AccountKind? Kind(ConnectionObserved observed, Account account, AccountStatus? before) =>
        observed.Report?.Value is { } report ? report.Kind?.ToApi() : before?.Name == account.Name ? before?.Kind : null;

    private static RepositoriesStatus Repositories(RepositorySelection selection, ListingPlausibility trust)
    {
        var byRule = selection.Skipped.CountBy(s => s.Rule).ToDictionary();
        return new RepositoriesStatus
        {
            Discovered = selection.Selected.Count + selection.Skipped.Count,
            Selected = selection.Selected.Count,
            Believed = trust.Remembered.Repositories,
            ListedBy = trust.Remembered.ListedBy,
            Confirmed = trust.Confirmed,
            Skipped = byRule.Count == 0
                ? null
                : new SkippedStatus
                {
                    Archived = Count(SkipRule.Archived),
                    Forks = Count(SkipRule.Forks),
                    Personal = Count(SkipRule.Personal),
                    NotIncluded = Count(SkipRule.NotIncluded),
                    Excluded = Count(SkipRule.Excluded),
                },
        };

        int? Count(SkipRule rule) => byRule.TryGetValue(rule, out var count) ? count : null;
    }

    private static WebhooksStatus Webhooks(ReconcileOutcome outcome, WebhookTally tally, BitbucketConnectionStatus? status)
    {
        var before = status?.Webhooks;
        var counted = outcome.Observed.ReachesWebhooks;
        var desired = counted ? tally.Desired : before?.Desired ?? 0;
        var ready = counted ? tally.Ready : before?.Ready ?? 0;
        return new WebhooksStatus
        {
            Desired = desired,
            Ready = ready,
            Waiting = counted ? Some(tally.Waiting) : before?.Waiting,
            Failed = counted ? desired - ready - tally.Pending - tally.Waiting : Math.Min(before?.Failed ?? 0, desired - ready),
            Summary = $"{ready}/{desired}",
            BeyondSelection = counted ? BeyondSelection.Of(outcome, tally.Levels) : before?.BeyondSelection,
            LastFullCheck = tally.FullCheck ?? before?.LastFullCheck,
            Deliveries = DeliveryReport.Of(outcome, tally, status),
            Secrets = outcome.Observed.Refusal is null ? Secrets(outcome.Observed.Desired) : before?.Secrets,
            Owner = outcome.OwnerId ?? before?.Owner,
        };
    }

    private static int? Some(int count) => count == 0 ? null : count;

    private static List<WebhookSecretStatus>? Secrets(IEnumerable<DesiredWebhook> desired)
    {
        var made = desired.Where(d => d.GeneratedSecret is not null).Select(d => new WebhookSecretStatus { Webhook = d.Name, Secret = d.GeneratedSecret! }).ToList();
        return made.Count == 0 ? null : made;
    }

    // Webhooks that are not as desired come before those whose deliveries fail; what is listed is sorted all together.
    private static (List<FailureStatus>? Listed, int? NotListed) Failures(
        ReconcileOutcome outcome, WebhookTally tally, int failingDeliveries, BitbucketConnectionStatus? before)
    {
        var deliveries = DeliveryReport.Failures(outcome, tally, before).ToList();
        var all = tally.Failures.Select(f => StatusScopes.Failure(f.Place, f.Webhook, f.Fault.Reason, f.Fault.Message)).Concat(deliveries);
        var listed = all.Take(FailureLimit).OrderBy(f => f.Scope(), StringComparer.OrdinalIgnoreCase).ThenBy(f => f.Webhook, StringComparer.Ordinal).ToList();
        var rest = tally.Failures.Count + Math.Max(deliveries.Count, failingDeliveries) - listed.Count;
        return (listed.Count == 0 ? null : listed, rest == 0 ? null : rest);
    }

    private static BitbucketConnectionStatus Copy(BitbucketConnectionStatus? status) => new()
    {
        Server = status?.Server,
        Account = status?.Account,
        Permissions = status?.Permissions,
        Repositories = status?.Repositories,
        Webhooks = status?.Webhooks,
        Failures = status?.Failures,
        FailuresNotListed = status?.FailuresNotListed,
        Plan = status?.Plan,
        PlanNotListed = status?.PlanNotListed,
        LastHandledReconcileAt = status?.LastHandledReconcileAt,
    };

    private static VerifiedStatus? Verified(VerifiedState? state) => state is null
        ? null
        : new VerifiedStatus { At = state.At, Repositories = state.Scopes, Set = state.Set, Desired = state.Desired };

    private static List<string>? ListOrNull(IReadOnlyList<string> list) => list.Count == 0 ? null : [.. list];
}
