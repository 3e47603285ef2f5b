namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>The time of limiters: steady, whatever happens to the date, and beginning at two hours, so that there is a time before.</summary>
internal sealed class LimiterClock(TimeProvider time)
{
    private static readonly TimeSpan Beginning = TimeSpan.FromHours(2);
    private readonly long _start = time.GetTimestamp();

    public TimeSpan Now => Beginning + time.GetElapsedTime(_start);

    public DateTimeOffset UtcNow => time.GetUtcNow();
}
