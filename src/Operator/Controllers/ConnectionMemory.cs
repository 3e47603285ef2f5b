using System.Collections.Concurrent;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Connection;

namespace BitbucketOperator.Controllers;

/// <summary>
/// What earlier passes over a connection found, to spare requests. Losing it costs requests and nothing else: whatever must
/// outlive the process is in status.
/// </summary>
internal sealed class ConnectionMemory
{
    /// <summary>What was found on each repository, by id.</summary>
    public IReadOnlyDictionary<string, RepositoryCheck> Checks { get; set; } = new Dictionary<string, RepositoryCheck>(StringComparer.Ordinal);

    /// <summary>The login that the server refused; repeating it with a password would lock the account.</summary>
    public RefusedLogin? Refused { get; set; }

    /// <summary>The last target that a login succeeded with. Clean-up uses it when the Secret went first.</summary>
    public ConnectionTarget? Proven { get; set; }
}

/// <summary>A login that was refused.</summary>
internal sealed record RefusedLogin(ConnectionTarget Target, Outcome<ServerInfo> Server, Fault Fault);

/// <summary>The memory of every connection, by UID.</summary>
internal sealed class ConnectionMemories
{
    private readonly ConcurrentDictionary<string, ConnectionMemory> _memories = new(StringComparer.Ordinal);

    public ConnectionMemory Of(string uid) => _memories.GetOrAdd(uid, _ => new ConnectionMemory());

    public void Forget(string uid) => _memories.TryRemove(uid, out _);
}
