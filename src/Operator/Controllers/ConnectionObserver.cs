using System.Collections.Concurrent;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;

namespace BitbucketOperator.Controllers;

/// <summary>Reads the server. A read that fails is stored as its fault; only cancellation is thrown.</summary>
internal sealed class ConnectionObserver(BitbucketOptions options)
{
    /// <summary>Reads all that a reconcile over a living connection needs.</summary>
    /// <param name="connection">The resource.</param>
    /// <param name="start">What is known without the server.</param>
    /// <param name="bitbucket">The server.</param>
    /// <param name="memory">What earlier reconciles found. A requested reconcile reads everything again.</param>
    /// <param name="cancellationToken">Stops the reconcile.</param>
    public async Task<(ConnectionObserved Observed, WebhookLevels? Levels)> ObserveAsync(
        Connection connection, ConnectionObserved start, OpenBitbucket bitbucket, ConnectionMemory memory, CancellationToken cancellationToken)
    {
        var credentials = new CredentialObserver(memory, start.Now);
        var observed = await LogInAsync(start, bitbucket, credentials, cancellationToken);
        if (observed.Account is not { Succeeded: true })
        {
            return (observed, null);
        }

        var inventory = await RepositoryDiscovery.ReadAsync(connection, bitbucket.Main, cancellationToken);
        var selection = RepositorySelection.Of(connection.Spec.Discovery, inventory.Repositories);
        observed = observed with { RepositoryListing = inventory, Selection = selection };
        observed = await ExamineAsync(connection, observed, bitbucket, credentials, cancellationToken);
        if (!observed.ReachesWebhooks)
        {
            return (observed, null);
        }

        var checks = connection.IsRequested ? new Dictionary<string, ScopeCheck>(StringComparer.Ordinal) : memory.Checks;
        var expected = WebhookLevels.Expect(connection, observed, checks);
        var dueProjectLevel = VerificationSchedule.DueProjectLevel(connection, observed, checks, expected);
        var projectLevel = await ReadWebhooksAsync(bitbucket.Webhooks, dueProjectLevel, cancellationToken);
        var inherited = await ReadInheritedAsync(expected.DeniedBy(projectLevel), bitbucket.Webhooks, cancellationToken);
        var levels = expected.Decide(projectLevel, inherited);
        var (due, remembered) = VerificationSchedule.DueRepositories(connection, observed, checks, levels);
        var below = await ReadWebhooksAsync(bitbucket.Webhooks, due.Select(WebhookScope.Of), cancellationToken);

        // Gone since the listing: nothing is there, ours included. A second credential may just not reach it.
        var gone = bitbucket.IsSplit ? [] : due.Select(r => r.Id).Where(id => IsGone(below[id])).ToHashSet(StringComparer.Ordinal);
        if (gone.Count > 0)
        {
            observed = WithoutGone(connection, observed, gone);
            levels = WebhookLevels.Expect(connection, observed, checks).Decide(projectLevel, inherited);
        }

        observed = observed with
        {
            Webhooks = projectLevel.Concat(below.Where(w => !gone.Contains(w.Key))).ToDictionary(StringComparer.Ordinal),
            Remembered = remembered,
            MovingBefore = memory.Checks.Where(c => c.Value.MovePending).Select(c => c.Key).ToHashSet(StringComparer.Ordinal),
        };
        return (observed, levels);
    }

    /// <summary>Reads all that the clean-up of a deleted connection needs: every scope where webhooks of ours may be.</summary>
    public async Task<ConnectionObserved> ObserveForCleanupAsync(
        Connection connection, ConnectionObserved start, OpenBitbucket bitbucket, ConnectionMemory memory, CancellationToken cancellationToken)
    {
        var observed = await LogInAsync(start, bitbucket, new CredentialObserver(memory, start.Now), cancellationToken);
        if (observed.Account is not { Succeeded: true } || observed.WebhookLoginFault is not null)
        {
            return observed;
        }

        var managed = connection.Known.ManagedIn;
        var inventory = await RepositoryDiscovery.ReadManagedAsync(managed, bitbucket.Main, cancellationToken);
        var projectLevel = managed.Select(WebhookScope.ParseProjectLevel).OfType<WebhookScope>();
        var webhooks = await ReadWebhooksAsync(bitbucket.Webhooks, projectLevel.Concat(inventory.Former.Select(WebhookScope.Of)), cancellationToken);
        return observed with
        {
            RepositoryListing = inventory,
            Webhooks = webhooks
                .Where(w => !IsGone(w.Value))
                .Where(w => w.Value.Fault?.Reason != Reasons.ProjectNotFound && w.Value.Fault?.Reason != Reasons.LevelNotSupported)
                .ToDictionary(StringComparer.Ordinal),
        };
    }

    // A repository that went between the listing and the look at its webhooks was not there to be listed.
    private static ConnectionObserved WithoutGone(Connection connection, ConnectionObserved observed, HashSet<string> gone)
    {
        var left = observed.RepositoryListing!.Repositories.Where(r => !gone.Contains(r.Id)).ToList();
        return observed with
        {
            RepositoryListing = observed.RepositoryListing with { Repositories = left },
            Selection = RepositorySelection.Of(connection.Spec.Discovery, left),
        };
    }

    private static bool IsGone(Outcome<IReadOnlyList<Webhook>> found) => found.Fault?.Reason == Reasons.RepositoryNotFound;

    // What a project holds that may not be read itself is seen through one of its repositories.
    private static async Task<IReadOnlyDictionary<string, Outcome<IReadOnlyList<Webhook>?>>> ReadInheritedAsync(
        IEnumerable<ScopeLevels> denied, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var inherited = new Dictionary<string, Outcome<IReadOnlyList<Webhook>?>>(StringComparer.Ordinal);
        foreach (var project in denied)
        {
            inherited[project.Scope.Id] =
                await Reading.TryAsync(() => bitbucket.ListInheritedWebhooksAsync(project.Selected[0], cancellationToken));
        }

        return inherited;
    }

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
        Connection connection, ConnectionObserved observed, OpenBitbucket bitbucket, CredentialObserver credentials, CancellationToken cancellationToken)
    {
        var sample = observed.Selection!.Selected is [var selected, ..] ? selected
            : observed.RepositoryListing!.Repositories is [var listed, ..] ? listed : null;
        var interval = connection.IsRequested ? (TimeSpan?)null : connection.Spec.WebhookInterval;
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
        IBitbucket bitbucket, IEnumerable<WebhookScope> scopes, CancellationToken cancellationToken)
    {
        var webhooks = new ConcurrentDictionary<string, Outcome<IReadOnlyList<Webhook>>>(StringComparer.Ordinal);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxRequestsPerHost, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(scopes, parallel, async (scope, cancel) =>
        {
            webhooks[scope.Id] = await Reading.TryAsync(() => bitbucket.ListWebhooksAsync(scope, cancel));
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
