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
    /// <param name="checks">What earlier passes found; empty for a full check.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    public async Task<ConnectionObserved> ObserveAsync(
        BitbucketConnection connection,
        ConnectionObserved start,
        IBitbucket bitbucket,
        IReadOnlyDictionary<string, RepositoryCheck> checks,
        CancellationToken cancellationToken)
    {
        var observed = await LogInAsync(start, bitbucket, cancellationToken);
        if (observed.Account is not { Succeeded: true })
        {
            return observed;
        }

        var inventory = await InventoryReader.ReadAsync(connection, bitbucket, cancellationToken);
        var selection = RepositorySelection.Of(connection.Spec.Discovery, inventory.Repositories);
        observed = observed with { Inventory = inventory, Selection = selection };
        if (!inventory.IsUsable)
        {
            return observed;
        }

        var fingerprint = VisitSchedule.DesiredFingerprint(observed.Desired);
        var selected = selection.Selected.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        var relevant = ConnectionPlanner.Relevant(connection, inventory, selection).ToList();
        var due = relevant.Where(r => VisitSchedule.IsDue(
            checks.GetValueOrDefault(r.Id), VisitSchedule.FingerprintFor(selected.Contains(r.Id), fingerprint), start.Now)).ToList();
        return observed with
        {
            Webhooks = await ReadWebhooksAsync(bitbucket, due, cancellationToken),
            Remembered = relevant.Except(due).ToDictionary(r => r.Id, r => checks[r.Id], StringComparer.Ordinal),
        };
    }

    /// <summary>Reads all that the clean-up of a deleted connection needs: every place where webhooks of ours may be.</summary>
    public async Task<ConnectionObserved> ObserveForCleanupAsync(
        BitbucketConnection connection, ConnectionObserved start, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var observed = await LogInAsync(start, bitbucket, cancellationToken);
        if (observed.Account is not { Succeeded: true })
        {
            return observed;
        }

        var inventory = await InventoryReader.ReadManagedAsync(connection.Status?.Webhooks?.ManagedIn ?? [], bitbucket, cancellationToken);
        return observed with
        {
            Inventory = inventory,
            Webhooks = await ReadWebhooksAsync(bitbucket, inventory.Former, cancellationToken),
        };
    }

    private static async Task<ConnectionObserved> LogInAsync(ConnectionObserved start, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var server = await TryAsync(() => bitbucket.GetServerAsync(cancellationToken));
        var observed = start with { Server = server };
        return server.Succeeded && ConnectionSummary.VersionFault(server.Value!) is null
            ? observed with { Account = await TryAsync(() => bitbucket.GetAccountAsync(cancellationToken)) }
            : observed;
    }

    private async Task<IReadOnlyDictionary<string, Outcome<IReadOnlyList<Webhook>>>> ReadWebhooksAsync(
        IBitbucket bitbucket, IReadOnlyCollection<Repository> repositories, CancellationToken cancellationToken)
    {
        var webhooks = new ConcurrentDictionary<string, Outcome<IReadOnlyList<Webhook>>>(StringComparer.Ordinal);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxRequestsPerHost, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(repositories, parallel, async (repository, cancel) =>
        {
            var found = await TryAsync(() => bitbucket.ListWebhooksAsync(repository.Name, cancel));

            // Gone since the listing: nothing is there, ours included.
            if (found.Fault?.Reason != Reasons.RepositoryNotFound)
            {
                webhooks[repository.Id] = found;
            }
        });
        return webhooks;
    }

    private static async Task<Outcome<T>> TryAsync<T>(Func<Task<T>> read)
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
