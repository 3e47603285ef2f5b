using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Controllers;

/// <summary>
/// Lists repositories: those that the spec asks for, and those where webhooks of ours may have been left. It goes on from reconcile
/// to reconcile where it stopped, however long the server and its limits let it take.
/// </summary>
internal sealed class RepositoryDiscovery
{
    private readonly Listing _found;
    private readonly Listing _former;
    private readonly Queue<Source> _left;
    private readonly bool _isForCleanup;
    private readonly IReadOnlyList<string> _managedIn;
    private readonly HashSet<string> _holding;
    private bool _searches;

    private RepositoryDiscovery(
        Connection connection, ConnectionObserved login, OpenBitbucket bitbucket, int most, IReadOnlyCollection<ScopeCheck> known)
    {
        (Key, Login, Bitbucket, _isForCleanup) = (KeyOf(connection), login, bitbucket, connection.IsDeleting);
        _managedIn = connection.Known.ManagedIn;
        var verified = connection.Known.Verified;
        var left = known.Where(c => c.HoldsOurs).Select(c => c.Scope.Id).Concat(verified.Ids.Where(verified.Contains));
        _holding = [.. left.Where(id => WebhookScope.ParseProjectLevel(id) is null)];
        _searches = _isForCleanup || Former(connection).Count > 0;
        _found = new Listing(bitbucket.Main, most) { MissingIsNoFault = false };
        _former = new Listing(bitbucket.Main, most) { MissingIsNoFault = true };
        _left = new Queue<Source>(Sources(connection));
    }

    /// <summary>What it is for, as a text: one that was begun for something else is of no use.</summary>
    public string Key { get; }

    /// <summary>What was known when it began.</summary>
    public ConnectionObserved Login { get; }

    /// <summary>The server.</summary>
    public OpenBitbucket Bitbucket { get; }

    /// <summary>How many repositories were found so far.</summary>
    public int Found => _found.Count + _former.Count;

    /// <summary>How many requests it took so far.</summary>
    public int Pages => _found.Pages + _former.Pages;

    /// <summary>
    /// What a listing for a connection is for. Where webhooks were left changes while it goes on, and is for the next one.
    /// </summary>
    public static string KeyOf(Connection connection) => connection.IsDeleting
        ? string.Join('\n', ["deleting", .. connection.Known.ManagedIn])
        : ListingPlausibility.RulesOf(connection.Spec);

    /// <summary>Begins one. Nothing is sent yet.</summary>
    /// <param name="connection">What for.</param>
    /// <param name="login">What is known of the server.</param>
    /// <param name="bitbucket">The server.</param>
    /// <param name="most">How many repositories are taken in; more are a fault.</param>
    /// <param name="known">What is known of the webhooks in each scope.</param>
    public static RepositoryDiscovery Begin(
        Connection connection, ConnectionObserved login, OpenBitbucket bitbucket, int most, IReadOnlyCollection<ScopeCheck> known) =>
        new(connection, login, bitbucket, most, known);

    /// <summary>Goes on until the end, a rate limit, or a time.</summary>
    /// <param name="isTime">Asked after each page.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null at the end; else how long to wait before it goes on.</returns>
    public async Task<TimeSpan?> ContinueAsync(Func<bool> isTime, CancellationToken cancellationToken)
    {
        // With nothing else on record there is this alone.
        SearchForTheRest();
        while (_left.TryPeek(out var source))
        {
            if (await source.NextAsync(cancellationToken) is { } wait)
            {
                return wait;
            }

            if (source.IsDone)
            {
                _left.Dequeue();
                SearchForTheRest();
            }

            if (isTime() && _left.Count > 0)
            {
                return TimeSpan.Zero;
            }
        }

        return null;
    }

    /// <summary>What was found.</summary>
    public RepositoryListing ToListing() => _isForCleanup
        ? new RepositoryListing([], _former.Faults, _former.Repositories, _former.Unread)
        : new RepositoryListing(
            _found.Repositories, _found.Faults, [.. _former.Repositories.Where(r => !_found.Holds(r))], _former.Unread)
        {
            Invalid = _found.Invalid,
        };

