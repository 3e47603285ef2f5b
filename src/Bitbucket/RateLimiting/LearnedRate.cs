namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>
/// The rate below a limit that nobody tells. Unlimited until the first 429. Between two 429s a token bucket gives exactly what
/// is refilled, so that what was accepted in between measures the limit. The rate stays at the share of that limit, and now and
/// then rises beyond it to see whether more is allowed by now: soon where more was allowed not long ago, else ever more rarely.
/// </summary>
/// <param name="share">The share of the limit that is used, 0 to 1.</param>
internal sealed class LearnedRate(double share) : SendRate
{
    // Slower than any limiter that makes sense.
    private const double Lowest = 1 / 60.0;

    // Faster than the operator is: there is no limit any more.
    private const double Unlimited = 200;

    private const double ClimbSeconds = 120;
    private const double FirstClimbSeconds = 10;
    private const double LeastClimb = 3.0 / ClimbSeconds;
    private const double LeastGuess = 1;
    private const double BurstSeconds = 12;
    private const double MemorySeconds = 30 * 60;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Horizon = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ShortStay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestStay = TimeSpan.FromMinutes(10);

    private readonly RecentCounts _accepted = new(TimeSpan.FromSeconds(5), 61);
    private TimeSpan _throttledAt;
    private TimeSpan _stay = TimeSpan.FromMinutes(1);
    private TimeSpan _stayUntil;
    private double? _perSecond;
    private double _limit;
    private double _peak;
    private int _acceptedSince;
    private int _failures;
    private bool _isMeasured;

    public override double? PerSecond => _perSecond;

    public override double Capacity => Math.Max(4, BurstSeconds * (_perSecond ?? Unlimited));

    public override double? Measured => _isMeasured ? _perSecond : null;

    public override double Highest => _perSecond ?? 0;

    public override double? Since(TimeSpan from, TimeSpan now) => _accepted.Since(from) / Math.Max(1, (now - from).TotalSeconds);

    private double Target => Math.Max(Lowest, share * _limit);

    public override void Accepted(TimeSpan now)
    {
        _accepted.Add(now, 1);
        _acceptedSince++;
    }

    public override void Throttled(TimeSpan now)
    {
        Learn(now);
        var reduced = _perSecond is { } before ? Math.Min(0.7 * before, Target) : Target;
        // Beyond the target the rate was raised to see what happens: that is over, and no reason to go below the target.
        _perSecond = Math.Max(Lowest, _perSecond > 1.02 * Target ? Target : reduced);
        _throttledAt = now;
        _stayUntil = now + _stay;
        _acceptedSince = 0;
    }

    public override void Climb(TimeSpan now, double seconds)
    {
        if (_perSecond is not { } rate) return;
        if (!_isMeasured)
        {
            // The first rate is a guess from a burst: the next 429 measures.
            Set(rate * (1 + (seconds / FirstClimbSeconds)), reachedAt: null);
            return;
        }

        var slope = Math.Max(LeastClimb, Math.Max(share * _peak, rate) / ClimbSeconds);
        if (rate < Target) Set(Math.Min(Target, rate + (slope * seconds)), reachedAt: now);
        else if (now >= _stayUntil) Set(rate + (slope * seconds), reachedAt: null);
    }

    public override void Restore(double perSecond)
    {
        _perSecond = Math.Clamp(perSecond, Lowest, Unlimited);
        _limit = _peak = _perSecond.Value / share;
    }

    private void Set(double rate, TimeSpan? reachedAt)
    {
        if (reachedAt is { } now && rate >= Target)
        {
            _stayUntil = now + _stay;
            _failures = 0;
        }

        _perSecond = rate < Unlimited ? rate : null;
        if (_perSecond is null) _isMeasured = false;
    }

    private void Learn(TimeSpan now)
    {
        Forget((now - _throttledAt).TotalSeconds);
        if (_perSecond is not { } rate)
        {
            _limit = Math.Max(LeastGuess, _accepted.Since(now - First) / First.TotalSeconds);
            return;
        }

        if (!_isMeasured && now - _throttledAt < Horizon) _limit = RateSinceThrottled(now);
        else if (rate > 1.02 * Target) LearnBetween(RateSinceThrottled(now), rate);
        else if (++_failures > 1) _limit = Math.Max(RateSinceThrottled(now), 0.7 * _limit);
        _isMeasured = true;
        _peak = Math.Max(_peak, _limit);
        if (_limit < 0.9 * _peak) _stay = ShortStay;
    }

    // The limit is not below what was accepted on average, nor above the rate that failed. Rising further did no good: try again
    // later, each time less soon.
    private void LearnBetween(double accepted, double failed)
    {
        var isConfirmed = accepted < 1.15 * _limit;
        _limit = Math.Max(accepted, Math.Min(_limit, failed));
        _stay = !isConfirmed ? TimeSpan.FromMinutes(1) : _stay * 2 < LongestStay ? _stay * 2 : LongestStay;
    }

    private void Forget(double seconds) => _peak *= Math.Exp(-seconds / MemorySeconds);

    private double RateSinceThrottled(TimeSpan now)
    {
        var since = now - _throttledAt;
        if (since <= TimeSpan.Zero) return _limit;
        return since < Horizon ? _acceptedSince / since.TotalSeconds : _accepted.Since(now - Horizon) / Horizon.TotalSeconds;
    }
}
