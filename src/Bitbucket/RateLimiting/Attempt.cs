namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>One request on its way. To be told what came of it.</summary>
internal sealed class Attempt(AccountLimiter account, GroupLimiter group) : IDisposable
{
    private bool _isOpen = true;

    /// <summary>The limiter that it is charged to.</summary>
    public GroupLimiter Group => group;

    /// <summary>True when it tells whether a pause is over.</summary>
    public bool IsProbe { get; init; }

    /// <summary>The last pause when it was sent.</summary>
    public int Episode { get; init; }

    /// <summary>An answer came that is not a 429.</summary>
    public void Accepted()
    {
        if (Close()) account.Accepted(this);
    }

    /// <summary>The answer is 429. Returns how long nothing is sent now.</summary>
    public TimeSpan Refused(TimeSpan? retryAfter) => Close() ? account.Refused(this, retryAfter) : TimeSpan.Zero;

    /// <summary>No answer came, unless one was told of.</summary>
    public void Dispose()
    {
        if (Close()) account.Unanswered(this);
    }

    private bool Close() => Interlocked.Exchange(ref _isOpen, false);
}
