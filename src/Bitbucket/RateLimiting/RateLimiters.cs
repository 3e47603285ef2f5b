namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>The limiters of all accounts. Connections that share an account and a route share a limiter.</summary>
public sealed class RateLimiters
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<LimiterKey, AccountLimiter> _limiters = [];
    private readonly Dictionary<string, RateLimitRecord> _imported = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly int _places;
    private readonly LimiterClock _clock;
    private readonly Action<string, string>? _putOff;
    private byte[]? _idKey;
    private TimeSpan _swept;
    private TimeSpan _importedAt;
    private long _requests;

    /// <param name="places">Requests in flight at most, for each account and route.</param>
    /// <param name="time">The clock.</param>
    /// <param name="putOff">Told the host and the group of each request that is not sent; null for nobody.</param>
    internal RateLimiters(int places, TimeProvider time, Action<string, string>? putOff = null)
    {
        _places = places;
        _clock = new(time);
        _putOff = putOff;
    }

    /// <summary>All limiters in use, those of the last hour included.</summary>
    public IReadOnlyList<RateLimiterState> States =>
    [
        .. All().SelectMany(limiter => limiter.States().Select(s => new RateLimiterState(
            limiter.Key.Host, limiter.Key.Kind, s.Group, s.Tokens, s.PerSecond, s.Wait, s.Paused))),
    ];

    /// <summary>Told at once of what the next process must know soon: an account's first request, and a 429.</summary>
    public Action? Urgent { get; set; }

    /// <summary>How many requests were charged so far.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>
    /// What the next process needs, to keep to the limits from its first request on. To be stored before the first request of an
    /// account, and every minute: of what was sent before that, the next process knows nothing. What was imported for accounts that
    /// nobody used yet is passed on.
    /// </summary>
    /// <param name="idKey">Ids of records are hashed with it: the same key gives the same ids.</param>
    /// <param name="isFinal">True when this process sends nothing after it.</param>
    public IReadOnlyList<RateLimitRecord> Export(byte[] idKey, bool isFinal = false) =>
    [
        .. All().SelectMany(limiter => limiter.Export(group => limiter.Key.IdOf(group, idKey)))
            .Select(record => record with { IsFinal = true })
            .Where(record => !record.SaysNothing)
            .Concat(Unused())
            .GroupBy(record => record.Id, StringComparer.Ordinal)
            .Select(records => records.Aggregate(Join))
            .Select(record => record with { IsFinal = isFinal && record.IsFinal })
            .OrderBy(record => record.Id, StringComparer.Ordinal),
    ];

    /// <summary>
    /// Takes over what <see cref="Export"/> gave, to be called before the first request. What an earlier process may have sent
    /// since then is charged as if it had sent all it could, unless the record is final; a pause ends an hour from now at the latest.
    /// </summary>
    /// <param name="records">The records; unknown ones are kept until their account is used.</param>
    /// <param name="idKey">The key of the export.</param>
    public void Import(IEnumerable<RateLimitRecord> records, byte[] idKey)
    {
        lock (_gate)
        {
            _idKey = idKey;
            _importedAt = _clock.Now;
            foreach (var record in records) _imported[record.Id] = record;
            foreach (var limiter in _limiters.Values) Restore(limiter);
        }
    }

    /// <summary>Drops all that is known: another process sends requests from now on.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _imported.Clear();
            _used.Clear();
            foreach (var limiter in _limiters.Values.Where(l => l.Users == 0)) limiter.Dispose();
            _limiters.Clear();
        }
    }

    /// <summary>The limiter of an account, which stays until <see cref="GiveBack"/>.</summary>
    internal AccountLimiter Rent(LimiterKey key)
    {
        lock (_gate)
        {
            if (!_limiters.TryGetValue(key, out var limiter))
            {
                Sweep();
                _limiters[key] = limiter = new(key, _places, _clock) { Charged = () => Interlocked.Increment(ref _requests), Urgent = () => Urgent?.Invoke() };
                Restore(limiter);
            }

            limiter.Users++;
            return limiter;
        }
    }

    /// <summary>Ends what <see cref="Rent"/> began.</summary>
    internal void GiveBack(AccountLimiter limiter)
    {
        lock (_gate) limiter.Users--;
    }

    /// <summary>A request was not sent.</summary>
    internal void PutOff(LimiterKey key, string group) => _putOff?.Invoke(key.Host, group);

    private List<AccountLimiter> All()
    {
        lock (_gate) return [.. _limiters.Values];
    }

    // Another route to the same server needs it too.
    private RateLimitRecord? Used(string id)
    {
        if (_imported.GetValueOrDefault(id) is not { } record) return null;
        _used.Add(id);
        return record;
    }

    private List<RateLimitRecord> Unused()
    {
        lock (_gate) return _clock.Now - _importedAt > TimeSpan.FromHours(1) ? [] : [.. _imported.Values.Where(r => !_used.Contains(r.Id))];
    }

    private void Sweep()
    {
        if (_clock.Now - _swept < SweepEvery) return;
        _swept = _clock.Now;
        foreach (var (key, limiter) in _limiters)
        {
            if (limiter.Users > 0 || !limiter.IsIdle) continue;
            _limiters.Remove(key);
            limiter.Dispose();
        }
    }

    private void Restore(AccountLimiter limiter)
    {
        if (_idKey is not { } idKey || _imported.Count == 0) return;
        // What is older than the hour that limits are counted over tells nothing any more.
        if (_clock.Now - _importedAt > TimeSpan.FromHours(1)) _imported.Clear();
        limiter.Import(group => Used(limiter.Key.IdOf(group, idKey)), _importedAt);
    }

    // The same account by two routes is one to the server.
    private static RateLimitRecord Join(RateLimitRecord one, RateLimitRecord other) => one with
    {
        Sent = one.Sent.Count == other.Sent.Count ? [.. one.Sent.Zip(other.Sent, (a, b) => a + b)] : one.Sent,
        PerSecond = one.PerSecond is null || other.PerSecond < one.PerSecond ? other.PerSecond : one.PerSecond,
        Tokens = one.Tokens + other.Tokens,
        IsFinal = one.IsFinal && other.IsFinal,
        PausedUntil = one.PausedUntil is null || other.PausedUntil > one.PausedUntil ? other.PausedUntil : one.PausedUntil,
    };
}
