namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>How much happened lately, in bins of equal length. Times are those of <see cref="LimiterClock"/>.</summary>
/// <param name="length">The length of a bin.</param>
/// <param name="bins">How many are kept.</param>
internal sealed class RecentCounts(TimeSpan length, int bins)
{
    private readonly int[] _counts = new int[bins];
    private long _newest;

    /// <summary>Counts what happened at a time; what is too old to be kept is left out.</summary>
    public void Add(TimeSpan at, int count)
    {
        var bin = BinOf(at);
        MoveTo(bin);
        if (bin > _newest - bins) _counts[bin % bins] += count;
    }

    /// <summary>What happened since a time, and a little more: the whole bin that the time lies in.</summary>
    public int Since(TimeSpan from)
    {
        var sum = 0;
        for (var bin = Math.Max(BinOf(from), _newest - bins + 1); bin <= _newest; bin++) sum += _counts[bin % bins];
        return sum;
    }

    /// <summary>The counts from a time on, the oldest first, each with the end of its bin.</summary>
    public IEnumerable<(TimeSpan End, int Count)> From(TimeSpan from)
    {
        for (var bin = Math.Max(BinOf(from), _newest - bins + 1); bin <= _newest; bin++) yield return ((bin + 1) * length, _counts[bin % bins]);
    }

    private long BinOf(TimeSpan at) => Math.Max(0, at.Ticks / length.Ticks);

    private void MoveTo(long bin)
    {
        if (bin - _newest >= bins) Array.Clear(_counts);
        else
        {
            for (var next = _newest + 1; next <= bin; next++) _counts[next % bins] = 0;
        }

        _newest = Math.Max(_newest, bin);
    }
}
