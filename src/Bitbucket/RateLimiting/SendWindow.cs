namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>
/// Counts what was sent in the last 60 minutes, so that no 60 minutes at all see more than the limit. Bitbucket Cloud counts
/// like that and does not say how many requests are left.
/// </summary>
/// <param name="limit">The most requests in 60 minutes.</param>
internal sealed class SendWindow(int limit)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Bin = TimeSpan.FromSeconds(30);

    // A request counts for as long as any part of its bin lies within the hour: at most 30 s too long, never too short.
    private readonly RecentCounts _sent = new(Bin, 121);
    private int _held;

    /// <summary>What may be reserved: some are left for items that need more requests than was expected.</summary>
    public int Plannable { get; } = PlannableOf(limit);

    public static int PlannableOf(int limit) => Math.Max(1, limit - Math.Max(1, limit / 50));

    /// <summary>What is set aside and not sent.</summary>
    public int Held => _held;

    /// <summary>The counts of twelve times five minutes, the newest first.</summary>
    public int[] FiveMinutes(TimeSpan now)
    {
        var counts = new int[12];
        foreach (var (end, count) in _sent.From(now - Hour))
        {
            counts[Math.Clamp((int)((now - end) / TimeSpan.FromMinutes(5)), 0, 11)] += count;
        }

        return counts;
    }

    /// <summary>Sets requests aside.</summary>
    public void Hold(int count) => _held += count;

    /// <summary>Takes them back.</summary>
    public void Release(int count) => _held -= count;

    /// <summary>Counts requests that were sent.</summary>
    public void Sent(TimeSpan at, int count) => _sent.Add(at, count);

    /// <summary>How many more may be reserved.</summary>
    public int Room(TimeSpan now) => Plannable - _held - _sent.Since(now - Hour);

    /// <summary>Counts what another process sent, as far as the limit let it.</summary>
    public void SentElsewhere(TimeSpan now, TimeSpan at, int count)
    {
        if (at > now - Hour) _sent.Add(at, Math.Clamp(limit - _held - _sent.Since(now - Hour), 0, Math.Max(0, count)));
    }

    /// <summary>How long until so many requests may be reserved; zero when they may be now.</summary>
    public TimeSpan UntilPlannable(TimeSpan now, int count) => Until(now, Plannable - count);

    /// <summary>How long until one more request may be sent at all; zero when it may be now.</summary>
    public TimeSpan UntilSendable(TimeSpan now) => Until(now, limit - 1);

    private TimeSpan Until(TimeSpan now, int allowed)
    {
        var used = _held + _sent.Since(now - Hour);
        if (used <= allowed) return TimeSpan.Zero;
        foreach (var (end, count) in _sent.From(now - Hour))
        {
            used -= count;
            if (used <= allowed) return end + Hour - now;
        }

        // What is held comes back when its items end.
        return Bin;
    }
}
