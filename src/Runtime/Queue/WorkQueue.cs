namespace BitbucketOperator.Runtime.Queue;

/// <summary>
/// A queue of keys for several workers. A key is in it at most once and with at most one worker; added while a worker has it, it
/// comes again afterwards. Of several reasons to come, the earliest time and the highest priority win. Which of the keys that are
/// due comes next, and how many workers a tenant gets, is up to <see cref="ReadyKeys{TKey}"/>. Delayed keys wait on one timer; a
/// key added at once forgets its delay.
/// </summary>
internal sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    // A healthy object takes a fraction of it.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Entry> _entries = [];
    private readonly ReadyKeys<TKey> _ready;
    private readonly Takers<TKey> _takers;
    private readonly PriorityQueue<(TKey Key, long Ticket), long> _delayed = new();
    private ITimer? _timer;
    private long _tickets;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="workers">How many take keys.</param>
    /// <param name="tenantOf">Whose a key is.</param>
    /// <param name="clock">Measures delays, and how long keys wait and are in work.</param>
    public WorkQueue(int workers, Func<TKey, string> tenantOf, TimeProvider clock)
    {
        (_ready, _clock) = (new(workers, tenantOf), clock);
        _takers = new(_gate, TryStart);
    }

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
                return _ready.Count;
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

                return oldest == long.MaxValue ? TimeSpan.Zero : _clock.GetElapsedTime(oldest);
            }
        }
    }

    /// <summary>Told how long a key waited when a worker takes it, within the lock: must be quick.</summary>
    public Action<TimeSpan>? Taken { get; set; }

    /// <summary>Makes the key due now.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isChanged">Somebody changed it and waits: it comes before those whose time has just come.</param>
    public void Add(TKey key, bool isChanged = false)
    {
        lock (_gate)
        {
            AddNow(key, EntryOf(key), isChanged);
            _takers.Serve();
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
    public ValueTask<TKey> TakeAsync(CancellationToken cancellationToken) => _takers.TakeAsync(cancellationToken);

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
            entry.IsSlow = _clock.GetElapsedTime(entry.Started) > Long;
            _ready.Done(key);
            if (entry.Dirty)
            {
                entry.Dirty = false;
                AddNow(key, entry, entry.IsChanged);
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
            else if (entry is { Failures: 0, Ticket: 0 })
            {
                _entries.Remove(key);
            }

            _takers.Serve();
        }
    }

    /// <summary>Forgets everything that is not in work at this moment, failures included.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _delayed.Clear();
            _ready.Clear();
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
            return [.. _entries.Where(e => e.Value.Processing && _clock.GetElapsedTime(e.Value.Started) > limit).Select(e => e.Key)];
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

    private void AddNow(TKey key, Entry entry, bool isChanged = false)
    {
        entry.Ticket = 0;
        if (entry.Processing)
        {
            entry.IsChanged = isChanged || (entry.Dirty && entry.IsChanged);
            entry.Dirty = true;
            return;
        }

        if (!entry.Queued)
        {
            entry.Queued = true;
            entry.DueSince = _clock.GetTimestamp();
        }

        _ready.Add(key, isChanged ? KeyClass.Changed : entry.IsSlow ? KeyClass.Slow : KeyClass.Regular);
    }

    private bool TryStart(out TKey key)
    {
        if (!_ready.TryTake(out key))
        {
            return false;
        }

        var entry = _entries[key];
        entry.Queued = false;
        entry.Processing = true;
        entry.Started = _clock.GetTimestamp();
        Taken?.Invoke(_clock.GetElapsedTime(entry.DueSince, entry.Started));
        return true;
    }

    private void Delay(TKey key, Entry entry, long due)
    {
        entry.Due = due;
        entry.Ticket = ++_tickets;
        _delayed.Enqueue((key, entry.Ticket), due);
        Arm();
    }

    private long DueIn(TimeSpan delay) =>
        _clock.GetTimestamp() + (long)Math.Ceiling(Math.Max(0, delay.TotalSeconds) * _clock.TimestampFrequency);

    private void Arm()
    {
        if (!_delayed.TryPeek(out _, out var due))
        {
            return;
        }

        var now = _clock.GetTimestamp();
        var wait = due > now ? _clock.GetElapsedTime(now, due) : TimeSpan.Zero;
        wait = wait < LongestTimer ? wait : LongestTimer;
        _timer ??= _clock.CreateTimer(_ => ReleaseDue(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void ReleaseDue()
    {
        lock (_gate)
        {
            while (_delayed.TryPeek(out var item, out var due) && due <= _clock.GetTimestamp())
            {
                _delayed.Dequeue();
                if (_entries.TryGetValue(item.Key, out var entry) && entry.Ticket == item.Ticket)
                {
                    AddNow(item.Key, entry);
                }
            }

            Arm();
            _takers.Serve();
        }
    }

    private sealed class Entry
    {
        public bool Queued { get; set; }

        public bool Processing { get; set; }

        /// <summary>Added while in work.</summary>
        public bool Dirty { get; set; }

        /// <summary>While dirty: it was changed.</summary>
        public bool IsChanged { get; set; }

        /// <summary>It was in work for long last time.</summary>
        public bool IsSlow { get; set; }

        public int Failures { get; set; }

        public long Started { get; set; }

        public long DueSince { get; set; }

        public long Due { get; set; }

        /// <summary>Names the one valid entry among the delayed ones; 0 when not delayed.</summary>
        public long Ticket { get; set; }

        public void Forget() => (Queued, Dirty, Failures, Ticket) = (false, false, 0, 0);
    }
}
