using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;

namespace BitbucketOperator.Core.Tests.Golden;

/// <summary>What a pass over a world left.</summary>
/// <param name="Plan">What was to be done.</param>
/// <param name="Status">What it writes at the end; null when a clean-up is done.</param>
/// <param name="Next">When it is repeated; null for a suspended connection.</param>
/// <param name="Events">What it tells.</param>
/// <param name="WriteAhead">What it writes before the first change, where that is needed.</param>
/// <param name="Cleanup">How the clean-up of a deleted connection went.</param>
internal sealed record PassResult(
    ConnectionPlan Plan,
    BitbucketConnectionStatus? Status,
    NextVisit? Next,
    IReadOnlyList<ConnectionEvent> Events,
    BitbucketConnectionStatus? WriteAhead = null,
    CleanupSummary? Cleanup = null);

/// <summary>Takes a connection through the pure steps of a pass, in the order of the controller.</summary>
internal sealed class Pass(World world, Stage stage, BitbucketConnection connection, DateTimeOffset now)
{
    public PassResult Run()
    {
        if (connection.Spec.Suspend)
        {
            var suspended = ConnectionSummary.Suspended(connection, now);
            return new PassResult(ConnectionPlan.Nothing([]), suspended, Next: null, ConnectionEvents.Of(connection.Status, suspended, []));
        }

        return connection.Metadata.DeletionTimestamp is null ? Reconcile() : CleanUp();
    }

    private PassResult Reconcile()
    {
        var observed = Observe();
        var plan = ConnectionPlanner.Plan(connection, observed, stage.Owner);
        var pass = PassOf(observed, plan);
        var managed = connection.Status?.Webhooks?.ManagedIn ?? [];
        var recordsFirst = !pass.WritesNothing && plan.ManagedBefore.Except(managed, StringComparer.OrdinalIgnoreCase).Any();
        var ahead = recordsFirst ? ConnectionSummary.InProgress(pass) : null;
        pass = AskForDeliveries(pass.WritesNothing ? pass : pass with { Applied = [.. plan.Changes.Select(stage.Apply)] });
        var summary = ConnectionSummary.Of(pass);
        return new PassResult(plan, summary.Status, summary.Next, ConnectionEvents.Of(connection.Status, summary.Status, pass.Applied), ahead);
    }

    private ConnectionPass AskForDeliveries(ConnectionPass pass)
    {
        if (!world.AsksForDeliveries || !pass.Observed.ReachesWebhooks)
        {
            return pass;
        }

        var known = DeliverySchedule.Known(pass, stage.Owner, new Dictionary<string, PlaceCheck>(StringComparer.Ordinal));
        var due = DeliverySchedule.Due(known, now, GoDuration.Parse(connection.Spec.Interval));
        var deliveries = DeliverySchedule.After(known, due.Select(t => stage.Ask(t, now)).OfType<TrackedWebhook>());
        return pass with { Observed = pass.Observed with { Deliveries = deliveries } };
    }

    private PassResult CleanUp()
    {
        var observed = Prepare();
        var plan = ConnectionPlan.Nothing([]);
        var managed = connection.Status?.Webhooks?.ManagedIn ?? [];
        if (MayGoOn(observed) || world.ProvenBefore)
        {
            observed = LogIn(observed with { Preparation = null, Credential = Proven(observed.Credential), WebhookCredential = Proven(observed.WebhookCredential) });
            if (observed.Account is { Succeeded: true })
            {
                observed = observed with { Inventory = new Inventory([], Faults(), Former(), world.Listing.FormerLeft) };
                observed = observed with { Webhooks = observed.WebhookLoginFault is null
                        ? Read(managed.Select(WebhookPlace.ParseAbove).OfType<WebhookPlace>().Concat(observed.Inventory!.Former.Select(WebhookPlace.Of)))
                            .Where(w => w.Value.Fault?.Reason != Reasons.LevelNotSupported && w.Value.Fault?.Reason != Reasons.ProjectNotFound).ToDictionary(StringComparer.Ordinal)
                        : [], };
            }

            plan = ConnectionPlanner.PlanCleanup(connection, observed, stage.Owner);
        }

        var pass = PassOf(observed, plan);
        var summary = CleanupSummary.Of(pass with { Applied = [.. plan.Changes.Select(stage.Apply)] });
        return new PassResult(plan, summary.Status, summary.Next, [], Cleanup: summary);
    }

