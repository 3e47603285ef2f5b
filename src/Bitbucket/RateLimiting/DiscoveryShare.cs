using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>
/// Listings and logins get a quarter of the requests while other work waits for some, in any hour where the limit counts hours,
/// and all of them otherwise.
/// </summary>
/// <param name="perHour">The most requests in any hour; null where none is documented.</param>
internal sealed class DiscoveryShare(int? perHour)
{
    /// <summary>The part of the requests.</summary>
    public const double Share = 0.25;

    private readonly SendWindow? _hour = perHour is { } limit ? new(Math.Max(1, (int)(limit * Share))) : null;
    private readonly TokenBucket _bucket = new(double.PositiveInfinity);
    private TimeSpan _othersWaitUntil;

    public void Refill(double tokens, double capacity) => _bucket.Refill(tokens * Share, CapacityOf(capacity));

    /// <summary>Work was told to come back after a time.</summary>
    public void Wanted(WorkClass workClass, TimeSpan now, TimeSpan wait)
    {
        if (workClass == WorkClass.Discovery) return;
        var until = now + (2 * wait) + TimeSpan.FromSeconds(1);
        if (until > _othersWaitUntil) _othersWaitUntil = until;
    }

    /// <summary>How long discovery must leave the requests to others.</summary>
    public TimeSpan Until(int count, TimeSpan now, double capacity, double perSecond)
    {
        if (now >= _othersWaitUntil) return TimeSpan.Zero;
        var tokens = _bucket.Until(Math.Min(count, CapacityOf(capacity)), perSecond * Share);
        var hour = _hour?.UntilSendable(now) ?? TimeSpan.Zero;
        return tokens > hour ? tokens : hour;
    }

    public void Take(int count, TimeSpan now)
    {
        _bucket.Take(count);
        // What was taken while nobody else wanted it is not held against discovery.
        if (now >= _othersWaitUntil) _bucket.Forgive();
        else _hour?.Sent(now, count);
    }

    public void GiveBack(int count, double capacity) => _bucket.Refill(count, CapacityOf(capacity));

    public void Empty() => _bucket.Empty();

    private static double CapacityOf(double capacity) => Math.Max(1, capacity * Share);
}
