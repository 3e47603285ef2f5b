namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>How fast requests are sent: reduced once after the first 429 of several, and raised steadily while more could be sent.</summary>
internal abstract class SendRate
{
    /// <summary>Requests per second; null for as fast as they come.</summary>
    public abstract double? PerSecond { get; }

    /// <summary>How many requests may go at once after a quiet time.</summary>
    public abstract double Capacity { get; }

    /// <summary>The rate, where it was learned from a server; null where it is documented, or a guess.</summary>
    public virtual double? Measured => null;

    /// <summary>How many requests per second were answered since a time; null when that is not counted.</summary>
    public virtual double? Since(TimeSpan from, TimeSpan now) => null;

    /// <summary>The most requests per second that may have been sent while nobody counted.</summary>
    public abstract double Highest { get; }

    /// <summary>A request was answered, and not with 429.</summary>
    public virtual void Accepted(TimeSpan now)
    {
    }

    /// <summary>The first 429 of several.</summary>
    public abstract void Throttled(TimeSpan now);

    /// <summary>Time in which more requests could have been sent than were allowed.</summary>
    public abstract void Climb(TimeSpan now, double seconds);

    /// <summary>Begins at a rate that was in use before.</summary>
    public abstract void Restore(double perSecond);
}
