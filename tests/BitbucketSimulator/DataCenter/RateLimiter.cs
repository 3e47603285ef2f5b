using System.Globalization;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>A token bucket for each logged-in user. Call it under the state's lock.</summary>
internal sealed class RateLimiter(World world, TimeProvider clock)
{
    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes one request from the caller's bucket; the 429 answer when it is empty.</summary>
    public Answer? Take(Caller caller)
    {
        var settings = world.RateLimit;
        if (!settings.Enabled || caller.Login is not { } login || settings.ExemptUsers.Contains(login)) return null;
        var now = clock.GetUtcNow();
        var bucket = _buckets.GetValueOrDefault(login) ?? new Bucket(settings.Capacity, now);
        var level = Math.Min(settings.Capacity, bucket.Level + ((now - bucket.At).TotalSeconds * settings.FillRate));
        var enough = level >= 1;
        _buckets[login] = new Bucket(enough ? level - 1 : level, now);
        return enough ? null : Refuse(settings, world.Version, (1 - level) / Math.Max(settings.FillRate, 0.001), now);
    }

    private static Answer Refuse(RateLimit settings, ServerVersion version, double seconds, DateTimeOffset now)
    {
        var answer = settings.HtmlBody ? Answer.Html(429, "Too many requests")
            : version.IsPlatform10() ? Errors.Error(429, "You have exceeded the rate limit for this instance.")
            : new Answer(429);
        var wait = Math.Ceiling(Math.Max(1, seconds));
        if (settings.RetryAfter == RetryAfter.Seconds) answer.Headers["Retry-After"] = wait.ToString(CultureInfo.InvariantCulture);
        if (settings.RetryAfter == RetryAfter.Date) answer.Headers["Retry-After"] = now.AddSeconds(wait).ToString("R", CultureInfo.InvariantCulture);
        return answer;
    }

    private sealed record Bucket(double Level, DateTimeOffset At);
}
