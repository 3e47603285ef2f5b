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
    public static BitbucketConnectionStatus Write(
        ReconcileOutcome outcome, WebhookTally tally, VerifiedScopes verified, IReadOnlyList<Fault> faults, BitbucketConnectionStatus? before)
    {
        var status = Blocks(outcome, tally, before);
        var stages = StageConditions.Of(outcome, tally, faults);
        status.Conditions = ConditionList.Finished(stages, tally, faults, outcome, status, before);
        status.Bookkeeping = Bookkeeping.Of(outcome, tally, verified);
        var handled = outcome.Connection.Known.HandledRequest;
        status.LastHandledReconcileAt = tally.IsRequestAnswered ? outcome.Connection.RequestedAt ?? handled : handled;
        return status;
    }

    public static BitbucketConnectionStatus WriteSuspended(Connection connection, BitbucketConnectionStatus? before, DateTimeOffset now)
    {
        var status = Copy(before);
        status.ObservedGeneration = connection.Generation;
        status.Conditions = ConditionList.Suspended(connection, before, now);
        status.LastHandledReconcileAt = connection.Known.HandledRequest;
        status.Bookkeeping = Bookkeeping.Kept(connection);
        return status;
    }

    /// <summary>The status as it was, but for what ended the reconcile: it fits wherever the one before did.</summary>
    public static BitbucketConnectionStatus WriteFailed(long? generation, BitbucketConnectionStatus? before, Fault fault, DateTimeOffset now)
    {
        var status = Copy(before);
        status.ObservedGeneration = generation;
        status.Conditions = ConditionList.Failed(generation, before, fault, now);
        status.LastHandledReconcileAt = before?.LastHandledReconcileAt;
        status.Bookkeeping = before?.Bookkeeping;
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
            OwnerId = outcome.OwnerId ?? outcome.Connection.Known.OwnerId,
            Repositories = observed is { Selection: { } selection, RepositoryListing: { IsUsable: true, IsDenied: false } inventory }
                ? Repositories(outcome, selection, inventory.Invalid, Covered(outcome, tally, before), before?.Repositories?.EffectiveInterval)
                : Kept(before?.Repositories),
            Permissions = PermissionReport.Of(outcome, tally, before) ?? before?.Permissions,
            Webhooks = Webhooks(outcome, tally, before),
        };
        status.Webhooks.Summary = status.Repositories is { Covered: { } covered, Selected: var selected } ? $"{covered}/{selected}" : "";
        if (outcome.Connection.Spec.Mode == WriteMode.Plan && observed.ReachesWebhooks)
        {
            PlannedChanges.Write(status, tally.Planned);
        }
        else if (outcome.Connection.Spec.Mode == WriteMode.Plan)
        {
            (status.Plan, status.PlanNotListed) = (before?.Plan, before?.PlanNotListed);
        }

        (status.Failures, status.FailuresNotListed) = IsCounted(observed)
            ? Failures(outcome, tally, status.Webhooks.Deliveries?.Failing ?? 0, before)
            : (before?.Failures, before?.FailuresNotListed);
        return status;
    }

    /// <summary>Whether the reconcile found out what there is: what was known stays known otherwise.</summary>
    public static bool IsCounted(ConnectionObserved observed) => observed is { ReachesWebhooks: true, RepositoryListing.IsDenied: false };

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

    // What has not been counted yet is as it was.
    private static int? Covered(ReconcileOutcome outcome, WebhookTally tally, BitbucketConnectionStatus? before) =>
        outcome.Observed.ReachesWebhooks ? tally.Covered
        : before?.Repositories?.Covered is { } kept ? Math.Min(kept, outcome.Observed.Selection!.Selected.Count)
        : null;

    private static RepositoriesStatus? Kept(RepositoriesStatus? before) => before is null
        ? null
        : new RepositoriesStatus
        {
            Discovered = before.Discovered,
            Selected = before.Selected,
            Covered = before.Covered,
            Skipped = before.Skipped,
            EffectiveInterval = before.EffectiveInterval,
        };

    private static RepositoriesStatus Repositories(
        ReconcileOutcome outcome, RepositorySelection selection, int invalid, int? covered, string? intervalBefore)
    {
        var byRule = selection.Skipped.CountBy(s => s.Rule).ToDictionary();
        return new RepositoriesStatus
        {
            Discovered = selection.Selected.Count + selection.Skipped.Count + invalid,
            Selected = selection.Selected.Count,
            Covered = covered,
            EffectiveInterval = Coarse.Interval(outcome.Outlook?.Interval, outcome.Connection.Spec.Interval, intervalBefore),
            Skipped = byRule.Count + invalid == 0
                ? null
                : new SkippedStatus
                {
                    Archived = Count(SkipRule.Archived),
                    Forks = Count(SkipRule.Forks),
                    Personal = Count(SkipRule.Personal),
                    NotIncluded = Count(SkipRule.NotIncluded),
                    Excluded = Count(SkipRule.Excluded),
                    Invalid = Some(invalid),
                },
        };

        int? Count(SkipRule rule) => byRule.TryGetValue(rule, out var count) ? count : null;
    }

    private static WebhooksStatus Webhooks(ReconcileOutcome outcome, WebhookTally tally, BitbucketConnectionStatus? status)
    {
        var before = status?.Webhooks;
        var counted = IsCounted(outcome.Observed);
        var counts = counted ? WebhookCounts.Of(tally) : WebhookCounts.Kept(before);
        return new WebhooksStatus
        {
            Desired = counts.Desired,
            Ready = counts.Ready,
            Waiting = Some(counts.Waiting),
            Failed = counts.Failed,
            ExpectedCompletion = ExpectedCompletion(outcome, tally, before?.ExpectedCompletion),
            EffectiveInterval = counted
                ? Coarse.Interval(outcome.Outlook?.WebhookInterval, outcome.Connection.Spec.WebhookInterval, before?.EffectiveInterval)
                : before?.EffectiveInterval,
            BeyondSelection = counted ? BeyondSelection.Of(outcome, tally.Levels) : before?.BeyondSelection,
            LastFullCheck = tally.FullCheck ?? before?.LastFullCheck,
            Verified = counted ? null : before?.Verified,
            Deliveries = DeliveryReport.Of(outcome, tally, status),
            Secrets = outcome.Observed.Refusal is null ? Secrets(outcome.Observed.Desired) : before?.Secrets,
        };
    }

    private static DateTimeOffset? ExpectedCompletion(ReconcileOutcome outcome, WebhookTally tally, DateTimeOffset? before) =>
        tally.Waiting > 0 && outcome.Outlook?.UntilSynced is { } wait ? Coarse.End(outcome.Observed.Now, wait, before) : null;

    private static int? Some(int count) => count == 0 ? null : count;

    private static List<WebhookSecretStatus>? Secrets(IEnumerable<DesiredWebhook> desired)
    {
        var made = desired.Where(d => d.GeneratedSecret is not null)
            .Select(d => new WebhookSecretStatus { Webhook = d.Name, Secret = d.GeneratedSecret! }).ToList();
        return made.Count == 0 ? null : made;
    }

    private static (List<FailureStatus>? Listed, int? NotListed) Failures(
        ReconcileOutcome outcome, WebhookTally tally, int failingDeliveries, BitbucketConnectionStatus? before)
    {
        var deliveries = DeliveryReport.Failures(outcome, tally);
        var webhooks = tally.Failures.Select(f => new SingleFailure(f.Place, f.Webhook, f.Fault.Reason, f.Fault.Message));
        var (groups, rest) = FailureGroups.Of([.. webhooks, .. deliveries ?? []]);
        if (deliveries is null)
        {
            var kept = DeliveryReport.Kept(before, FailureGroups.Most - groups.Count);
            groups.AddRange(kept);
            rest += Math.Max(0, failingDeliveries - kept.Sum(g => g.Count));
        }
        else
        {
            rest += Math.Max(0, failingDeliveries - deliveries.Count);
        }

        return (groups.Count == 0 ? null : groups, rest == 0 ? null : rest);
    }

    private static BitbucketConnectionStatus Copy(BitbucketConnectionStatus? status) => new()
    {
        Server = status?.Server,
        Account = status?.Account,
        OwnerId = status?.OwnerId,
        Permissions = status?.Permissions,
        Repositories = status?.Repositories,
        Webhooks = status?.Webhooks?.WithoutExpectation(),
        Failures = status?.Failures,
        FailuresNotListed = status?.FailuresNotListed,
        Plan = status?.Plan,
        PlanNotListed = status?.PlanNotListed,
    };
}
