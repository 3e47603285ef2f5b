namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>Requests that were set aside for one piece of work. Disposing it gives back what was not sent.</summary>
internal sealed class Reservation(AccountLimiter account) : IDisposable
{
    private readonly Dictionary<GroupLimiter, Holding> _holdings = [];

    /// <summary>What is held of a group; nothing, when none of that group was asked for.</summary>
    public Holding Of(GroupLimiter group)
    {
        if (!_holdings.TryGetValue(group, out var holding)) _holdings[group] = holding = new(group.Episode, IsDiscovery: false, IsCharged: false);
        return holding;
    }

    /// <summary>Called by the limiter alone, under its lock, as are the others.</summary>
    public void Hold(GroupLimiter group, Holding holding) => _holdings[group] = holding;

    public void GiveBack(TimeSpan now)
    {
        foreach (var (group, holding) in _holdings) group.GiveBack(holding, this, now);
        _holdings.Clear();
    }

    public void Dispose() => account.GiveBack(this);
}
