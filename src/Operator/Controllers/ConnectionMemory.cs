using System.Collections.Concurrent;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Controllers;

/// <summary>
/// What earlier reconciles over a connection found, to spare requests. Losing it costs requests and nothing else: whatever must
/// outlive the process is in status.
/// </summary>
internal sealed class ConnectionMemory
{
    private readonly long[] _changes = new long[Enum.GetValues<ChangeKind>().Length];
    private Targets? _seenWith;

    /// <summary>What was found on each repository, by id.</summary>
    public IReadOnlyDictionary<string, ScopeCheck> Checks { get; set; } = new Dictionary<string, ScopeCheck>(StringComparer.Ordinal);

    /// <summary>What is known of each credential.</summary>
    public Dictionary<CredentialUse, CredentialMemory> Credentials { get; } = [];

    /// <summary>The connections that conflict with this one, as of the reconcile that runs or ran last.</summary>
    public IReadOnlyList<ConflictingConnection> Conflicting { get; set; } = [];

    /// <summary>The last targets that a login succeeded with. Clean-up uses them when the Secrets went first.</summary>
    public Targets? Proven { get; set; }

    /// <summary>Webhooks changed since this process knows the connection, for metrics alone.</summary>
    public long ChangesOf(ChangeKind kind) => Volatile.Read(ref _changes[(int)kind]);

    /// <summary>Adds to <see cref="ChangesOf"/>.</summary>
    public IReadOnlyList<AppliedChange> Count(IReadOnlyList<AppliedChange> applied)
    {
        foreach (var change in applied.Where(c => c.Fault is null))
        {
            Interlocked.Increment(ref _changes[(int)change.Change.Kind]);
        }

        return applied;
    }

    /// <summary>Forgets what was found with other credentials or on another server: these may see more, or less.</summary>
    public void UseFor(Targets targets)
    {
        if (_seenWith != targets)
        {
            Checks = new Dictionary<string, ScopeCheck>(StringComparer.Ordinal);
        }

        _seenWith = targets;
    }
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
/// <param name="Report">What the credential may do, where nothing was missing.</param>
/// <param name="ReportDueAt">When to find that out again.</param>
internal sealed record CredentialMemory(ConnectionTarget Target, Login? Refused = null, CredentialReport? Report = null, DateTimeOffset ReportDueAt = default);

/// <summary>First contact with a server.</summary>
/// <param name="Server">What it says of itself.</param>
/// <param name="Account">Whom it takes us for; null when it did not get that far.</param>
internal sealed record Login(Outcome<ServerInfo> Server, Outcome<Account>? Account);

/// <summary>The memory of every connection, by UID.</summary>
internal sealed class ConnectionMemories
{
    private readonly ConcurrentDictionary<string, ConnectionMemory> _memories = new(StringComparer.Ordinal);

    public ConnectionMemory Of(string uid) => _memories.GetOrAdd(uid, _ => new ConnectionMemory());

    public ConnectionMemory? Find(string uid) => _memories.GetValueOrDefault(uid);

    public void Forget(string uid) => _memories.TryRemove(uid, out _);
}
