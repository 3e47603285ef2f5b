using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Controllers;

/// <summary>What came of a sync.</summary>
/// <param name="Applied">What was changed, or tried.</param>
/// <param name="Pause">Why the connection's syncs pause; null when they do not.</param>
/// <param name="ChangesOthers">What is desired elsewhere depends on what was found: the connection is to be reconciled.</param>
internal sealed record SyncResult(IReadOnlyList<AppliedChange> Applied, Fault? Pause = null, bool ChangesOthers = false)
{
    /// <summary>Something that status tells of is different now.</summary>
    public bool IsNews { get; init; }
}

/// <summary>Syncs one scope: reads its webhooks, plans, writes, and records what it found and left.</summary>
internal sealed partial class WebhookSync(
    DeliveryObserver deliveries, IOwners owners, TimeProvider clock, ILogger<WebhookSync> logger, IWriteGate? gate = null)
{
    private static readonly TimeSpan JustNow = TimeSpan.FromSeconds(10);

    /// <summary>One sync.</summary>
    /// <param name="connection">Where it is recorded.</param>
    /// <param name="work">What is desired, and the server.</param>
    /// <param name="item">Which scope.</param>
    /// <param name="cancellationToken">Ends it: what was begun stays as it is, and the scope is due.</param>
    public async Task<SyncResult> RunAsync(ConnectionState connection, SyncWork work, SyncItem item, CancellationToken cancellationToken)
    {
        using var bitbucket = work.Bitbucket.Webhooks.TryReserve(SyncCost.Of(item, work.State), item.Class, out var wait);
        if (bitbucket is null)
        {
            return new SyncResult([], Fault.Waiting(Reasons.RateLimited, Sentences.NoRequestLeft, wait));
        }

        return item.Deliveries.Count > 0
            ? await deliveries.ObserveAsync(connection, work.State, item, bitbucket, cancellationToken)
            : await RunAsync(connection, work, item, bitbucket, cancellationToken);
    }

    private async Task<SyncResult> RunAsync(
        ConnectionState connection, SyncWork work, SyncItem item, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var (scope, state) = (item.Scope.Scope, work.State);
        if (InSyncAsSeen(connection, work, item) is { } seenBefore)
        {
            return seenBefore;
        }

        var found = await Reading.TryAsync(() => bitbucket.ListWebhooksAsync(scope, cancellationToken));
        if (found.Fault is { } fault)
        {
            if (Pauses(fault))
            {
                return new SyncResult([], fault);
            }

            if (IsGone(fault, work))
            {
                // One that was listed again since has no webhooks to be found, and is not gone.
                if (!connection.NotFound.TryAdd(scope.Id, 0) && item.Scope.WhyNone is null)
                {
                    return Fail(connection, work, item, fault with { Words = Sentences.ListedButNotFound });
                }

                connection.Checks.TryRemove(scope.Id, out _);
                connection.Gone.TryAdd(scope.Id, 0);
                return new SyncResult([], ChangesOthers: true);
            }
        }

        var before = connection.Checks.GetValueOrDefault(scope.Id);
        var seen = scope.Repository is null ? await SeeAsync(scope, found, state, bitbucket, cancellationToken) : null;
        if (seen is not null && (item.Scope.IsToBeSeenFirst || IsSeenOtherwise(seen, scope, state)))
        {
            connection.Record(work, ScopeSync.SeenOnly(state, item.Scope, seen, before, clock.GetUtcNow()));
            return new SyncResult([], ChangesOthers: true);
        }

        var plan = state.Plan(item.Scope, found, seen, owners);
        var results = state.Connection.Spec.Mode == WriteMode.Plan ? [] : await ApplyAsync(plan, work, bitbucket, cancellationToken);
        connection.Count(results);
        if (results.Select(r => r.Fault).FirstOrDefault(f => f is not null && Pauses(f)) is { } pause)
        {
            return new SyncResult([.. results.Where(r => r.Fault is null)], pause) { IsNews = true };
        }

        var check = Provisional(ScopeSync.CheckOf(state, item.Scope, found.Value, plan, results, seen, before, clock.GetUtcNow()));
        connection.Record(work, check);
        var isChanged = results.Count > 0 || before?.DesiredFingerprint != item.Scope.Fingerprint;
        return new SyncResult(results, ChangesOthers: scope.Repository is null && isChanged)
        {
            IsNews = results.Count > 0 || !check.SaysTheSameAs(before),
        };
    }

    // What is desired of a project is known only once it was seen: where that asks for no write, it is not read a second time.
    private SyncResult? InSyncAsSeen(ConnectionState connection, SyncWork work, SyncItem item)
    {
        var (state, now) = (work.State, clock.GetUtcNow());
        if (connection.Checks.GetValueOrDefault(item.Scope.Scope.Id) is not { IsSeenOnly: true, ProjectLevel: { View: ScopeView.Read } seen } before
            || item.Scope.IsToBeSeenFirst
            || now - before.CheckedAt > JustNow)
        {
            return null;
        }

        var plan = state.Plan(item.Scope, found: default, seen, owners);
        if (plan.Changes.Count > 0 || plan.Later.Count > 0)
        {
            return null;
        }

        var check = Provisional(ScopeSync.CheckOf(state, item.Scope, seen.Webhooks, plan, [], seen, before, before.CheckedAt));
        connection.Record(work, check);
        return new SyncResult([], ChangesOthers: true) { IsNews = true };
    }

    /// <summary>Records why a sync came to no end, as if its webhooks could not be read: the next one finds what it wrote.</summary>
    /// <param name="connection">Where it is recorded.</param>
    /// <param name="work">What is desired.</param>
    /// <param name="item">Which scope.</param>
    /// <param name="fault">Why.</param>
    public SyncResult Fail(ConnectionState connection, SyncWork work, SyncItem item, Fault fault)
    {
        if (item.Deliveries.Count > 0)
        {
            return new SyncResult([]);
        }

        var (scope, state, now) = (item.Scope, work.State, clock.GetUtcNow());
        var before = connection.Checks.GetValueOrDefault(scope.Scope.Id);
        var seen = scope.Scope.Repository is null ? ProjectLevelView.Of(fault, inherited: default) : null;
        var check = seen is not null && scope.IsToBeSeenFirst
            ? ScopeSync.SeenOnly(state, scope, seen, before, now)
            : ScopeSync.CheckOf(state, scope, found: null, ScopePlan.Unreadable(scope.Scope, scope.WhyNone is null, fault), [], seen, before, now);
        connection.Record(work, check);
        return new SyncResult([], ChangesOthers: seen is not null && (scope.IsToBeSeenFirst || before?.DesiredFingerprint != scope.Fingerprint))
        {
            IsNews = !check.SaysTheSameAs(before),
        };
    }

    // What a project holds that may not be read itself is seen through one of its repositories.
    private static async Task<ProjectLevelView> SeeAsync(
        WebhookScope scope, Outcome<IReadOnlyList<Webhook>> found, DesiredState state, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var inherited = default(Outcome<IReadOnlyList<Webhook>?>);
        if (ProjectLevelView.IsDenied(found) && state.Levels.Find(scope)?.Selected is [var sample, ..])
        {
            inherited = await Reading.TryAsync(() => bitbucket.ListInheritedWebhooksAsync(sample, cancellationToken));
        }

        return ProjectLevelView.Of(found, inherited);
    }

    // What a former leader sent last may arrive after the scope was read: it is verified once more when nothing can any more.
    private ScopeCheck Provisional(ScopeCheck check) => gate?.InDoubtFor is { } doubt && doubt > TimeSpan.Zero
        ? SyncSchedule.NotAfter(check, clock.GetUtcNow() + doubt)
        : check;

    // Rights came or went since the desired state was computed, so that other webhooks may be desired there.
    private static bool IsSeenOtherwise(ProjectLevelView seen, WebhookScope scope, DesiredState state) =>
        seen.View != ScopeView.Failed && state.Levels.Find(scope) is { Selected.Count: > 0 } levels && levels.View != seen.View;

    // A repository that went between the listing and the look at its webhooks. A second credential may just not reach it.
    private static bool IsGone(Fault fault, SyncWork work) =>
        fault.Reason == Reasons.RepositoryNotFound && (!work.Bitbucket.IsSplit || work.State.Connection.IsDeleting);

    private static bool Pauses(Fault fault) => fault.Reason == Reasons.RateLimited || fault.Reason.Condition == ConditionTypes.CredentialValid;

    private async Task<IReadOnlyList<AppliedChange>> ApplyAsync(
        ScopePlan plan, SyncWork work, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var applied = new List<AppliedChange>();
        foreach (var change in plan.Changes)
        {
            var result = await ApplyAsync(change, work, bitbucket, cancellationToken);
            applied.Add(result);
            if (result.Fault is { } fault && Pauses(fault))
            {
                break;
            }
        }

        return applied;
    }

    private async Task<AppliedChange> ApplyAsync(
        WebhookChange change, SyncWork work, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        if (change.Kind != ChangeKind.Remove && work.Refused.TryGetValue(change.Hook, out var known))
        {
            return new AppliedChange(change, known);
        }

        try
        {
            var webhook = await SendAsync(change, bitbucket, cancellationToken);
            Log.Applied(logger, change.Kind, change.Hook, change.Scope.Name, change.Reason);
            return new AppliedChange(change, Fault: null) { Webhook = webhook };
        }
        catch (FaultException e) when (change.Kind == ChangeKind.Remove && e.Fault.Reason == Reasons.RepositoryNotFound)
        {
            return new AppliedChange(change, Fault: null);
        }
        catch (FaultException e)
        {
            if (e.Fault.Class == FaultClass.Terminal)
            {
                work.Refused.TryAdd(change.Hook, e.Fault);
            }

            Log.NotApplied(logger, change.Kind, change.Hook, change.Scope.Name, e.Fault.Message);
            return new AppliedChange(change, e.Fault);
        }
    }

    private static async Task<Webhook?> SendAsync(WebhookChange change, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        switch (change.Kind)
        {
            case ChangeKind.Create:
                return await bitbucket.CreateWebhookAsync(change.Scope, change.Desired!, cancellationToken);
            case ChangeKind.Remove:
                await bitbucket.DeleteWebhookAsync(change.Scope, change.Current!.Id, cancellationToken);
                return null;
            case ChangeKind.Update or ChangeKind.Adopt:
                return await bitbucket.UpdateWebhookAsync(change.Scope, change.Current!.Id, change.Desired!, cancellationToken);
            default:
                throw new NotSupportedException($"No request makes the change {change.Kind}.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Information, "{Change} webhook {Hook} on {Repository}: {Reason}", EventName = "WebhookChanged")]
        public static partial void Applied(ILogger logger, ChangeKind change, string hook, string repository, string reason);

        [LoggerMessage(101, LogLevel.Debug, "{Change} webhook {Hook} on {Repository} failed: {Reason}", EventName = "WebhookChangeFailed")]
        public static partial void NotApplied(ILogger logger, ChangeKind change, string hook, string repository, string reason);
    }
}
