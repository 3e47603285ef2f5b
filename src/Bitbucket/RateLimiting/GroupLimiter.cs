using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>
/// Limits the requests of one account that the server counts together: composes bucket, hour, rate and pause. Not
/// synchronized: <see cref="AccountLimiter"/> calls it one at a time.
/// </summary>
internal sealed class GroupLimiter
{
    // A part of the bucket that is worth coming back for, to callers that repeat more than one request.
    private const double UsefulPart = 0.25;

    private const double LongestForecast = 30 * 24 * 3600;
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(1);

    private readonly RatePolicy _policy;
    private readonly Jitter _jitter;
    private readonly SendRate _rate;
    private readonly Pause _pause;
    private readonly TokenBucket _bucket = new(double.PositiveInfinity);
    private readonly DiscoveryShare _discovery;
    private readonly SendWindow? _window;
    private TimeSpan _counted;
    private TimeSpan _limitedUntil;
    private TimeSpan _lastUse;

    public GroupLimiter(string name, RatePolicy policy, Jitter jitter, TimeSpan now)
    {
        Name = name;
        _policy = policy;
        _jitter = jitter;
        _rate = policy.NewRate();
        _pause = new(policy, jitter);
        _window = policy.PerHour is { } perHour ? new(perHour) : null;
        _discovery = new(policy.PerHour);
        _counted = _lastUse = now;
        if (_rate.PerSecond is null) return;
        _bucket.Refill(0, _rate.Capacity);
        _discovery.Refill(0, _rate.Capacity);
    }

    /// <summary>The group, as metrics name it.</summary>
    public string Name { get; }

    /// <summary>True when nobody has used it for so long that it may be forgotten, after a pause that nobody ended as well.</summary>
    public bool IsIdle(TimeSpan now) => now - _lastUse > TimeSpan.FromMinutes(61) && _pause.Remaining(now) is null;

    /// <summary>How long until so many requests may be reserved; zero when they may be now.</summary>
    public TimeSpan WaitFor(int count, WorkClass workClass, TimeSpan now)
    {
        Advance(now);
        if (_pause.Remaining(now) is { } remaining) return remaining;
        // More than half an hour's requests at a time: begins with these, and waits on its way.
        var hour = _window?.UntilPlannable(now, Math.Min(count, Math.Max(1, _window.Plannable / 2))) ?? TimeSpan.Zero;
        return _pause.IsActive ? hour : Longer(hour, UntilTokens(count, workClass, now));
    }

    /// <summary>Notes that work waits. Returns the wait, lengthened a little so that sends do not fall in step with the server's window.</summary>
    public TimeSpan Told(WorkClass workClass, TimeSpan now, TimeSpan wait)
    {
        if (!_pause.IsActive && wait > TimeSpan.Zero)
        {
            _limitedUntil = Longer(_limitedUntil, now + (2 * wait) + TimeSpan.FromSeconds(1));
            _discovery.Wanted(workClass, now, wait);
        }

        return wait * (1 + (0.1 * _jitter.Next()));
    }

    /// <summary>Takes requests that <see cref="WaitFor"/> found to be there.</summary>
    public Holding Reserve(int count, WorkClass workClass, object owner, TimeSpan now)
    {
        _lastUse = now;
        if (_pause.IsActive) _pause.Promise(owner);
        var held = _window is null ? count : Math.Min(count, Math.Max(0, _window.Room(now)));
        var holding = new Holding(_pause.Episode, workClass == WorkClass.Discovery, _rate.PerSecond is not null) { Left = held };
        _window?.Hold(held);
        if (!holding.IsCharged) return holding;
        _bucket.Take(held);
        if (holding.IsDiscovery) _discovery.Take(held, now);
        return holding;
    }

    /// <summary>Gives back what was not sent.</summary>
    public void GiveBack(Holding holding, object owner, TimeSpan now)
    {
        Advance(now);
        _pause.Withdraw(owner);
        _window?.Release(holding.Left);
        if (holding.IsCharged && holding.Episode == _pause.Episode && _rate.PerSecond is not null)
        {
            _bucket.Refill(holding.Left, _rate.Capacity);
            if (holding.IsDiscovery) _discovery.GiveBack(holding.Left, _rate.Capacity);
        }

        holding.Left = 0;
    }

