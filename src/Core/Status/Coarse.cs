using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Core.Status;

/// <summary>
/// Times in status that estimates move all the time: rounded up to 5 minutes below an hour, 15 minutes below six, else an hour, and
/// kept as long as they are near enough, so that they alone seldom cause a write.
/// </summary>
internal static class Coarse
{
    /// <summary>The shortest wait that status shows.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromMinutes(5);

    /// <summary>When something ends; null when it is too soon to be told.</summary>
    /// <param name="now">The time.</param>
    /// <param name="wait">How long it takes, as estimated now.</param>
    /// <param name="before">What status says; null for nothing.</param>
    public static DateTimeOffset? End(DateTimeOffset now, TimeSpan wait, DateTimeOffset? before)
    {
        if (before is null && wait < Least)
        {
            return null;
        }

        var (end, step) = (now + wait, StepOf(wait));
        return before is { } known && known > now && IsNear(known.UtcTicks, end.UtcTicks, step)
            ? known
            : new DateTimeOffset(RoundUp(end.UtcTicks, step), TimeSpan.Zero);
    }

    /// <summary>An interval that is longer than asked for, as text; null when it is not, or hardly.</summary>
    /// <param name="effective">The interval; null when it is as asked for.</param>
    /// <param name="asked">What the spec asks for.</param>
    /// <param name="before">What status says; null for nothing.</param>
    public static string? Interval(TimeSpan? effective, TimeSpan asked, string? before)
    {
        if (effective is not { } interval || interval <= asked * (before is null ? 1.05 : 1))
        {
            return null;
        }

        var step = StepOf(interval);
        var known = before is null ? TimeSpan.Zero : GoDuration.ParseOr(before, TimeSpan.Zero);
        return known > asked && IsNear(known.Ticks, interval.Ticks, step)
            ? before
            : GoDuration.Format(TimeSpan.FromTicks(RoundUp(interval.Ticks, step)));
    }

    private static TimeSpan StepOf(TimeSpan time) => time < TimeSpan.FromHours(1) ? Least
        : time < TimeSpan.FromHours(6) ? TimeSpan.FromMinutes(15)
        : TimeSpan.FromHours(1);

    private static bool IsNear(long known, long exact, TimeSpan step) => known >= exact - step.Ticks && known <= exact + (2 * step.Ticks);

    private static long RoundUp(long ticks, TimeSpan step) => (ticks + step.Ticks - 1) / step.Ticks * step.Ticks;
}
