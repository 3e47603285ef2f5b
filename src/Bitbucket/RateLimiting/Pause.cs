namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>
/// The time after a 429 in which nothing is sent, until one request, the probe, is accepted. The 429s of requests that were
/// under way together are one episode.
/// </summary>
/// <param name="policy">How long pauses are.</param>
/// <param name="jitter">Spreads those who were paused together.</param>
internal sealed class Pause(RatePolicy policy, Jitter jitter)
{
    private TimeSpan _step = policy.FirstPause;
    private object? _prober;
    private bool _isProbing;

    /// <summary>True from the 429 until a probe is accepted.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Counts the pauses.</summary>
    public int Episode { get; private set; }

    /// <summary>When the first probe may go.</summary>
    public TimeSpan Until { get; private set; }

    /// <summary>How long nothing may be sent; null when nothing is waited for but a probe, or not paused.</summary>
    public TimeSpan? Remaining(TimeSpan now)
    {
        if (!IsActive) return null;
        if (now < Until) return Until - now;
        return _prober is null ? null : policy.FirstPause / 4;
    }

    /// <summary>Begins a pause, and returns how long it is.</summary>
    /// <param name="now">The time.</param>
    /// <param name="retryAfter">What the server asks for.</param>
    /// <param name="least">Without that, how long it is at least, as the server's limit is known to be slow.</param>
    public TimeSpan Begin(TimeSpan now, TimeSpan? retryAfter, TimeSpan least)
    {
        IsActive = true;
        Episode++;
        return Renew(now, retryAfter, least);
    }

    /// <summary>Begins a pause that another process was told of.</summary>
    public void Restore(TimeSpan until)
    {
        IsActive = true;
        Episode++;
        Until = until;
    }

    /// <summary>A request that was under way when the pause began was answered with 429 too.</summary>
    public TimeSpan Extend(TimeSpan now, TimeSpan? retryAfter)
    {
        if (IsActive && retryAfter is { } longer && now + longer > Until) Until = now + longer;
        return IsActive && Until > now ? Until - now : policy.FirstPause / 4;
    }

    /// <summary>The prober may send the one request that goes out after a pause; false when it must not.</summary>
    public bool TryProbe(TimeSpan now, object prober)
    {
        if (now < Until || (_prober is not null && !ReferenceEquals(_prober, prober)) || _isProbing) return false;
        _prober = prober;
        _isProbing = true;
        return true;
    }

    /// <summary>The one who asks will send the probe.</summary>
    public void Promise(object prober) => _prober = prober;

    /// <summary>The one who promised sends none.</summary>
    public void Withdraw(object prober)
    {
        if (!_isProbing && ReferenceEquals(_prober, prober)) _prober = null;
    }

    /// <summary>The probe was accepted: the pause is over, and the next one shorter.</summary>
    public void ProbeAccepted()
    {
        IsActive = false;
        ProbeUnanswered();
        _step = _step / 2 > policy.FirstPause ? _step / 2 : policy.FirstPause;
    }

    /// <summary>The probe was refused: the pause goes on, twice as long.</summary>
    public TimeSpan ProbeRefused(TimeSpan now, TimeSpan? retryAfter, TimeSpan least)
    {
        ProbeUnanswered();
        _step = _step * 2 < policy.LongestPause ? _step * 2 : policy.LongestPause;

        // A server that was asked when it said to be, and refuses again, is not taken at its word alone.
        return Renew(now, retryAfter, least, isOwn: true);
    }

    /// <summary>Nothing is known of the probe: the next request is one.</summary>
    public void ProbeUnanswered()
    {
        _prober = null;
        _isProbing = false;
    }

    private TimeSpan Renew(TimeSpan now, TimeSpan? retryAfter, TimeSpan least, bool isOwn = false)
    {
        if (least > policy.LongestPause) least = policy.LongestPause;
        var wait = retryAfter ?? TimeSpan.Zero;
        if (isOwn || retryAfter is null)
        {
            var own = (_step > least ? _step : least) * (0.8 + (0.4 * jitter.Next()));
            wait = wait > own ? wait : own;
        }

        wait = TimeSpan.FromTicks(Math.Max(wait.Ticks, TimeSpan.TicksPerSecond));
        Until = now + wait;
        return wait;
    }
}
