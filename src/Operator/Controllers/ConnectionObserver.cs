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
        var wish = VisitSchedule.WishOf(connection, observed);
        var selected = selection.Selected.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        var relevant = ConnectionPlanner.Relevant(connection, inventory, selection).ToList();
        var due = relevant.Where(r => VisitSchedule.IsDue(
            checks.GetValueOrDefault(r.Id), wish.For(WebhookPlace.Of(r), selected.Contains(r.Id)), start.Now)).ToList();
        return observed with
        {
            Webhooks = await ReadWebhooksAsync(bitbucket.Webhooks, due, cancellationToken),
            Remembered = relevant.Except(due).ToDictionary(r => r.Id, r => checks[r.Id], StringComparer.Ordinal),
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

        var inventory = await InventoryReader.ReadManagedAsync(connection.Status?.Webhooks?.ManagedIn ?? [], bitbucket.Main, cancellationToken);
        return observed with
        {
            Inventory = inventory,
            Webhooks = await ReadWebhooksAsync(bitbucket.Webhooks, inventory.Former, cancellationToken),
        };
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
        IBitbucket bitbucket, IReadOnlyCollection<Repository> repositories, CancellationToken cancellationToken)
    {
        var webhooks = new ConcurrentDictionary<string, Outcome<IReadOnlyList<Webhook>>>(StringComparer.Ordinal);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxRequestsPerHost, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(repositories, parallel, async (repository, cancel) =>
        {
            var found = await Reading.TryAsync(() => bitbucket.ListWebhooksAsync(WebhookPlace.Of(repository), cancel));

            // Gone since the listing: nothing is there, ours included.
            if (found.Fault?.Reason != Reasons.RepositoryNotFound)
            {
                webhooks[repository.Id] = found;
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
