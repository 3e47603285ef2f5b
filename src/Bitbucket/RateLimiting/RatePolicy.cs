using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>How a kind of server limits requests, and how much of that is taken.</summary>
internal sealed record RatePolicy
{
    private RatePolicy()
    {
    }

    /// <summary>The most requests in any 60 minutes, per group; null where no limit is documented, and one is learned from 429s.</summary>
    public int? PerHour { get; private init; }

    /// <summary>The share of a learned limit that is used, 0 to 1.</summary>
    public double Share { get; private init; }

    /// <summary>True where the server counts each <see cref="RequestGroup"/> by itself.</summary>
    public bool CountsGroupsApart { get; private init; }

    /// <summary>The pause after a 429 without Retry-After.</summary>
    public TimeSpan FirstPause { get; private init; } = TimeSpan.FromSeconds(30);

    /// <summary>What the pause grows to while probes are refused.</summary>
    public TimeSpan LongestPause { get; private init; } = TimeSpan.FromMinutes(5);

    /// <summary>The shortest wait after a request without a reservation was refused: its caller repeats more than one request.</summary>
    public TimeSpan ShortestWait { get; private init; } = TimeSpan.FromSeconds(10);

    /// <summary>The message of a request that is not sent during a pause.</summary>
    public Wording PausedMessage { get; private init; } = RateFaults.PausedOnCloud;

    /// <summary>Bitbucket Cloud documents its limit.</summary>
    /// <param name="limitPerHour">Requests per hour and group that it allows.</param>
    /// <param name="share">What is taken of it, 0 to 1.</param>
    public static RatePolicy Cloud(int limitPerHour, double share) =>
        new() { PerHour = Math.Max(2, (int)(limitPerHour * share)), Share = share, CountsGroupsApart = true };

    /// <summary>The token endpoint of Bitbucket Cloud, whose limit is not documented.</summary>
    public static RatePolicy CloudLogin(double share) => new() { Share = share };

    /// <summary>Most Data Center servers have no limiter, and where there is one it is the administrator's affair.</summary>
    public static RatePolicy DataCenter(double share) => new()
    {
        Share = share,
        FirstPause = TimeSpan.FromSeconds(2),
        LongestPause = TimeSpan.FromMinutes(1),
        ShortestWait = TimeSpan.FromSeconds(1),
        PausedMessage = RateFaults.PausedOnDataCenter,
    };

    /// <summary>The rate that requests are sent at, as nothing is known yet.</summary>
    public SendRate NewRate() => PerHour is { } perHour ? new KnownRate(SendWindow.PlannableOf(perHour)) : new LearnedRate(Share);
}
