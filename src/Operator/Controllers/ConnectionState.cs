using System.Collections.Concurrent;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Controllers;

/// <summary>
/// What this process knows of a connection, to spare requests: what was read of the server, and what syncs found in each scope.
/// Losing it costs requests and nothing else: what must outlive the process is in status, and what saves requests in inventories.
/// </summary>
internal sealed class ConnectionState
{
    private readonly long[] _changes = new long[Enum.GetValues<ChangeKind>().Length];
    private readonly Lock _recording = new();
    private readonly ConcurrentDictionary<string, byte> _woken = new(StringComparer.Ordinal);
    private Targets? _seenWith;

    /// <summary>What syncs found in each scope, by id.</summary>
    public ConcurrentDictionary<string, ScopeCheck> Checks { get; } = new(StringComparer.Ordinal);

    /// <summary>Ids of listed repositories that syncs did not find any more.</summary>
    public ConcurrentDictionary<string, byte> Gone { get; } = new(StringComparer.Ordinal);

    /// <summary>Ids of repositories that syncs did not find, until one does: nothing is assumed of them.</summary>
    public ConcurrentDictionary<string, byte> NotFound { get; } = new(StringComparer.Ordinal);

    /// <summary>The scopes that wait for a sync, and those that one is running in.</summary>
    public SyncQueue Sync { get; } = new();

    /// <summary>What is known of each credential.</summary>
    public Dictionary<CredentialUse, CredentialMemory> Credentials { get; } = [];

    /// <summary>The last targets that a login succeeded with. Clean-up uses them when the Secrets went first.</summary>
    public Targets? Proven { get; set; }

    /// <summary>What limits make of the work that is left; null when nobody looked.</summary>
    public Outlook? Outlook { get; set; }

    /// <summary>What the last full reconcile read of the server; null when it could not read all.</summary>
    public ServerReading? Reading { get; set; }

    /// <summary>The listing of repositories that goes on; null when none does.</summary>
    public RepositoryDiscovery? Discovery { get; set; }

    /// <summary>Listings in a row that broke off.</summary>
    public int BrokenListings { get; set; }

    /// <summary>Reconciles in a row that ended in something unforeseen.</summary>
    public int UnforeseenFailures { get; set; }

    /// <summary>Which scopes were seen to be as desired; null until this process has asked the inventories.</summary>
    public VerifiedScopes? Verified { get; set; }

    /// <summary>What is remembered of scopes holds until somebody looks: only after the process began.</summary>
    public bool AssumesWhatIsKnown { get; set; } = true;

    /// <summary>The request for a full reconcile that is being answered; null when none is.</summary>
    public string? SeenRequest { get; private set; }

    /// <summary>When it was seen.</summary>
    public DateTimeOffset RequestedAt { get; private set; }

    /// <summary>What an event last told of WebhooksReady; null when none did since this process began.</summary>
    public ToldCondition? Told { get; set; }

    /// <summary>Since when the connection is known to be deleted; null while it is not.</summary>
    public DateTimeOffset? LeavingSince { get; set; }

    /// <summary>Webhooks removed since the connection's deletion.</summary>
    public int RemovedInCleanup { get; set; }

    /// <summary>Webhooks changed since this process knows the connection, for metrics alone.</summary>
    public long ChangesOf(ChangeKind kind) => Volatile.Read(ref _changes[(int)kind]);

    /// <summary>Records what a sync found, unless it was stopped: it may have looked at another server, or with another credential.</summary>
    public void Record(SyncWork work, ScopeCheck check)
    {
        lock (_recording)
        {
            if (!work.Stop.IsCancellationRequested)
            {
                Checks[check.Scope.Id] = check;
                if (check.ReadFault is null)
                {
                    NotFound.TryRemove(check.Scope.Id, out _);
                }
            }
        }
    }

    /// <summary>Adds to <see cref="ChangesOf"/>.</summary>
    public void Count(IEnumerable<AppliedChange> applied)
    {
        foreach (var change in applied.Where(c => c.Fault is null))
        {
            Interlocked.Increment(ref _changes[(int)change.Change.Kind]);
        }
    }

    /// <summary>Forgets what was found with other credentials or on another server: these may see more, or less.</summary>
    public void UseFor(Targets targets)
    {
        if (_seenWith != targets)
        {
            AssumesWhatIsKnown &= _seenWith is null;
            Forget();
        }

        _seenWith = targets;
    }

