using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Core.Tests;

/// <summary>Reconciles whose observations a test makes up.</summary>
internal static class Outcomes
{
    /// <summary>Whose the webhooks are.</summary>
    public static WebhookOwner Self { get; } = WebhookOwner.Of("cluster", "ci", "platform");

    public static WebhookLevels Levels(BitbucketConnection connection, ConnectionObserved observed) =>
        WebhookLevels.Of(connection.ToModel(), observed);

    /// <summary>A reconcile before a sync of its scopes.</summary>
    public static ReconcileOutcome Of(BitbucketConnection connection, ConnectionObserved observed, VerifiedScopes? verified = null)
    {
        var model = connection.ToModel();
        model = verified is null ? model : model with { Known = model.Known with { Verified = verified.OrEarlier(model.Known.Verified) } };
        return new ReconcileOutcome(
            model.IsDeleting ? DesiredState.Nothing(model, observed, Self) : DesiredState.Of(model, observed, Self), Applied: []);
    }
}

/// <summary>The webhooks of a server, by the id of the scope, and the syncs over them: no request, no clock, no thread.</summary>
internal sealed class PlayedScopes
{
    private const int MostRounds = 8;
    private int _ids = 100;

    /// <summary>What a read of a scope tells; absent: there is no webhook.</summary>
    public Dictionary<string, Outcome<IReadOnlyList<Webhook>>> Webhooks { get; init; } = new(StringComparer.Ordinal);

    /// <summary>What syncs found; a process that ended has none.</summary>
    public Dictionary<string, ScopeCheck> Checks { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>Why a change is refused; null where it is made.</summary>
    public Func<WebhookChange, Fault?> Refuses { get; set; } = _ => null;

    /// <summary>The scopes that were read since this was cleared, in order.</summary>
    public List<string> Read { get; } = [];

    /// <summary>The changes that were made or tried since this was cleared, in order.</summary>
    public List<AppliedChange> Applied { get; } = [];

    /// <summary>What the cluster holds of it.</summary>
    public PlayedInventories Inventories { get; } = new();

    /// <summary>What this process knows to be as desired; null: it has just begun.</summary>
    public VerifiedScopes? Verified { get; private set; }

    /// <summary>The process ends.</summary>
    public void Restart() => (Checks, Verified) = (new Dictionary<string, ScopeCheck>(StringComparer.Ordinal), null);

    /// <summary>What a reconcile came to is stored.</summary>
    public ConnectionSummary Finish(BitbucketConnection connection, ReconcileOutcome outcome)
    {
        var summary = ConnectionSummary.Of(outcome, connection.Status);
        Verified = summary.Verified;
        Inventories.Write(summary.Inventory);
        return summary;
    }

    /// <summary>What is desired now, with all that syncs found so far, or status says where that may be assumed.</summary>
    public DesiredState State(BitbucketConnection connection, ConnectionObserved observed)
    {
        Verified ??= Inventories.Read(connection.ToModel()).OrEarlier(connection.ToModel().Known.Verified);
        var state = Outcomes.Of(connection, observed with { Checks = Checks }, Verified).State;
        foreach (var check in SyncSchedule.Assumed(state).ToList())
        {
            Checks.TryAdd(check.Scope.Id, check);
        }

        return state;
    }

    /// <summary>Reconciles and syncs, until nothing is due.</summary>
    public ReconcileOutcome Settle(BitbucketConnection connection, ConnectionObserved observed)
    {
        var before = Applied.Count;
        for (var round = 0; round < MostRounds; round++)
        {
            var state = State(connection, observed);
            var due = SyncSchedule.Items(state, observed.Now).Where(i => i.DueAt <= observed.Now).OrderBy(i => i.Class).ToList();
            if (!state.Observed.ReachesWebhooks || due.Count == 0)
            {
                return new ReconcileOutcome(state, [.. Applied.Skip(before)]);
            }

            due.ForEach(item => Sync(state, item.Scope));
        }

        throw new InvalidOperationException($"still something is due after {MostRounds} rounds");
    }

    /// <summary>One sync, as the operator does it.</summary>
    public void Sync(DesiredState state, DesiredScope scope)
    {
        var (id, now) = (scope.Scope.Id, state.Observed.Now);
        Read.Add(id);
        var found = Webhooks.GetValueOrDefault(id, Array.Empty<Webhook>());
        var before = Checks.GetValueOrDefault(id);
        var seen = scope.Scope.Repository is null ? ProjectLevelView.Of(found, inherited: default) : null;
        if (seen is not null && (scope.IsToBeSeenFirst || IsSeenOtherwise(seen, scope.Scope, state)))
        {
            Checks[id] = ScopeSync.SeenOnly(state, scope, seen, before, now);
            return;
        }

        var plan = state.Plan(scope, found, seen, ListedOwners.None);
        var results = plan.Changes.Select(Apply).ToList();
        Applied.AddRange(results);
        Checks[id] = ScopeSync.CheckOf(state, scope, found.Value, plan, results, seen, before, now);
    }

    private AppliedChange Apply(WebhookChange change)
    {
        if (Refuses(change) is { } fault)
        {
            return new AppliedChange(change, fault);
        }

        var left = Webhooks.GetValueOrDefault(change.Scope.Id, Array.Empty<Webhook>()).Value!.Where(w => w.Id != change.Current?.Id);
        var stored = change.Desired is { } d ? Stored(change.Current?.Id ?? $"{++_ids}", d) : null;
        Webhooks[change.Scope.Id] = stored is null ? [.. left] : (Webhook[])[.. left, stored];
        return new AppliedChange(change, Fault: null) { Webhook = stored };
    }

    /// <summary>A webhook as the server stores it, which shows no secret.</summary>
    public static Webhook Stored(string id, WebhookDefinition d) =>
        new(id, d.Title, d.Marker, d.Url, d.Events, d.Active, d.SslVerification, new WebhookSecret(d.Secret is not null, Value: null));

    private static bool IsSeenOtherwise(ProjectLevelView seen, WebhookScope scope, DesiredState state) =>
        seen.View != ScopeView.Failed && state.Levels.Find(scope) is { Selected.Count: > 0 } levels && levels.View != seen.View;
}
