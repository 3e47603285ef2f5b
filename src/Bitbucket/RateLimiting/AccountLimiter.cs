using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>Limits the requests of one account by one route: those in flight together, and those of each group.</summary>
internal sealed class AccountLimiter : IDisposable
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly LimiterClock _clock;
    private readonly SemaphoreSlim _places;
    private readonly GroupLimiter[] _groups;
    private readonly AccountWork _work = new();

    public AccountLimiter(LimiterKey key, int places, LimiterClock clock)
    {
        Key = key;
        _clock = clock;
        _places = new(places, places);
        var jitter = new Jitter($"{key.Host} {key.Account} {clock.UtcNow.Ticks}");
        string[] names = key.Policy.CountsGroupsApart ? ["webhooks", "repositories"] : ["all"];
        _groups = [.. names.Select(name => new GroupLimiter(name, key.Policy, jitter, clock.Now))];
    }

    public LimiterKey Key { get; }

    /// <summary>Told of each request.</summary>
    public Action? Charged { get; init; }

    /// <summary>Told of each request while nothing of its group is on record, and of each that is refused.</summary>
    public Action? Urgent { get; init; }

    /// <summary>How many use it now; the owner's, under the owner's lock.</summary>
    public int Users { get; set; }

    /// <summary>True when it may be forgotten.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate) return Array.TrueForAll(_groups, group => group.IsIdle(_clock.Now));
        }
    }

    /// <summary>Waits for a place among the requests in flight; <see cref="Leave"/> gives it back.</summary>
    public Task EnterAsync(CancellationToken cancellationToken) => _places.WaitAsync(cancellationToken);

    public void Leave() => _places.Release();

    public void Dispose() => _places.Dispose();

    /// <summary>Takes the requests of all groups at once, or none.</summary>
    /// <param name="cost">The requests.</param>
    /// <param name="workClass">What they are for.</param>
    /// <param name="wait">With null: how long until asking again is worth it.</param>
    public Reservation? TryReserve(RequestCost cost, WorkClass workClass, out TimeSpan wait)
    {
        lock (_gate)
        {
            var now = _clock.Now;
            var costs = CostsOf(cost);
            wait = WaitFor(costs, workClass, now);
            if (wait > TimeSpan.Zero) return null;

            var reservation = new Reservation(this);
            foreach (var (group, count) in costs) reservation.Hold(group, group.Reserve(count, workClass, reservation, now));
            return reservation;
        }
    }

    /// <summary>Notes what a connection asks of the account. Returns what the limit makes of it.</summary>
    public Outlook Foresee(string connection, Workload work)
    {
        lock (_gate)
        {
            _work.Note(connection, work, _clock.Now);
            return _work.Foresee(connection, _groups[0], _groups[^1], _clock.Now);
        }
    }

    public void GiveBack(Reservation reservation)
    {
        lock (_gate) reservation.GiveBack(_clock.Now);
    }

    /// <summary>Charges one request that is about to be sent.</summary>
    /// <exception cref="FaultException">It must not be sent (<c>RateLimited</c>).</exception>
    public Attempt Start(RequestGroup group, Reservation? reservation)
    {
        Attempt attempt;
        bool isNews;
        lock (_gate)
        {
            var limiter = Of(group);
            isNews = !limiter.IsOnRecord;
            var owner = reservation ?? new object();
            var fault = limiter.Charge(reservation?.Of(limiter), owner, _clock.Now, out var isProbe);
            if (fault is not null) throw new FaultException(fault);
            attempt = new Attempt(this, limiter) { IsProbe = isProbe, Episode = limiter.Episode };
        }

        Charged?.Invoke();
        if (isNews) Urgent?.Invoke();
        return attempt;
    }

    public void Accepted(Attempt attempt)
    {
        lock (_gate) attempt.Group.Accepted(_clock.Now, attempt.IsProbe);
    }

    public TimeSpan Refused(Attempt attempt, TimeSpan? retryAfter)
    {
        try
        {
            lock (_gate) return attempt.Group.Refused(_clock.Now, retryAfter, attempt.IsProbe, attempt.Episode);
        }
        finally
        {
            Urgent?.Invoke();
        }
    }

    public void Unanswered(Attempt attempt)
    {
        lock (_gate) attempt.Group.Unanswered(attempt.IsProbe);
    }

    /// <summary>The group's name in metrics.</summary>
    public string NameOf(RequestGroup group) => Of(group).Name;

    public IReadOnlyList<GroupState> States()
    {
        lock (_gate) return [.. _groups.Select(group => group.State(_clock.Now))];
    }

    /// <param name="idOf">The id of a group's record, by its name.</param>
    public IReadOnlyList<RateLimitRecord> Export(Func<string, string> idOf)
    {
        lock (_gate) return [.. _groups.Select(group => group.Export(idOf(group.Name), _clock)).OfType<RateLimitRecord>()];
    }

    /// <param name="recordOf">The record of a group, by its name; null when there is none.</param>
    /// <param name="started">When this process took over.</param>
    public void Import(Func<string, RateLimitRecord?> recordOf, TimeSpan started)
    {
        lock (_gate)
        {
            foreach (var group in _groups)
            {
                if (recordOf(group.Name) is { } record) group.Import(record, started, _clock);
            }
        }
    }

    private static TimeSpan WaitFor(List<(GroupLimiter Group, int Count)> costs, WorkClass workClass, TimeSpan now)
    {
        var longest = TimeSpan.Zero;
        foreach (var (group, count) in costs)
        {
            var wait = group.Told(workClass, now, group.WaitFor(count, workClass, now));
            if (wait > longest) longest = wait;
        }

        return longest == TimeSpan.Zero || longest > ShortestWait ? longest : ShortestWait;
    }

    private List<(GroupLimiter Group, int Count)> CostsOf(RequestCost cost)
    {
        var (webhooks, repositories) = (Math.Max(0, cost.Webhooks), Math.Max(0, cost.Repositories));
        List<(GroupLimiter Group, int Count)> costs = _groups.Length == 1
            ? [(_groups[0], webhooks + repositories)]
            : [(_groups[0], webhooks), (_groups[1], repositories)];
        costs.RemoveAll(c => c.Count == 0);
        return costs;
    }

    private GroupLimiter Of(RequestGroup group) => group == RequestGroup.Webhooks ? _groups[0] : _groups[^1];
}