    /// <summary>Charges one request that is about to be sent.</summary>
    /// <param name="holding">What the reservation holds; null for a request without one.</param>
    /// <param name="owner">The reservation, or the request itself.</param>
    /// <param name="now">The time.</param>
    /// <param name="isProbe">True when the request tells whether a pause is over.</param>
    /// <returns>The fault of a request that must not be sent; null when it may.</returns>
    public Fault? Charge(Holding? holding, object owner, TimeSpan now, out bool isProbe)
    {
        Advance(now);
        isProbe = false;
        if (Obstacle(holding, now) is { } obstacle) return obstacle;
        if (_pause.IsActive && !(isProbe = _pause.TryProbe(now, owner)))
            return RateFaults.Paused(_policy.PausedMessage, _pause.Remaining(now) ?? _policy.FirstPause / 4);
        Pay(holding, now);
        return null;
    }

    /// <summary>A request was answered, and not with 429.</summary>
    public void Accepted(TimeSpan now, bool isProbe)
    {
        Advance(now);
        _rate.Accepted(now);
        if (isProbe) _pause.ProbeAccepted();
    }

    /// <summary>A request was answered with 429. Returns how long nothing is sent now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="retryAfter">What the server asks for.</param>
    /// <param name="isProbe">True for the request that was sent to see whether the pause is over.</param>
    /// <param name="episode">The last pause when the request was sent.</param>
    public TimeSpan Refused(TimeSpan now, TimeSpan? retryAfter, bool isProbe, int episode)
    {
        Advance(now);
        if (isProbe) return _pause.ProbeRefused(now, retryAfter, UntilItem());
        if (_pause.IsActive || episode != _pause.Episode) return _pause.Extend(now, retryAfter);
        _rate.Throttled(now);
        _bucket.Empty();
        _discovery.Empty();
        return _pause.Begin(now, retryAfter, UntilItem());
    }

    /// <summary>Nothing is known of a request.</summary>
    public void Unanswered(bool isProbe)
    {
        if (isProbe) _pause.ProbeUnanswered();
    }

    /// <summary>The number of the last pause.</summary>
    public int Episode => _pause.Episode;

    /// <summary>Requests per second that may be sent in the long run; null for as many as there are.</summary>
    public double? PerSecond => _rate.PerSecond;

    /// <summary>
    /// How long so many requests take, and all that wait with them: by the limit, or without one by how fast they went lately. Null
    /// when they may go at once, or nothing tells.
    /// </summary>
    /// <param name="count">The requests.</param>
    /// <param name="since">Since when requests have waited.</param>
    /// <param name="now">The time.</param>
    public TimeSpan? UntilSent(double count, TimeSpan since, TimeSpan now)
    {
        Advance(now);
        var pause = _pause.IsActive ? _pause.Remaining(now) ?? TimeSpan.Zero : TimeSpan.Zero;
        if (_rate.PerSecond is { } perSecond)
        {
            var missing = count - (_pause.IsActive ? 0 : _bucket.Tokens);
            return missing > 0 ? pause + Bounded(missing / perSecond) : null;
        }

        var from = Longer(since, now - Lately);
        return pause > TimeSpan.Zero ? pause
            : now - since >= Lately / 2 && _rate.Since(from, now) is { } sent and > 0 ? Bounded(count / sent)
            : null;
    }

    /// <summary>What metrics and people see of it.</summary>
    public GroupState State(TimeSpan now)
    {
        Advance(now);
        var paused = _pause.IsActive ? _pause.Remaining(now) ?? TimeSpan.Zero : TimeSpan.Zero;
        return new(Name, _rate.PerSecond is null ? null : Math.Floor(_bucket.Tokens), _rate.PerSecond, WaitFor(1, WorkClass.Missing, now), paused);
    }

    /// <summary>A later process knows of its last requests.</summary>
    public bool IsOnRecord { get; private set; }

    /// <summary>What a later process must know of it; null when nothing.</summary>
    public RateLimitRecord? Export(string id, LimiterClock clock)
    {
        var now = clock.Now;
        IsOnRecord = !IsIdle(now);
        if (!IsOnRecord) return null;
        Advance(now);
        return new(id, clock.UtcNow, _window?.FiveMinutes(now) ?? [])
        {
            PerSecond = _rate.PerSecond,
            Tokens = _rate.PerSecond is null ? 0 : Math.Max(0, Math.Ceiling(_bucket.Tokens)) + (_window?.Held ?? 0),
            PausedUntil = _pause.IsActive ? clock.UtcNow + (_pause.Remaining(now) ?? TimeSpan.Zero) : null,
        };
    }

