using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Controllers;

/// <summary>Reads the server, all but webhooks. A read that fails is stored as its fault; only cancellation is thrown.</summary>
internal sealed class ConnectionObserver(BitbucketOptions options, TimeProvider clock)
{
    // A reconcile lists for so long; what is left is for the next one.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // A listing that breaks off again and again is restarted after so long at most.
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Reads all that a reconcile needs, as far as it is due: of a connection that is being deleted, every repository where webhooks
    /// of ours may be.
    /// </summary>
    /// <param name="connection">The resource.</param>
    /// <param name="start">What is known without the server.</param>
    /// <param name="open">Opens the server.</param>
    /// <param name="state">What is known; brought up to date.</param>
    /// <param name="cancellationToken">Stops the reconcile.</param>
    public async Task<ConnectionObserved> ObserveAsync(
        Connection connection, ConnectionObserved start, Func<OpenBitbucket> open, ConnectionState state, CancellationToken cancellationToken)
    {
        if (state.Reading is { } known && known.Serves(connection, start.Now, state.Outlook?.Interval))
        {
            // What an edit left as it was is read for the spec of now.
            state.Reading = known = known with { Generation = connection.Generation };
            return Recall(connection, start, known, state);
        }

        var credentials = new CredentialObserver(state, start.Now);
        if (state.Discovery is not { } discovery || discovery.Key != RepositoryDiscovery.KeyOf(connection))
        {
            var bitbucket = open();
            var login = await LogInAsync(start, bitbucket, credentials, cancellationToken);
            if (login.Account is not { Succeeded: true } || (connection.IsDeleting && login.WebhookLoginFault is not null))
            {
                (state.Reading, state.Discovery) = (null, null);
                return login;
            }

            discovery = state.Discovery = RepositoryDiscovery.Begin(
                connection, login, bitbucket, options.MaxRepositories, [.. state.Checks.Values]);
        }

        var began = clock.GetTimestamp();
        var wait = await discovery.ContinueAsync(() => clock.GetElapsedTime(began) > Patience, cancellationToken);
        var observed = WithLogin(start, discovery.Login);
        if (wait is not null)
        {
            // What was listed for other rules selects nothing for these: what they select is known when the listing has ended.
            observed = state.Reading is { ForCleanup: false } before && !connection.IsDeleting && before.Key == ServerReading.KeyOf(connection)
                ? Recall(connection, start, before, state)
                : observed;
            return observed with { DiscoveredSoFar = discovery.Found, DiscoveryWait = wait };
        }

        state.Discovery = null;
        state.Gone.Clear();
        observed = observed with { RepositoryListing = discovery.ToListing() };
        if (!connection.IsDeleting)
        {
            observed = observed with { Selection = RepositorySelection.Of(connection.Spec.Discovery, observed.RepositoryListing.Repositories) };
            observed = await ExamineAsync(connection, observed, discovery.Bitbucket, credentials, cancellationToken);
        }

        return Remember(connection, observed, discovery, state);
    }

    private static ConnectionObserved WithLogin(ConnectionObserved start, ConnectionObserved login) => start with
    {
        Server = login.Server,
        Account = login.Account,
        WebhookAccount = start.WebhookCredential is null ? null : login.WebhookAccount,
    };

    // What was read stays good for the interval, save for repositories that syncs did not find any more.
    private static ConnectionObserved Recall(Connection connection, ConnectionObserved start, ServerReading known, ConnectionState state)
    {
        var read = known.Observed;
        var listing = read.RepositoryListing;
        if (listing is not null && !state.Gone.IsEmpty)
        {
            List<Repository> left = [.. listing.Repositories.Where(r => !state.Gone.ContainsKey(r.Id))];
            listing = listing with
            {
                Repositories = left,
                NotFound = listing.Repositories.Count - left.Count,
                Former = [.. listing.Former.Where(r => !state.Gone.ContainsKey(r.Id))],
            };
        }

        return WithLogin(start, read) with
        {
            ReadAt = read.Now,
            Report = read.Report,
            WebhookReport = read.WebhookReport,
            RepositoryListing = listing,
            Selection = SelectionOf(connection, known, state),
            Checks = state.Checks,
            AssumesWhatIsKnown = state.AssumesWhatIsKnown,
            RequestSeenAt = state.RequestedAt,
        };
    }

    private static RepositorySelection? SelectionOf(Connection connection, ServerReading known, ConnectionState state)
    {
        if (known.Observed.RepositoryListing is not { } listing || connection.IsDeleting)
        {
            return null;
        }

        var selection = known.Generation == connection.Generation && known.Observed.Selection is { } read
            ? read
            : RepositorySelection.Of(connection.Spec.Discovery, listing.Repositories);
        return state.Gone.IsEmpty ? selection : selection.Without(r => state.Gone.ContainsKey(r.Id));
    }

    private static ConnectionObserved Remember(Connection connection, ConnectionObserved observed, RepositoryDiscovery discovery, ConnectionState state)
    {
        observed = observed with { Checks = state.Checks, AssumesWhatIsKnown = state.AssumesWhatIsKnown, RequestSeenAt = state.RequestedAt };
        state.BrokenListings = observed.RepositoryListing is { IsUsable: false } ? state.BrokenListings + 1 : 0;
        var reading = new ServerReading(observed, discovery.Bitbucket, connection.Generation, ServerReading.KeyOf(connection), connection.IsDeleting)
        {
            Pages = discovery.Pages,
        };
        state.Reading = reading.IsComplete || observed.RepositoryListing is { IsGivenUp: true }
            ? reading
            : reading with { Rest = RestAfter(state.BrokenListings) };
        return observed;
    }

    // The back-off of failed reconciles does not count those in between that only went on listing.
    private static TimeSpan RestAfter(int broken)
    {
        var rest = Patience * Math.Pow(2, Math.Clamp(broken - 1, 0, 6));
        return rest < LongestRest ? rest : LongestRest;
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