    private ConnectionObserved Observe()
    {
        var observed = Prepare();
        if (!MayGoOn(observed) || (observed = LogIn(observed)).Account is not { Succeeded: true })
        {
            return observed;
        }

        var listed = stage.Repositories.Where(r => !r.Entry.Former).Select(r => r.Repository).ToList();
        var inventory = new Inventory(listed, Faults(), Former(), world.Listing.FormerLeft);
        var selection = RepositorySelection.Of(connection.Spec.Discovery, listed);
        observed = observed with { Inventory = inventory, Selection = selection, Report = world.Report?.Answer() };
        if (!observed.ReachesWebhooks)
        {
            return observed;
        }

        observed = observed with { WebhookReport = world.WebhookReport?.Answer() };
        var checks = stage.Checks(VisitSchedule.WishOf(connection, observed, WebhookLevels.Of(connection, observed)), now);
        observed = observed with { Webhooks = Read(VisitSchedule.DueAbove(connection, observed, checks)) };
        var denied = WebhookLevels.Of(connection, observed).Places.Where(p => p is { View: PlaceView.Denied, Selected.Count: > 0 });
        observed = observed with { Inherited = denied.ToDictionary(p => p.Place.Id, p => stage.Inherited(p.Place), StringComparer.Ordinal) };
        var (due, remembered) = VisitSchedule.DueBelow(connection, observed, checks);
        return observed with { Remembered = remembered, Webhooks = observed.Webhooks.Concat(Read(due.Select(WebhookPlace.Of))).ToDictionary(StringComparer.Ordinal) };
    }

    private ConnectionObserved Prepare()
    {
        var refusal = ConnectionGate.OwnerRefusal(connection, stage.Rivals(connection)) ?? ConnectionGate.Refusal(connection.Spec, new ConnectionPolicy(world.AllowHttp));
        return refusal is not null
            ? new ConnectionObserved { Now = now, Owner = stage.Owner, Refusal = refusal }
            : new ConnectionObserved
            {
                Now = now,
                Owner = stage.Owner,
                Credential = stage.Credential(),
                WebhookCredential = stage.WebhookCredential(),
                CredentialEnds = stage.CredentialEnds(),
                Preparation = stage.CaBundleFault() ?? stage.ProxyFault() ?? world.Preparation?.ToFault(),
                Desired = stage.Desired(),
                Rivals = stage.Rivals(connection),
            };
    }

    private static bool MayGoOn(ConnectionObserved observed) =>
        observed is { Refusal: null, Preparation: null, Credential: { Succeeded: true } };

    private ConnectionObserved LogIn(ConnectionObserved observed)
    {
        var server = world.Server.Answer(stage.Hosting);
        observed = observed with { Server = server };
        if (!server.Succeeded || ConnectionSummary.VersionFault(server.Value!) is not null)
        {
            return observed;
        }

        return observed with
        {
            Account = world.Account.Answer(),
            WebhookAccount = observed.WebhookCredential is { Succeeded: true } ? world.WebhookAccount.Answer() : (Outcome<Account>?)null,
        };
    }

    private Outcome<Credential>? Proven(Outcome<Credential>? read) =>
        read is { Succeeded: false } && world.ProvenBefore ? new Credential.HttpAccessToken(new SecretText("s3cr3t-proven")) : read;

    private List<Fault> Faults() => world.Listing.Faults.ConvertAll(f => f.ToFault());

    private List<Repository> Former()
    {
        var managed = connection.Status?.Webhooks?.ManagedIn ?? [];
        var isDeleted = connection.Metadata.DeletionTimestamp is not null;
        return
        [
            .. stage.Repositories.Where(r => r.Entry.Former || isDeleted).Select(r => r.Repository)
                .Where(r => managed.Contains(r.Name.Project) || managed.Contains(r.Name.ToString())),
        ];
    }

    private Dictionary<string, Outcome<IReadOnlyList<Webhook>>> Read(IEnumerable<WebhookPlace> places) =>
        places.ToDictionary(p => p.Id, stage.Webhooks, StringComparer.Ordinal);

    private ConnectionPass PassOf(ConnectionObserved observed, ConnectionPlan plan) =>
        new(connection, observed, plan, []) 
        {
            DesiredFingerprint = VisitSchedule.DesiredFingerprint(observed.Desired),
            OwnerId = observed.Refusal is null ? stage.Owner.Id : null,
        };
}
