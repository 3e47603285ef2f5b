namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>Requests that may go at once, and come back evenly. More than there are may be taken: the rest is then owed.</summary>
internal sealed class TokenBucket(double tokens)
{
    /// <summary>How many there are; negative when some are owed.</summary>
    public double Tokens { get; private set; } = tokens;

    public void Refill(double tokens, double capacity) => Tokens = Math.Min(capacity, Tokens + tokens);

    public void Take(int count) => Tokens -= count;

    /// <summary>Takes all that are left; what is owed stays owed.</summary>
    public void Empty() => Tokens = Math.Min(0, Tokens);

    /// <summary>Forgives what is owed.</summary>
    public void Forgive() => Tokens = Math.Max(0, Tokens);

    /// <summary>How long until so many are there; zero when they are now.</summary>
    public TimeSpan Until(double count, double perSecond)
    {
        // A ten-thousandth less: a sum of many small refills need not be whole.
        var missing = count - Tokens - 0.0001;
        return missing <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(missing / perSecond, 3600));
    }
}