    /// <summary>Goes on where an earlier process ended, of which only what it exported is known.</summary>
    /// <param name="record">What it exported.</param>
    /// <param name="started">When this process took over.</param>
    /// <param name="clock">The clock.</param>
    public void Import(RateLimitRecord record, TimeSpan started, LimiterClock clock)
    {
        var now = clock.Now;
        Advance(now);
        if (record.PerSecond is { } perSecond && double.IsFinite(perSecond)) _rate.Restore(perSecond);
        if (_rate.PerSecond is { } current)
        {
            // What a process that did not end in order has left over, nobody knows.
            var (saved, since) = record.IsFinal ? (KeptOf(record), clock.UtcNow - record.At) : (0, now - started);
            _bucket.Empty();
            _bucket.Refill(saved + (current * Math.Max(0, since.TotalSeconds)), _rate.Capacity);
        }

        if (_window is not null) RecordCharges.Charge(_window, record, _rate.Highest, started, now - (clock.UtcNow - record.At));
        var wait = record.PausedUntil - clock.UtcNow;
        if (wait > TimeSpan.Zero) _pause.Restore(now + (wait.Value < TimeSpan.FromHours(1) ? wait.Value : TimeSpan.FromHours(1)));
    }

    // Rounded up when it was exported.
    private static double KeptOf(RateLimitRecord record) => double.IsFinite(record.Tokens) ? Math.Max(0, record.Tokens - 1) : 0;

    // What keeps a request from being sent, apart from a pause that one may probe.
    private Fault? Obstacle(Holding? holding, TimeSpan now)
    {
        if (_pause.Remaining(now) is { } remaining && (holding is null || now < _pause.Until))
            return RateFaults.Paused(_policy.PausedMessage, remaining);
        if (holding is { Left: > 0 }) return null;
        var wait = _window?.UntilSendable(now) ?? TimeSpan.Zero;
        if (holding is null && wait == TimeSpan.Zero) wait = WaitFor(1, WorkClass.Discovery, now);
        if (wait == TimeSpan.Zero) return null;
        if (holding is null) wait = Longer(wait, UntilTokens(1 + (UsefulPart * _rate.Capacity), WorkClass.Discovery, now));
        Told(WorkClass.Discovery, now, wait);
        return RateFaults.UsedUp(_policy, wait);
    }

    private void Pay(Holding? holding, TimeSpan now)
    {
        _lastUse = now;
        _window?.Sent(now, 1);
        if (holding is { Left: > 0 })
        {
            holding.Left--;
            _window?.Release(1);
            return;
        }

        if (_rate.PerSecond is null) return;
        _bucket.Take(1);
        if (holding is null or { IsDiscovery: true }) _discovery.Take(1, now);
    }

    private TimeSpan UntilTokens(double count, WorkClass workClass, TimeSpan now)
    {
        if (_rate.PerSecond is not { } perSecond) return TimeSpan.Zero;
        // What is larger than the bucket begins when that is full, and owes the rest.
        var tokens = _bucket.Until(Math.Min(count, _rate.Capacity), perSecond);
        if (workClass != WorkClass.Discovery) return tokens;
        return Longer(tokens, _discovery.Until((int)count, now, _rate.Capacity, perSecond));
    }

    private void Advance(TimeSpan now)
    {
        var seconds = (now - _counted).TotalSeconds;
        if (seconds <= 0) return;
        // Only time in which the limit held up work says that a higher one is of use.
        if (!_pause.IsActive) _rate.Climb(now, Math.Min(seconds, Math.Max(0, (_limitedUntil - _counted).TotalSeconds)));
        _counted = now;
        if (_rate.PerSecond is not { } perSecond) return;
        _bucket.Refill(perSecond * seconds, _rate.Capacity);
        _discovery.Refill(perSecond * seconds, _rate.Capacity);
    }

    // An item is two requests or more: after a pause for just one, its second would begin the next pause.
    private TimeSpan UntilItem() => _rate.Measured is { } perSecond ? TimeSpan.FromSeconds(3 / perSecond) : TimeSpan.Zero;

    private static TimeSpan Bounded(double seconds) => TimeSpan.FromSeconds(Math.Min(seconds, LongestForecast));

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
