using System.Threading.Channels;

namespace BitbucketOperator.Runtime.Queue;

/// <summary>
/// A queue of keys for several workers. A key is in it at most once and with at most one worker; added while a worker
/// has it, it comes again afterwards. Delayed keys wait on one timer; a key added at once forgets its delay.
/// </summary>
internal sealed class WorkQueue<TKey>(TimeProvider clock) : IDisposable
    where TKey : notnull
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Entry> _entries = [];
    private readonly PriorityQueue<(TKey Key, long Ticket), long> _delayed = new();
    private readonly Channel<TKey> _ready = Channel.CreateUnbounded<TKey>();
    private ITimer? _timer;
    private long _tickets;

    /// <summary>Keys waiting, delayed or in work.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Keys that are due and wait for a worker.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _entries.Values.Count(e => e.Queued);
            }
        }
    }

    /// <summary>How long the key that has been in work longest has been; zero when none is.</summary>
    public TimeSpan OldestInWork
    {
        get
        {
            lock (_gate)
            {
                var oldest = long.MaxValue;
                foreach (var entry in _entries.Values)
                {
                    oldest = entry.Processing ? Math.Min(oldest, entry.Started) : oldest;
                }

                return oldest == long.MaxValue ? TimeSpan.Zero : clock.GetElapsedTime(oldest);
            }
        }
    }

    /// <summary>Told how long a key waited when a worker takes it, within the lock: must be quick.</summary>
    public Action<TimeSpan>? Taken { get; set; }

    /// <summary>Makes the key due now.</summary>
    public void Add(TKey key)
    {
        lock (_gate)
        {
            AddNow(key, EntryOf(key));
        }
    }

    /// <summary>Makes the key due after the delay, unless it is due earlier already.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        lock (_gate)
        {
            var entry = EntryOf(key);
            var due = DueIn(delay);
            if (entry.Queued || entry.Dirty || (entry.Ticket != 0 && entry.Due <= due))
            {
                return;
            }

            Delay(key, entry, due);
        }
    }

    /// <summary>Waits for the next key; its taker must call <see cref="Done"/>.</summary>
    public async ValueTask<TKey> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var key = await _ready.Reader.ReadAsync(cancellationToken);
            if (TryStart(key))
            {
                return key;
            }
        }
    }

    /// <summary>Failures in a row, this one included when <paramref name="failed"/>; zero after a success.</summary>
    public int CountFailure(TKey key, bool failed)
    {
        lock (_gate)
        {
            var entry = EntryOf(key);
            entry.Failures = failed ? entry.Failures + 1 : 0;
            return entry.Failures;
        }
    }

    /// <summary>Gives the key back. Due again at once if it was added meanwhile, else after the delay or when it was asked for, whichever is earlier.</summary>
    public void Done(TKey key, TimeSpan? requeueAfter)
    {
        lock (_gate)
        {
            var entry = EntryOf(key);
            entry.Processing = false;
            if (entry.Dirty)
            {
                entry.Dirty = false;
                AddNow(key, entry);
            }
            else if (requeueAfter is { } delay)
            {
                // What was asked for meanwhile may be due earlier.
                var due = DueIn(delay);
                if (entry.Ticket == 0 || due < entry.Due)
                {
                    Delay(key, entry, due);
                }
            }
            else if (entry is { Failures: 0, Ticket: 0, Queued: false })
            {
                _entries.Remove(key);
            }
        }
    }

    /// <summary>Forgets everything that is not in work at this moment, failures included.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _delayed.Clear();
            foreach (var (key, entry) in _entries)
            {
                entry.Forget();
                if (!entry.Processing)
                {
                    _entries.Remove(key);
                }
            }
        }
    }

    /// <summary>Keys that have been in work for longer than the limit.</summary>
    public IReadOnlyList<TKey> InWorkLongerThan(TimeSpan limit)
    {
        lock (_gate)
        {
            return [.. _entries.Where(e => e.Value.Processing && clock.GetElapsedTime(e.Value.Started) > limit).Select(e => e.Key)];
        }
    }

    /// <summary>Stops the timer.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _timer?.Dispose();
        }
    }

    private Entry EntryOf(TKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            _entries[key] = entry = new Entry();
        }

        return entry;
    }

    private void AddNow(TKey key, Entry entry)
    {
        entry.Ticket = 0;
        if (entry.Processing)
        {
            entry.Dirty = true;
        }
        else if (!entry.Queued)
        {
            entry.Queued = true;
            entry.DueSince = clock.GetTimestamp();
            _ready.Writer.TryWrite(key);
        }
    }

    // Keys dropped by Clear are still in the channel: they are skipped here.
    private bool TryStart(TKey key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var entry) || !entry.Queued || entry.Processing)
            {
                return false;
            }

            entry.Queued = false;
            entry.Processing = true;
            entry.Started = clock.GetTimestamp();
            Taken?.Invoke(clock.GetElapsedTime(entry.DueSince, entry.Started));
            return true;
        }
    }

    private void Delay(TKey key, Entry entry, long due)
    {
        entry.Due = due;
        entry.Ticket = ++_tickets;
        _delayed.Enqueue((key, entry.Ticket), due);
        Arm();
    }

    private long DueIn(TimeSpan delay) =>
        clock.GetTimestamp() + (long)Math.Ceiling(Math.Max(0, delay.TotalSeconds) * clock.TimestampFrequency);

    private void Arm()
    {
        if (!_delayed.TryPeek(out _, out var due))
        {
            return;
        }

        var now = clock.GetTimestamp();
        var wait = due > now ? clock.GetElapsedTime(now, due) : TimeSpan.Zero;
        wait = wait < LongestTimer ? wait : LongestTimer;
        _timer ??= clock.CreateTimer(_ => ReleaseDue(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void ReleaseDue()
    {
        lock (_gate)
        {
            while (_delayed.TryPeek(out var item, out var due) && due <= clock.GetTimestamp())
            {
                _delayed.Dequeue();
                if (_entries.TryGetValue(item.Key, out var entry) && entry.Ticket == item.Ticket)
                {
                    AddNow(item.Key, entry);
                }
            }

            Arm();
        }
    }

    private sealed class Entry
    {
        public bool Queued { get; set; }

        public bool Processing { get; set; }

        public bool Dirty { get; set; }

        public int Failures { get; set; }

        public long Started { get; set; }

        public long DueSince { get; set; }

        public long Due { get; set; }

        /// <summary>Names the one valid entry among the delayed ones; 0 when not delayed.</summary>
        public long Ticket { get; set; }

        public void Forget() => (Queued, Dirty, Failures, Ticket) = (false, false, 0, 0);
    }
}