    // A project or repository that got another name since is not found by its old one: one listing of everything finds what is left.
    private void SearchForTheRest()
    {
        if (_left.Count > 0 || !_searches)
        {
            return;
        }

        _searches = false;
        var isKnown = _holding.Count > 0;
        _holding.ExceptWith(_former.Repositories.Concat(_found.Repositories).Select(r => r.Id));
        if (_holding.Count > 0)
        {
            _left.Enqueue(_former.Search(_holding, _managedIn));
        }
        else if (_isForCleanup && !isKnown && _former.MissesAPlace && !_managedIn.Contains(ManagedScopes.Everything, StringComparer.Ordinal))
        {
            _left.Enqueue(_former.Search(left: null, _managedIn));
        }
    }

    // Where webhooks of ours may be and the rules do not look any more.
    private static List<string> Former(Connection connection)
    {
        var discovery = connection.Spec.Discovery;
        return discovery is { Repositories.Count: 0, Projects.Count: 0 }
            ? []
            : [.. connection.Known.ManagedIn.Where(scope => !IsCovered(scope, connection.Spec))];
    }

    private static bool IsCovered(string scope, ConnectionSpec spec) =>
        scope == ManagedScopes.ListedBy(spec)
        || spec.Discovery.Projects.Contains(scope.Split('/')[0], StringComparer.OrdinalIgnoreCase)
        || spec.Discovery.Repositories.Contains(scope, StringComparer.OrdinalIgnoreCase);

    private IEnumerable<Source> Sources(Connection connection)
    {
        var former = (_isForCleanup ? connection.Known.ManagedIn : Former(connection)).Where(s => WebhookScope.ParseProjectLevel(s) is null)
            .SelectMany(s => FormerSources(s, connection.Spec));
        return _isForCleanup ? former : [.. ListedSources(_found, connection.Spec.Discovery), .. former];
    }

    // What was listed for other rules than those of now may be anywhere.
    private IEnumerable<Source> FormerSources(string scope, ConnectionSpec spec)
    {
        if (scope == ManagedScopes.ListedBy(spec))
        {
            return ListedSources(_former, spec.Discovery);
        }

        if (ManagedScopes.IsWildcard(scope))
        {
            return [_former.List(project: null, scope)];
        }

        return [scope.Contains('/', StringComparison.Ordinal) ? _former.Fetch(scope, "status.bookkeeping.managedIn") : _former.List(scope)];
    }

    private static IEnumerable<Source> ListedSources(Listing listing, DiscoveryRules discovery)
    {
        if (discovery.Repositories.Count > 0)
        {
            return discovery.Repositories.Select(r => listing.Fetch(r, "spec.discovery.repositories"));
        }

        return discovery.Projects.Count > 0 ? discovery.Projects.Select(p => listing.List(p)) : [listing.List(project: null)];
    }

    /// <summary>A page, or a repository, after the other.</summary>
    private sealed class Source(Func<CancellationToken, Task<bool>> next, Action<Fault> fail)
    {
        public bool IsDone { get; private set; }

        // How long to wait for a rate limit; null when the page was read, or failed for good.
        public async Task<TimeSpan?> NextAsync(CancellationToken cancellationToken)
        {
            try
            {
                IsDone = !await next(cancellationToken);
            }
            catch (FaultException e) when (e.Fault is { RetryAfter: { } wait } && e.Fault.Reason == Reasons.RateLimited)
            {
                return wait;
            }
            catch (FaultException e)
            {
                IsDone = true;
                fail(e.Fault);
            }

            return null;
        }
    }

    private sealed class Listing(IBitbucket bitbucket, int most)
    {
        // A server that leaves out what the credential may not see sends empty pages, but not so many.
        private const int MostBarrenPages = 1000;

        private readonly Dictionary<string, Repository> _repositories = new(StringComparer.Ordinal);

        public required bool MissingIsNoFault { get; init; }

        public List<Fault> Faults { get; } = [];

        // The entries of managedIn that could not be read.
        public List<string> Unread { get; } = [];

        public IReadOnlyList<Repository> Repositories => [.. _repositories.Values];

        public int Count => _repositories.Count;

        public int Pages { get; private set; }

        // Left out for their names.
        public int Invalid { get; private set; }

