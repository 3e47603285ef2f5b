namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>What is kept of one limiter over a restart: coarse, small, and without a name.</summary>
/// <param name="Id">A keyed hash of server, account and group.</param>
/// <param name="At">When it was exported.</param>
/// <param name="Sent">Requests in each of the twelve times five minutes before that, the newest first; empty where no hour is counted.</param>
public sealed record RateLimitRecord(string Id, DateTimeOffset At, IReadOnlyList<int> Sent)
{
    /// <summary>The rate in use; null for unlimited.</summary>
    public double? PerSecond { get; init; }

    /// <summary>Requests that could have been sent at once, those reserved included.</summary>
    public double Tokens { get; init; }

    /// <summary>When a pause ends; null for none.</summary>
    public DateTimeOffset? PausedUntil { get; init; }

    /// <summary>True when nothing was sent after it: its process had ended its work. Who goes on from it stores it without the mark first.</summary>
    public bool IsFinal { get; init; }

    /// <summary>A new limiter is in the same state: nothing is limited.</summary>
    internal bool SaysNothing => Sent.Count == 0 && PerSecond is null && PausedUntil is null;
}