    /// <summary>A requested reconcile reads everything again. What is known holds until then.</summary>
    public void Heed(string? request, DateTimeOffset now)
    {
        if (request is not null && request != SeenRequest)
        {
            (RequestedAt, AssumesWhatIsKnown, Reading, Discovery) = (now, false, null, null);
            foreach (var (id, check) in Checks)
            {
                Checks.TryUpdate(id, check with { DueAt = now, Written = [] }, check);
            }
        }

        SeenRequest = request;
    }

    /// <summary>Whether a webhook of an owner is in the way of one of ours in a scope; of a project or workspace, there or anywhere below.</summary>
    public bool WaitsFor(string ownerId, WebhookScope scope) =>
        scope.Repository is null ? Checks.Keys.Any(id => WaitsFor(ownerId, id)) : WaitsFor(ownerId, scope.Id);

    /// <summary>
    /// Whether a webhook of an owner would be taken over in a scope that was not synced yet for what is desired; null while it is not
    /// known what is.
    /// </summary>
    public bool? IsToTake(string ownerId, WebhookScope scope)
    {
        if (Sync.Work?.State is not { } state)
        {
            return null;
        }

        return scope.Repository is null
            ? state.Scopes.Values.Any(s => IsToTake(ownerId, s, state))
            : state.Scopes.TryGetValue(scope.Id, out var desired) && IsToTake(ownerId, desired, state);
    }

    /// <summary>Has the scopes looked at again, from the next reconcile on, where webhooks of an owner are in the way of ours.</summary>
    /// <param name="ownerId">The owner.</param>
    /// <param name="scopes">Where something changed; null for everywhere. What changes above concerns every scope.</param>
    /// <returns>False when none waits.</returns>
    public bool Wake(string ownerId, IReadOnlyCollection<WebhookScope>? scopes)
    {
        var isAbove = scopes is null || scopes.Any(s => s.Repository is null);
        var isAny = false;
        foreach (var id in isAbove ? Checks.Keys : scopes!.Select(s => s.Id))
        {
            if (WaitsFor(ownerId, id))
            {
                _woken[id] = 0;
                isAny = true;
            }
        }

        return isAny;
    }

    /// <summary>Makes due what was woken.</summary>
    public void TakeWoken(DateTimeOffset now)
    {
        foreach (var id in _woken.Keys)
        {
            if (_woken.TryRemove(id, out _) && Checks.TryGetValue(id, out var check))
            {
                Checks.TryUpdate(id, check with { DueAt = now, Tries = 0 }, check);
            }
        }
    }

    /// <summary>What was only remembered does not count as seen any more.</summary>
    public void AssumeNothing()
    {
        AssumesWhatIsKnown = false;
        foreach (var (id, check) in Checks.Where(c => c.Value.IsAssumed))
        {
            Checks.TryRemove(id, out _);
        }
    }

    /// <summary>The connection with the places that others leave to it. Repositories there are listed at once.</summary>
    public Connection Take(Connection connection, IReadOnlyList<Estate> estates)
    {
        var places = connection.Known.ManagedIn.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var known = places.Count;
        places.UnionWith(estates.SelectMany(e => e.Places));
        if (places.Count == known)
        {
            return connection;
        }

        (Reading, Discovery) = (null, null);
        return connection with { Known = connection.Known with { ManagedIn = [.. places.Order(StringComparer.OrdinalIgnoreCase)] } };
    }

    /// <summary>Nothing goes on; what was found stays known.</summary>
    public void Suspend()
    {
        Sync.Stop();
        Reading = null;
        Discovery = null;
    }

    private bool WaitsFor(string ownerId, string scopeId) =>
        Checks.TryGetValue(scopeId, out var check) && check.WaitsFor.Contains(ownerId, StringComparer.Ordinal);

    private bool IsToTake(string ownerId, DesiredScope scope, DesiredState state) =>
        scope.WhyNone is null && (!SyncSchedule.IsSynced(scope, state) || WaitsFor(ownerId, scope.Scope.Id));

    private void Forget()
    {
        Suspend();
        lock (_recording)
        {
            Checks.Clear();
            NotFound.Clear();
        }
    }
}

