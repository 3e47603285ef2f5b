using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>Writes the whole status from a folded pass. What a pass did not reach keeps its last known value.</summary>
internal static class StatusWriter
{
    private const int FailureLimit = 20;

    public static BitbucketConnectionStatus Write(ConnectionPass pass, WebhookTally tally, IReadOnlyList<Fault> faults)
    {
        var status = Blocks(pass, tally);
        var stages = StageConditions.Of(pass, tally, faults);
        status.Conditions = ConditionList.Finished(stages, tally, faults, pass, status);
        status.Webhooks!.Verified = VerifiedSet.After(pass, tally);
        status.Webhooks.ManagedIn = ListOrNull(tally.ManagedIn);
        status.LastHandledReconcileAt = RequestedAt(pass.Connection) ?? pass.Connection.Status?.LastHandledReconcileAt;
        return status;
    }

    public static BitbucketConnectionStatus WriteProgress(ConnectionPass pass, WebhookTally tally)
    {
        var status = Blocks(pass, tally);
        var stages = StageConditions.Of(pass, tally, []);
        status.Conditions = ConditionList.InProgress(stages, pass);
        status.Webhooks!.Verified = VerifiedSet.Unchanged(pass);
        status.Webhooks.ManagedIn = ListOrNull(pass.Plan.ManagedBefore);
        status.LastHandledReconcileAt = pass.Connection.Status?.LastHandledReconcileAt;
        return status;
    }

    public static BitbucketConnectionStatus WriteSuspended(BitbucketConnection connection, DateTimeOffset now)
    {
        var status = Copy(connection.Status);
        status.ObservedGeneration = connection.Metadata.Generation;
        status.Conditions = ConditionList.Suspended(connection, now);
        return status;
    }

    /// <summary>The request for a full pass that the annotations hold; ours wins over Flux'.</summary>
    public static string? RequestedAt(BitbucketConnection connection)
    {
        var annotations = connection.Metadata.Annotations ?? new Dictionary<string, string>(StringComparer.Ordinal);
        return annotations.TryGetValue(BitbucketConnection.RequestedAtAnnotation, out var ours)
            ? ours
            : annotations.TryGetValue(BitbucketConnection.FluxRequestedAtAnnotation, out var flux) ? flux : null;
    }

    private static BitbucketConnectionStatus Blocks(ConnectionPass pass, WebhookTally tally)
    {
        var before = pass.Connection.Status;
        var observed = pass.Observed;
        var status = new BitbucketConnectionStatus
        {
            ObservedGeneration = pass.Connection.Metadata.Generation,
            Server = Server(pass) ?? before?.Server,
            Account = Account(observed, before?.Account),
            Repositories = observed is { Selection: { } selection, Inventory: { IsUsable: true } inventory } ? Repositories(selection, ListingTrust.Of(pass.Connection, inventory)) : before?.Repositories,
            Permissions = PermissionReport.Of(pass, tally) ?? before?.Permissions,
            Webhooks = Webhooks(pass, tally),
        };
        if (pass.Connection.Spec.Mode == Mode.Plan && observed.ReachesWebhooks)
        {
            PlannedChanges.Write(status, tally.Planned);
        }
        else if (pass.Connection.Spec.Mode == Mode.Plan)
        {
            (status.Plan, status.PlanNotListed) = (before?.Plan, before?.PlanNotListed);
        }

        (status.Failures, status.FailuresNotListed) = observed.ReachesWebhooks ? Failures(pass, tally, status.Webhooks.Deliveries?.Failing ?? 0) : (before?.Failures, before?.FailuresNotListed);
        return status;
    }

    private static ServerStatus? Server(ConnectionPass pass) => pass.Observed.Server?.Value is not { } info
        ? null
        : new ServerStatus
        {
            Url = ConnectionGate.AddressOf(pass.Connection.Spec),
            Hosting = ConnectionGate.HostingOf(pass.Connection.Spec),
            Version = info.Version,
            DisplayName = info.DisplayName,
            BaseUrlMismatch = pass.Observed.Inventory is { Repositories.Count: > 0 } inventory
                ? BaseUrl.Mismatch(pass.Connection.Spec, inventory.Repositories)
                : pass.Connection.Status?.Server?.BaseUrlMismatch,
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
        observed.Report?.Value is { } report ? report.Kind : before?.Name == account.Name ? before?.Kind : null;

    private static RepositoriesStatus Repositories(RepositorySelection selection, ListingTrust trust)
    {
        var byRule = selection.Skipped.CountBy(s => s.Rule).ToDictionary();
        return new RepositoriesStatus
        {
            Discovered = selection.Selected.Count + selection.Skipped.Count,
            Selected = selection.Selected.Count,
            Believed = trust.Remembered.Believed,
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

    private static WebhooksStatus Webhooks(ConnectionPass pass, WebhookTally tally)
    {
        var before = pass.Connection.Status?.Webhooks;
        var counted = pass.Observed.ReachesWebhooks;
        var desired = counted ? tally.Desired : before?.Desired ?? 0;
        var ready = counted ? tally.Ready : before?.Ready ?? 0;
        return new WebhooksStatus
        {
            Desired = desired,
            Ready = ready,
            Failed = counted ? desired - ready - tally.Pending : Math.Min(before?.Failed ?? 0, desired - ready),
            Summary = $"{ready}/{desired}",
            Created = tally.Changed ? tally.Created : before?.Created ?? 0,
            Updated = tally.Changed ? tally.Updated : before?.Updated ?? 0,
            Removed = tally.Changed ? tally.Removed : before?.Removed ?? 0,
            BeyondSelection = counted ? BeyondSelection.Of(pass, tally.Levels) : before?.BeyondSelection,
            LastFullCheck = tally.FullCheck ?? before?.LastFullCheck,
            Deliveries = DeliveryReport.Of(pass),
            Secrets = pass.Observed.Refusal is null ? Secrets(pass.Observed.Desired) : before?.Secrets,
            Owner = pass.OwnerId ?? before?.Owner,
        };
    }

    private static List<WebhookSecretStatus>? Secrets(IEnumerable<DesiredWebhook> desired)
    {
        var made = desired.Where(d => d.GeneratedSecret is not null).Select(d => new WebhookSecretStatus { Webhook = d.Name, Secret = d.GeneratedSecret! }).ToList();
        return made.Count == 0 ? null : made;
    }

    // Webhooks that are not as wanted come before those whose deliveries fail; what is listed is sorted all together.
    private static (List<FailureStatus>? Listed, int? NotListed) Failures(ConnectionPass pass, WebhookTally tally, int failingDeliveries)
    {
        var deliveries = DeliveryReport.Failures(pass).ToList();
        var all = tally.Failures.Select(f => StatusPlaces.Failure(f.Level, f.Place, f.Webhook, f.Fault.Reason, f.Fault.Message)).Concat(deliveries);
        var listed = all.Take(FailureLimit).OrderBy(f => f.Place(), StringComparer.OrdinalIgnoreCase).ThenBy(f => f.Webhook, StringComparer.Ordinal).ToList();
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

    private static List<string>? ListOrNull(IReadOnlyList<string> list) => list.Count == 0 ? null : [.. list];
}