        /// <summary>A project or repository was not found, or a project was empty.</summary>
        public bool MissesAPlace { get; private set; }

        public bool Holds(Repository repository) => _repositories.ContainsKey(repository.Id);

        public Source List(string? project, string? entry = null)
        {
            IRepositoryPages? pages = null;
            var (barren, invalid, isEmpty) = (0, 0, true);
            return new Source(
                async cancellationToken =>
                {
                    ThrowIfTooMany();
                    pages ??= bitbucket.ListRepositories(Checked(project));
                    if (await pages.NextAsync(cancellationToken) is not { } page)
                    {
                        MissesAPlace |= isEmpty;
                        return false;
                    }

                    Pages++;
                    Invalid += pages.Invalid - invalid;
                    invalid = pages.Invalid;
                    isEmpty &= page.Count + invalid == 0;
                    barren = Take(page) ? 0 : barren + 1;
                    return barren < MostBarrenPages
                        ? true
                        : throw new FaultException(Fault.Waiting(Reasons.ListingIncomplete, Sentences.EndlessListing(barren)));
                },
                fault => Add(project, fault, entry ?? project));
        }

        /// <summary>
        /// Those of some repositories that the credential may list. What it may not list it cannot find, nor what lies beyond the most
        /// that are taken in: that keeps nothing else from being removed.
        /// </summary>
        /// <param name="left">Ids of the repositories, which are taken out as they are found; null for all.</param>
        /// <param name="entries">Where managedIn says that they are.</param>
        public Source Search(HashSet<string>? left, IReadOnlyList<string> entries)
        {
            var pages = bitbucket.ListRepositories(project: null);
            var barren = 0;
            return new Source(
                async cancellationToken =>
                {
                    if (left is { Count: 0 } || barren > MostBarrenPages || Count > most || await pages.NextAsync(cancellationToken) is not { } page)
                    {
                        return false;
                    }

                    Pages++;
                    var isNew = Take([.. page.Where(r => left is null || left.Remove(r.Id))]);
                    barren = isNew ? 0 : barren + 1;
                    return true;
                },
                fault =>
                {
                    if (fault.Reason != Reasons.ReadPermissionDenied)
                    {
                        Add(place: null, fault, entry: null);
                        Unread.AddRange(entries);
                    }
                });
        }

        public Source Fetch(string text, string field) => new(
            async cancellationToken =>
            {
                ThrowIfTooMany();
                var name = RepositoryName.Parse(text) ?? throw new FaultException(
                    Fault.Waiting(Reasons.RepositoryNotFound, Sentences.NoRepositoryName(field, text, ClonePath.Of(text)?.ToString()), field: field));
                var repository = await bitbucket.GetRepositoryAsync(name, cancellationToken);
                Pages++;
                Take([repository]);
                ThrowIfTooMany();
                return false;
            },
            fault => Add(text, fault, text));

        private static string? Checked(string? project) => project is null || NameRules.IsProjectKey(project)
            ? project
            : throw new FaultException(Fault.Waiting(Reasons.ProjectNotFound, Sentences.NoProjectKey(project)));

        // Whether any of them is new.
        private bool Take(IReadOnlyList<Repository> page)
        {
            var before = Count;
            foreach (var repository in page)
            {
                _repositories.TryAdd(repository.Id, repository);
            }

            return Count > before;
        }

        // Sources that were not begun then end here too.
        private void ThrowIfTooMany()
        {
            if (Count > most)
            {
                throw new FaultException(Fault.Waiting(Reasons.TooManyRepositories, Sentences.TooManyRepositories(most)));
            }
        }

        private void Add(string? place, Fault fault, string? entry)
        {
            if (fault.Reason == Reasons.TooManyRepositories)
            {
                place = null;
            }

            var missing = fault.Reason == Reasons.ProjectNotFound || fault.Reason == Reasons.RepositoryNotFound;
            MissesAPlace |= missing;
            if (!missing || !MissingIsNoFault)
            {
                fault = place is null ? fault : fault with { Place = Place.Named(place) };
                Faults.AddRange(Faults.Contains(fault) ? [] : [fault]);
                Unread.AddRange(entry is null ? [] : [entry]);
            }
        }
    }
}
