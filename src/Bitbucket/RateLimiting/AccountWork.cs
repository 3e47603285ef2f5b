using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>
/// What the connections that use an account ask of it, as far as they told lately, and what its limit makes of that: each gets
/// an equal share, and lends what it does not need. Not synchronized: <see cref="AccountLimiter"/> calls it one at a time.
/// </summary>
internal sealed class AccountWork
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Notes what a connection asks. Who does not tell again is forgotten an hour after its next listing.</summary>
    public void Note(string connection, Workload work, TimeSpan now)
    {
        var before = _entries.GetValueOrDefault(connection);
        TimeSpan? waitsSince = work.Waiting == 0 ? null : before?.WaitsSince ?? now;
        _entries[connection] = new(work, waitsSince, now + Kept + work.Discovery.Interval);
        foreach (var (name, entry) in _entries)
        {
            if (entry.Until < now) _entries.Remove(name);
        }
    }

    /// <summary>What the limit makes of what a connection asks.</summary>
    /// <param name="connection">Which; noted before.</param>
    /// <param name="webhooks">Limits requests for webhooks.</param>
    /// <param name="repositories">Limits all others; the same where the server counts them together.</param>
    /// <param name="now">The time.</param>
    public Outlook Foresee(string connection, GroupLimiter webhooks, GroupLimiter repositories, TimeSpan now)
    {
        var (work, waitsSince, _) = _entries[connection];
        var forDiscovery = repositories.PerSecond * DiscoveryShare.Share;
        var forVerification = webhooks.PerSecond;
        if (ReferenceEquals(webhooks, repositories)) forVerification -= Math.Min(forDiscovery ?? 0, _entries.Values.Sum(e => e.Work.Discovery.PerSecond));
        return new(
            waitsSince is { } since ? webhooks.UntilSent(AheadOf(work.Waiting), since, now) : null,
            Shortest(work.Discovery, forDiscovery, e => e.Discovery),
            Shortest(work.Verification, forVerification, e => e.Verification));
    }

    // The connections take turns: when the last of its requests is sent, the others have sent as many, as far as they have any.
    private double AheadOf(int waiting) => _entries.Values.Sum(e => (double)Math.Min(e.Work.Waiting, waiting));

    private TimeSpan? Shortest(RepeatedWork own, double? perSecond, Func<Workload, RepeatedWork> of)
    {
        if (perSecond is not { } limit || own.Requests == 0) return null;
        var all = _entries.Values.Select(e => of(e.Work).PerSecond).Order().ToList();
        var share = FairShare(all, limit);
        return own.PerSecond > share ? TimeSpan.FromSeconds(own.Requests / share) : null;
    }

    // The rate that nobody may exceed, so that all together keep to the limit; infinite when they do anyway.
    private static double FairShare(List<double> ascending, double limit)
    {
        for (var i = 0; i < ascending.Count; i++)
        {
            var equal = limit / (ascending.Count - i);
            if (ascending[i] > equal) return equal;
            limit -= ascending[i];
        }

        return double.PositiveInfinity;
    }

    private sealed record Entry(Workload Work, TimeSpan? WaitsSince, TimeSpan Until);
}
