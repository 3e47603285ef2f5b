using System.Collections.Concurrent;
using BitbucketOperator.Bitbucket;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;

namespace BitbucketOperator.Controllers;

/// <summary>Reads the server. A read that fails is stored as its fault; only cancellation is thrown.</summary>
internal sealed class ConnectionObserver(BitbucketOptions options)
{
    /// <summary>Reads all that a pass over a living connection needs.</summary>
    /// <param name="connection">The resource.</param>
    /// <param name="start">What is known without the server.</param>
    /// <param name="bitbucket">The server.</param>
    /// <param name="memory">What earlier passes found. A person who asks for a pass has everything looked at anew.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    public async Task<ConnectionObserved> ObserveAsync(
        BitbucketConnection connection, ConnectionObserved start, OpenBitbucket bitbucket, ConnectionMemory memory, CancellationToken cancellationToken)
    {
        var credentials = new CredentialObserver(memory, start.Now);
        var observed = await LogInAsync(start, bitbucket, credentials, cancellationToken);
        if (observed.Account is not { Succeeded: true })
        {
            return observed;
        }

        var inventory = await InventoryReader.ReadAsync(connection, bitbucket.Main, cancellationToken);
        var selection = RepositorySelection.Of(connection.Spec.Discovery, inventory.Repositories);
        observed = observed with { Inventory = inventory, Selection = selection };
        observed = await ExamineAsync(connection, observed, bitbucket, credentials, cancellationToken);
        if (!observed.ReachesWebhooks)
        {
            return observed;
        }

        var checks = AsksForAll(connection) ? new Dictionary<string, PlaceCheck>(StringComparer.Ordinal) : memory.Checks;
        observed = await ReadAboveAsync(connection, observed, checks, bitbucket.Webhooks, cancellationToken);
        var (due, remembered) = VisitSchedule.DueBelow(connection, observed, checks);
        var below = await ReadWebhooksAsync(bitbucket.Webhooks, due.Select(WebhookPlace.Of), cancellationToken);
        return observed with
        {
            Webhooks = observed.Webhooks.Concat(below).ToDictionary(StringComparer.Ordinal),
            Remembered = remembered,
            MovingBefore = memory.Checks.Where(c => c.Value.MovePending).Select(c => c.Key).ToHashSet(StringComparer.Ordinal),
        };
    }

    /// <summary>Reads all that the clean-up of a deleted connection needs: every place where webhooks of ours may be.</summary>
    public async Task<ConnectionObserved> ObserveForCleanupAsync(
        BitbucketConnection connection, ConnectionObserved start, OpenBitbucket bitbucket, ConnectionMemory memory, CancellationToken cancellationToken)
    {
        var observed = await LogInAsync(start, bitbucket, new CredentialObserver(memory, start.Now), cancellationToken);
        if (observed.Account is not { Succeeded: true } || observed.WebhookLoginFault is not null)
        {
            return observed;
        }

        var managed = connection.Status?.Webhooks?.ManagedIn ?? [];
        var inventory = await InventoryReader.ReadManagedAsync(managed, bitbucket.Main, cancellationToken);
        var above = managed.Select(WebhookPlace.ParseAbove).OfType<WebhookPlace>();
        var webhooks = await ReadWebhooksAsync(bitbucket.Webhooks, above.Concat(inventory.Former.Select(WebhookPlace.Of)), cancellationToken);
        return observed with
        {
            Inventory = inventory,
            Webhooks = webhooks.Where(w => w.Value.Fault?.Reason != Reasons.ProjectNotFound && w.Value.Fault?.Reason != Reasons.LevelNotSupported)
                .ToDictionary(StringComparer.Ordinal),
        };
    }

    // What a project holds that may not be read itself is seen through one of its repositories.
    private async Task<ConnectionObserved> ReadAboveAsync(
        BitbucketConnection connection, ConnectionObserved observed, IReadOnlyDictionary<string, PlaceCheck> checks, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var webhooks = await ReadWebhooksAsync(bitbucket, VisitSchedule.DueAbove(connection, observed, checks), cancellationToken);
        observed = observed with { Webhooks = webhooks };
        var inherited = new Dictionary<string, Outcome<IReadOnlyList<Webhook>?>>(StringComparer.Ordinal);
        foreach (var denied in WebhookLevels.Of(connection, observed).Places.Where(p => p is { View: PlaceView.Denied, Selected.Count: > 0 }))
        {
            inherited[denied.Place.Id] = await Reading.TryAsync(() => bitbucket.ListInheritedWebhooksAsync(denied.Selected[0], cancellationToken));
        }

        return observed with { Inherited = inherited };
    }

    private static bool AsksForAll(BitbucketConnection connection) =>
        ConnectionSummary.RequestedAt(connection) is { } requested && requested != connection.Status?.LastHandledReconcileAt;

    private static async Task<ConnectionObserved> LogInAsync(
        ConnectionObserved start, OpenBitbucket bitbucket, CredentialObserver credentials, CancellationToken cancellationToken)
    {
        var (server, account) = await credentials.LogInAsync(CredentialUse.Main, bitbucket.Targets.Main, bitbucket.Main, cancellationToken);
        var observed = start with { Server = server, Account = account };
        if (account is not { Succeeded: true } || bitbucket.Targets.Webhooks is not { } target)
        {
            return observed;
        }

        var (webhookServer, webhookAccount) = await credentials.LogInAsync(CredentialUse.Webhooks, target, bitbucket.Webhooks, cancellationToken);
        return observed with { WebhookAccount = webhookServer.Fault is { } fault ? fault : webhookAccount };
    }

    private static async Task<ConnectionObserved> ExamineAsync(
        BitbucketConnection connection, ConnectionObserved observed, OpenBitbucket bitbucket, CredentialObserver credentials, CancellationToken cancellationToken)
    {
        var sample = observed.Selection!.Selected is [var selected, ..] ? selected : observed.Inventory!.Repositories is [var listed, ..] ? listed : null;
        var interval = AsksForAll(connection) ? (TimeSpan?)null : GoDuration.Parse(connection.Spec.WebhookInterval);
        observed = observed with
        {
            Report = await credentials.ExamineAsync(CredentialUse.Main, bitbucket.Targets.Main, bitbucket.Main, sample, interval, cancellationToken),
        };
        return bitbucket.Targets.Webhooks is { } target && observed.WebhookAccount is { Succeeded: true }
            ? observed with
            {
                WebhookReport = await credentials.ExamineAsync(CredentialUse.Webhooks, target, bitbucket.Webhooks, sample, interval, cancellationToken),
            }
            : observed;
    }

    private async Task<IReadOnlyDictionary<string, Outcome<IReadOnlyList<Webhook>>>> ReadWebhooksAsync(
        IBitbucket bitbucket, IEnumerable<WebhookPlace> places, CancellationToken cancellationToken)
    {
        var webhooks = new ConcurrentDictionary<string, Outcome<IReadOnlyList<Webhook>>>(StringComparer.Ordinal);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxRequestsPerHost, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(places, parallel, async (place, cancel) =>
        {
            var found = await Reading.TryAsync(() => bitbucket.ListWebhooksAsync(place, cancel));

            // Gone since the listing: nothing is there, ours included.
            if (found.Fault?.Reason != Reasons.RepositoryNotFound)
            {
                webhooks[place.Id] = found;
            }
        });
        return webhooks;
    }
}

/// <summary>Turns a read that fails into its fault.</summary>
internal static class Reading
{
    public static async Task<Outcome<T>> TryAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (FaultException e)
        {
            return e.Fault;
        }
    }
}
