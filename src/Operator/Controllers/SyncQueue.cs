using System.Collections.Concurrent;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;

namespace BitbucketOperator.Controllers;

/// <summary>
/// The scopes of one connection that wait for a sync: those that are due, by class, first in first out; and those that will be.
/// A scope is in it once, and never with two workers at a time.
/// </summary>
internal sealed class SyncQueue
{
    private static readonly int Classes = Enum.GetValues<WorkClass>().Length;

    private readonly Lock _gate = new();
    private readonly Queue<SyncItem>[] _due = [.. Enumerable.Range(0, Classes).Select(_ => new Queue<SyncItem>())];
    private readonly PriorityQueue<SyncItem, (DateTimeOffset Due, long Order)> _later = new();
    private readonly HashSet<string> _inFlight = new(StringComparer.Ordinal);
    private readonly List<AppliedChange> _applied = [];
    private SyncWork? _work;
    private DateTimeOffset _pausedUntil;
    private bool _hasNews;
    private long _order;

    /// <summary>What syncs work on; null while none may run.</summary>
    public SyncWork? Work
    {
        get
        {
            lock (_gate)
            {
                return _work;
            }
        }
    }

    /// <summary>Nothing is due, and no sync runs.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _inFlight.Count == 0 && _due.All(q => q.Count == 0);
            }
        }
    }

    /// <summary>Nothing is due now, and no sync runs.</summary>
    public bool IsDone(DateTimeOffset now)
    {
        lock (_gate)
        {
            Release(now);
            return IsIdle;
        }
    }

    /// <summary>What is desired changed, or was found out to be the same: syncs that run come to their end.</summary>
    /// <param name="state">What is desired.</param>
    /// <param name="bitbucket">The server.</param>
    /// <param name="deliveries">Webhooks whose deliveries are to be asked about.</param>
    /// <param name="now">The time.</param>
    public void Continue(DesiredState state, OpenBitbucket bitbucket, IEnumerable<SyncItem> deliveries, DateTimeOffset now)
    {
        lock (_gate)
        {
            var refused = _work is { } before && before.State.DesiredFingerprint == state.DesiredFingerprint
                ? before.Refused
                : new ConcurrentDictionary<string, Fault>(StringComparer.Ordinal);
            var stop = _work?.Stop ?? new CancellationTokenSource();
            _work = new SyncWork(state, bitbucket, refused, stop);
            Clear();
            foreach (var item in SyncSchedule.Items(state, now).Where(i => !_inFlight.Contains(i.Scope.Scope.Id)))
            {
                Add(item);
            }

            foreach (var item in deliveries)
            {
                Add(item);
            }
        }
    }

    /// <summary>Nothing more is synced until <see cref="Continue"/>; syncs that run are cancelled, for nobody needs them any more.</summary>
    public void Stop()
    {
        SyncWork? work;
        lock (_gate)
        {
            (work, _work) = (_work, null);
            _pausedUntil = default;
            Clear();
        }

        work?.Stop.Cancel();
    }

    /// <summary>The next scope of a class; null when none is due.</summary>
    /// <param name="workClass">The class.</param>
    /// <param name="now">The time.</param>
    /// <param name="work">What the scope is to be synced with: what was desired before or comes after would be written as if it were that.</param>
    public SyncItem? TryTake(WorkClass workClass, DateTimeOffset now, out SyncWork? work)
    {
        lock (_gate)
        {
            work = _work;
            Release(now);
            while (work is not null && _due[(int)workClass].TryDequeue(out var item))
            {
                if (_inFlight.Add(Key(item)))
                {
                    return item;
                }
            }

            return null;
        }
    }

    /// <summary>Whether a scope of the class is due.</summary>
    public bool IsDue(WorkClass workClass, DateTimeOffset now)
    {
        lock (_gate)
        {
            Release(now);
            return _due[(int)workClass].Count > 0;
        }
    }

    /// <summary>How many scopes of the class are due and wait for a worker.</summary>
    public int Waiting(WorkClass workClass, DateTimeOffset now)
    {
        lock (_gate)
        {
            Release(now);
            return _due[(int)workClass].Count;
        }
    }

    /// <summary>How many scopes are due or in work.</summary>
    public int Due
    {
        get
        {
            lock (_gate)
            {
                return _inFlight.Count + _due.Sum(q => q.Count);
            }
        }
    }

    /// <summary>When a scope is due next that is not yet; null when none is.</summary>
    public DateTimeOffset? NextDueAt
    {
        get
        {
            lock (_gate)
            {
                return _later.TryPeek(out _, out var due) ? due.Due : null;
            }
        }
    }

    /// <summary>Gives a scope back.</summary>
    /// <param name="item">As it was taken.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="notBefore">It is not due again before.</param>
    public void Done(SyncItem item, SyncResult result, DateTimeOffset notBefore)
    {
        lock (_gate)
        {
            _inFlight.Remove(Key(item));
            _applied.AddRange(result.Applied);
            _hasNews |= result.IsNews;
            if (!result.ChangesOthers
                && item.Deliveries.Count == 0
                && _work?.State.Scopes.GetValueOrDefault(item.Scope.Scope.Id) is { } scope
                && !SyncSchedule.IsBlocked(scope, _work.State))
            {
                var next = SyncSchedule.Item(scope, _work.State, notBefore);
                Add(next.DueAt < notBefore ? next with { DueAt = notBefore } : next);
            }
        }
    }

    /// <summary>No scope is due before then: a limit. One that was found with what is not used any more limits nothing.</summary>
    public void Pause(SyncWork work, DateTimeOffset until)
    {
        lock (_gate)
        {
            if (_work?.Stop == work.Stop && until > _pausedUntil)
            {
                _pausedUntil = until;
            }
        }
    }

    /// <summary>Until when no scope is due, whatever it says.</summary>
    public DateTimeOffset PausedUntil
    {
        get
        {
            lock (_gate)
            {
                return _pausedUntil;
            }
        }
    }

    /// <summary>Something was found that no reconcile has told of yet.</summary>
    public bool HasNews
    {
        get
        {
            lock (_gate)
            {
                return _hasNews;
            }
        }
    }

    /// <summary>What was changed since this was called last.</summary>
    public IReadOnlyList<AppliedChange> TakeApplied()
    {
        lock (_gate)
        {
            _hasNews = false;
            AppliedChange[] applied = [.. _applied];
            _applied.Clear();
            return applied;
        }
    }

    private static string Key(SyncItem item) => item.Deliveries.Count > 0 ? $"deliveries {item.Scope.Scope.Id}" : item.Scope.Scope.Id;

    private void Add(SyncItem item) => _later.Enqueue(item, (item.DueAt, _order++));

    private void Clear()
    {
        _later.Clear();
        foreach (var queue in _due)
        {
            queue.Clear();
        }
    }

    private void Release(DateTimeOffset now)
    {
        while (_later.TryPeek(out var item, out var due) && due.Due <= now)
        {
            _due[(int)_later.Dequeue().Class].Enqueue(item);
        }
    }
}

/// <summary>What the syncs of a connection work on.</summary>
/// <param name="State">What is desired.</param>
/// <param name="Bitbucket">The server.</param>
/// <param name="Refused">
/// By the name of the entry: what the server refuses for the sake of its content it refuses everywhere, so that asking once is enough.
/// </param>
/// <param name="Stop">Cancelled when nobody needs the syncs any more.</param>
internal sealed record SyncWork(
    DesiredState State, OpenBitbucket Bitbucket, ConcurrentDictionary<string, Fault> Refused, CancellationTokenSource Stop);
