using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>Something worth telling once.</summary>
/// <param name="Warning">Something is wrong.</param>
/// <param name="Reason">The condition reason, or the name of what happened.</param>
/// <param name="Message">For people.</param>
public sealed record ConnectionEvent(bool Warning, string Reason, string Message);

/// <summary>What an event told of a condition.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Reason">Its reason.</param>
public sealed record ToldCondition(ConditionState Status, string Reason)
{
    /// <summary>What a status says of a condition; null when it has none.</summary>
    public static ToldCondition? Of(BitbucketConnectionStatus? status, string type) =>
        status?.Conditions.Find(c => c.Type == type) is { } condition ? new ToldCondition(condition.Status, condition.Reason) : null;
}

/// <summary>What changed between two statuses, as events. Nothing changed, no event.</summary>
public static class ConnectionEvents
{
    /// <summary>Event reason: webhooks were created, updated or removed.</summary>
    public const string WebhooksChanged = "WebhooksChanged";

    /// <summary>Event reason: the server's links point elsewhere than spec.url.</summary>
    public const string BaseUrlMismatch = "BaseUrlMismatch";

    /// <summary>Event reason: spec.url names another server, or the same one by another name, and there were webhooks.</summary>
    public const string ServerChanged = "ServerChanged";

    /// <summary>Event reason: the resource is going and its webhooks are left in place.</summary>
    public const string WebhooksRetained = "WebhooksRetained";

    /// <summary>Event reason: the resource is going and its webhooks were removed.</summary>
    public const string WebhooksRemoved = "WebhooksRemoved";

    /// <summary>Event reason: no delivery fails any more.</summary>
    public const string DeliveriesRecovered = "DeliveriesRecovered";

    /// <summary>Event reason: the credential lost a permission, so that something is not kept up any more.</summary>
    public const string PermissionLost = "PermissionLost";

    private static readonly string[] Findings = [Reasons.VerifiedBeforeDowngrade.Name, Reasons.ChangesPlanned.Name];

    /// <summary>One event for each stage, and the credential's end, whose state or reason changed, and for what was done.</summary>
    /// <param name="before">The status before.</param>
    /// <param name="after">The status now.</param>
    /// <param name="applied">What was done.</param>
    /// <param name="told">What was told of WebhooksReady before syncs went on: coming back to it is not news.</param>
    public static IReadOnlyList<ConnectionEvent> Of(
        BitbucketConnectionStatus? before, BitbucketConnectionStatus after, IReadOnlyList<AppliedChange> applied, ToldCondition? told = null)
    {
        var events = new List<ConnectionEvent>();
        foreach (var condition in after.Conditions.Where(IsTold))
        {
            var earlier = ToldCondition.Of(before, condition.Type);
            earlier = earlier?.Reason == Reasons.Progressing.Name ? told : earlier;
            if (earlier != ToldCondition.Of(after, condition.Type))
            {
                events.Add(new ConnectionEvent(IsWarning(condition), condition.Reason, condition.Message));
            }
        }

        events.AddRange(LostPermissions(before, after));
        if (after.Server?.BaseUrlMismatch is { } mismatch && mismatch != before?.Server?.BaseUrlMismatch)
        {
            events.Add(new ConnectionEvent(Warning: true, BaseUrlMismatch, mismatch));
        }

        if (before is { Server.Url: { } left, Bookkeeping.ManagedIn.Count: > 0 } && after.Server!.Url is { } url && left != url)
        {
            events.Add(new ConnectionEvent(Warning: true, ServerChanged, Sentences.ServerChanged(left, url)));
        }

        if (Deliveries(before, after) is { } deliveries)
        {
            events.Add(deliveries);
        }

        if (Changes(applied) is { } changes)
        {
            events.Add(new ConnectionEvent(Warning: false, WebhooksChanged, changes));
        }

        return events;
    }

    // What is Unknown was not looked at, with these exceptions.
    private static bool IsTold(Condition condition) =>
        condition.Type == ConditionTypes.CredentialExpiring
        || (ConditionTypes.Stages.Contains(condition.Type, StringComparer.Ordinal)
            && (condition.Status != ConditionState.Unknown || Findings.Contains(condition.Reason, StringComparer.Ordinal)));

    private static bool IsWarning(Condition condition) =>
        condition.Status == (ConditionTypes.IsNegative(condition.Type) ? ConditionState.True : ConditionState.False);

    // One permission is behind several capabilities. Where a new repository lacks it, nothing was lost.
    private static IEnumerable<ConnectionEvent> LostPermissions(BitbucketConnectionStatus? before, BitbucketConnectionStatus after) =>
        (after.Permissions ?? []).Where(row => IsLost(before?.Permissions?.Find(p => p.Capability == row.Capability && p.Required == row.Required), row))
            .GroupBy(row => row.Required, StringComparer.Ordinal)
            .Select(lost => new ConnectionEvent(
                Warning: true,
                PermissionLost,
                Sentences.PermissionLost(lost.Key, string.Join(", ", lost.Select(r => r.Capability)), lost.First().Message)));

    private static bool IsLost(PermissionStatus? before, PermissionStatus after) =>
        before is { State: PermissionState.Granted } && after.State == PermissionState.Missing && (after.GrantedOn ?? 0) < (before.GrantedOn ?? 1);

    private static ConnectionEvent? Deliveries(BitbucketConnectionStatus? before, BitbucketConnectionStatus after)
    {
        var failed = before?.Webhooks?.Deliveries is { Failing: > 0 };
        if (after.Webhooks?.Deliveries is not { } now || now.Failing > 0 == failed)
        {
            return null;
        }

        return failed
            ? new ConnectionEvent(Warning: false, DeliveriesRecovered, Sentences.DeliveriesRecovered)
            : new ConnectionEvent(Warning: true, Reasons.DeliveriesFailing.Name, DeliveryReport.Sentence(after)!.Text);
    }

    private static string? Changes(IReadOnlyList<AppliedChange> applied)
    {
        var done = applied.Where(a => a.Fault is null).CountBy(a => a.Change.Kind).OrderBy(k => k.Key).ToList();
        return done.Count == 0 ? null : Sentences.WebhooksChanged(done);
    }
}