/// <summary>What a full reconcile read of the server.</summary>
/// <param name="Observed">It.</param>
/// <param name="Bitbucket">The server, open for syncs.</param>
/// <param name="Generation">The generation of the spec that it was read for.</param>
/// <param name="Key">What was read for, see <see cref="KeyOf"/>.</param>
/// <param name="ForCleanup">It was read for a connection that is being deleted.</param>
internal sealed record ServerReading(ConnectionObserved Observed, OpenBitbucket Bitbucket, long? Generation, string Key, bool ForCleanup)
{
    /// <summary>It tells all that was asked for.</summary>
    public bool IsComplete => Observed.RepositoryListing is { IsComplete: true } && Observed.WebhookLoginFault is null;

    /// <summary>How long it serves although it could not tell all; null for the connection's interval.</summary>
    public TimeSpan? Rest { get; init; }

    /// <summary>The requests that listing its repositories took.</summary>
    public int Pages { get; init; }

    /// <summary>Deliveries were asked about since.</summary>
    public bool DeliveriesAsked { get; set; }

    /// <summary>Whether it serves a reconcile. An edit that leaves spec.discovery as it is asks the server for nothing.</summary>
    /// <param name="connection">The resource.</param>
    /// <param name="now">The time.</param>
    /// <param name="atLeast">How long a complete one serves at least, for the sake of a limit; null without one.</param>
    public bool Serves(Connection connection, DateTimeOffset now, TimeSpan? atLeast)
    {
        if (ForCleanup != connection.IsDeleting || !(Generation == connection.Generation || ServesEdited(connection)))
        {
            return false;
        }

        var regular = Rest ?? VerificationSchedule.NextDiscovery(connection.Uid, connection.Spec.Interval);
        return now < Observed.Now + (IsComplete && atLeast > regular ? atLeast.Value : regular);
    }

    // Other rules select other repositories: that is decided by their names of now. And rights are tried on a repository; where none was
    // selected, they may not have been tried.
    private bool ServesEdited(Connection connection) =>
        IsComplete && Observed.Selection is { Selected.Count: > 0 } && Key == KeyOf(connection);

    /// <summary>What is read for a connection, as a text.</summary>
    public static string KeyOf(Connection connection) =>
        string.Join('\n', RepositoryDiscovery.KeyOf(connection), RepositorySelection.RulesOf(connection.Spec.Discovery));
}

/// <summary>What a credential is used for.</summary>
internal enum CredentialUse
{
    /// <summary>All but webhooks, and webhooks too where no other credential is given.</summary>
    Main,

    /// <summary>Webhooks alone.</summary>
    Webhooks,
}

/// <summary>What is known of one credential.</summary>
/// <param name="Target">For which target; anything else known of another one is void.</param>
/// <param name="Refused">The login that the server refused; repeating it with a password would lock the account.</param>
/// <param name="Report">What the credential may do, as last found.</param>
/// <param name="ReportDueAt">When to find that out again.</param>
internal sealed record CredentialMemory(ConnectionTarget Target, Login? Refused = null, CredentialReport? Report = null, DateTimeOffset ReportDueAt = default);

/// <summary>First contact with a server.</summary>
/// <param name="Server">What it says of itself.</param>
/// <param name="Account">Whom it takes us for; null when it did not get that far.</param>
internal sealed record Login(Outcome<ServerInfo> Server, Outcome<Account>? Account);

/// <summary>The state of every connection, by UID.</summary>
internal sealed class ConnectionStates : ILeaderMemory
{
    private readonly ConcurrentDictionary<string, ConnectionState> _states = new(StringComparer.Ordinal);

    public ConnectionState Of(string uid) => _states.GetOrAdd(uid, _ => new ConnectionState());

    public ConnectionState? Find(string uid) => _states.GetValueOrDefault(uid);

    /// <summary>How many scopes of a class are due and wait for a sync, of all connections.</summary>
    public int Waiting(WorkClass workClass, DateTimeOffset now) => _states.Values.Sum(s => s.Sync.Waiting(workClass, now));

    public void Forget(string uid)
    {
        if (_states.TryRemove(uid, out var state))
        {
            state.Suspend();
        }
    }

    public void Forget()
    {
        foreach (var uid in _states.Keys)
        {
            Forget(uid);
        }
    }
}
