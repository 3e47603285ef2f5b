using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Controllers;

/// <summary>
/// Which connections wait for webhooks of which owner: they look again at once when the owner changes or goes, or takes such a
/// webhook away; one after the other, and seldom for one owner.
/// </summary>
internal sealed class OwnerWaits : IOwners, ILeaderMemory
{
    // So long the clean-up of a deleted connection waits for others to begin to take its webhooks over, and for those that are at it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromHours(1);
    private static readonly TimeSpan BetweenWakes = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Spread = TimeSpan.FromMilliseconds(20);

    private readonly OwnerIndex _index;
    private readonly ConnectionStates _states;
    private readonly IConnections _connections;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);

    // Since when this process has had something to remove of an owner: it may have been down since the deletion.
    private readonly Dictionary<string, DateTimeOffset> _leavingSince = new(StringComparer.Ordinal);

    public OwnerWaits(OwnerIndex index, ConnectionStates states, IConnections connections, TimeProvider clock)
    {
        (_index, _states, _connections, _clock) = (index, states, connections, clock);
        index.Changed = OnChanged;
    }

    public bool IsComplete => _index.IsComplete;

    /// <summary>How many connections wait, counted for each owner that they wait for.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Values.Sum(w => w.Waiters.Count);
            }
        }
    }

    public IReadOnlyList<KnownOwner> Find(string ownerId) => _index.Find(ownerId);

    public bool IsAwaited(string ownerId, WebhookScope scope, string url)
    {
        if (_index.HasSuccessor(ownerId))
        {
            return true;
        }

        if (_index.DeletedAt(ownerId) is null || LeavingFor(ownerId) is var waited && waited >= LongestPatience)
        {
            return false;
        }

        var key = WebhookUrl.KeyOf(url);
        var isShort = waited < Patience;
        return _index.Newcomers(ownerId, key).Any(uid => _states.Find(uid)?.IsToTake(ownerId, scope) ?? isShort)
            || WaitersOf(ownerId).Exists(w =>
                _index.Find(w.Key, w.Uid) is { Writes: true, IsDeleting: false } heir
                && heir.Desires(key)
                && _states.Find(w.Uid) is { } state
                && state.WaitsFor(ownerId, scope)
                && (isShort || state.IsToTake(ownerId, scope) is true));
    }

    /// <summary>A sync found webhooks of other owners in the way.</summary>
    public void Record(Connection connection, IEnumerable<string> ownerIds)
    {
        lock (_gate)
        {
            // A sync may end after its connection.
            foreach (var id in _states.Find(connection.Uid) is null ? [] : ownerIds)
            {
                if (!_waiting.TryGetValue(id, out var waiting))
                {
                    _waiting[id] = waiting = new Waiting();
                }

                waiting.Waiters[connection.Uid] = new EntityKey(connection.Namespace, connection.Name);
            }
        }
    }

    /// <summary>An owner took webhooks of its own away: who waits for them looks again, and nobody else.</summary>
    public void Released(string ownerId, IReadOnlyCollection<WebhookScope> scopes)
    {
        var delay = TimeSpan.Zero;
        foreach (var waiter in scopes.Count == 0 ? [] : WaitersOf(ownerId))
        {
            if (_states.Find(waiter.Uid)?.Wake(ownerId, scopes) is true)
            {
                _connections.EnqueueAfter(waiter.Key, delay);
                delay += Spread;
            }
        }
    }

    /// <summary>The connection is gone, and its state forgotten: it waits for nobody.</summary>
    public void Forget(string uid)
    {
        lock (_gate)
        {
            foreach (var (ownerId, waiting) in _waiting)
            {
                if (waiting.Waiters.Remove(uid) && waiting.Waiters.Count == 0)
                {
                    _waiting.Remove(ownerId);
                }
            }
        }
    }

    public void Forget()
    {
        lock (_gate)
        {
            _waiting.Clear();
            _leavingSince.Clear();
        }
    }

    private TimeSpan LeavingFor(string ownerId)
    {
        lock (_gate)
        {
            var now = _clock.GetUtcNow();
            return now - (_leavingSince.TryAdd(ownerId, now) ? now : _leavingSince[ownerId]);
        }
    }

    private void OnChanged(string ownerId)
    {
        foreach (var key in _index.Sharing(ownerId))
        {
            _connections.Enqueue(key);
        }

        var isLeaving = _index.DeletedAt(ownerId) is not null;
        TimeSpan delay;
        lock (_gate)
        {
            if (!isLeaving)
            {
                _leavingSince.Remove(ownerId);
            }

            if (!_waiting.TryGetValue(ownerId, out var waiting))
            {
                return;
            }

            var now = _clock.GetUtcNow();
            var next = waiting.WokenAt + BetweenWakes;
            delay = next > now ? next - now : TimeSpan.Zero;
            waiting.WokenAt = now + delay;
        }

        foreach (var waiter in WaitersOf(ownerId))
        {
            if (_states.Find(waiter.Uid)?.Wake(ownerId, scopes: null) is true)
            {
                _connections.EnqueueAfter(waiter.Key, delay);
                delay += Spread;
            }
            else
            {
                Remove(ownerId, waiter.Uid);
            }
        }
    }

    private List<(string Uid, EntityKey Key)> WaitersOf(string ownerId)
    {
        lock (_gate)
        {
            return _waiting.TryGetValue(ownerId, out var waiting) ? [.. waiting.Waiters.Select(w => (w.Key, w.Value))] : [];
        }
    }

    private void Remove(string ownerId, string uid)
    {
        lock (_gate)
        {
            if (_waiting.TryGetValue(ownerId, out var waiting) && waiting.Waiters.Remove(uid) && waiting.Waiters.Count == 0)
            {
                _waiting.Remove(ownerId);
            }
        }
    }

    private sealed class Waiting
    {
        public Dictionary<string, EntityKey> Waiters { get; } = new(StringComparer.Ordinal);

        public DateTimeOffset WokenAt { get; set; }
    }
}
