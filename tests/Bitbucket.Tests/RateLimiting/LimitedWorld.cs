using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Bitbucket.Tests.RateLimiting;

/// <summary>A server with a token bucket, as Data Center has it.</summary>
internal sealed class ServerBucket(double capacity, double perSecond)
{
    private double _taken;
    private TimeSpan _counted;

    public double PerSecond { get; set; } = perSecond;

    /// <summary>True: every request is refused, as if somebody else took them all.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Another client of the account, which sends steadily.</summary>
    public OtherClient? Other { get; init; }

    public bool Take(TimeSpan now)
    {
        Other?.SendUntil(now, TakeOne);
        return TakeOne(now);
    }

    private bool TakeOne(TimeSpan now)
    {
        _taken = Math.Max(0, _taken - ((now - _counted).TotalSeconds * PerSecond));
        _counted = now;
        if (IsTaken || _taken > capacity - 1) return false;
        _taken++;
        return true;
    }
}

/// <summary>A server with a limit for any hour, as Cloud has it.</summary>
internal sealed class ServerHour(int perHour, OtherClient other)
{
    private readonly Queue<TimeSpan> _accepted = new();

    public bool Take(TimeSpan now)
    {
        other.SendUntil(now, TakeOne);
        return TakeOne(now);
    }

    private bool TakeOne(TimeSpan now)
    {
        while (_accepted.TryPeek(out var oldest) && now - oldest >= TimeSpan.FromHours(1)) _accepted.Dequeue();
        if (_accepted.Count >= perHour) return false;
        _accepted.Enqueue(now);
        return true;
    }
}

/// <summary>Somebody else who uses the same account, at the same pace whatever the server answers.</summary>
internal sealed class OtherClient(double perSecond)
{
    private readonly TimeSpan _pace = TimeSpan.FromSeconds(1 / perSecond);
    private TimeSpan _next;

    public int Sent { get; private set; }

    public int Refused { get; private set; }

    public void SendUntil(TimeSpan now, Func<TimeSpan, bool> take)
    {
        for (; _next <= now; _next += _pace)
        {
            Sent++;
            Refused += take(_next) ? 0 : 1;
        }
    }
}

/// <summary>
/// Workers that send items through one limiter as fast as it lets them, under a clock that jumps from event to event. Nothing
/// runs at the same time, so that a run is alike each time.
/// </summary>
internal sealed class LimitedWorld
{
    public static readonly RatePolicy DataCenter = RatePolicy.DataCenter(0.8);
    public static readonly RatePolicy Cloud = RatePolicy.Cloud(1000, 0.8);

    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(50);

    private readonly PriorityQueue<Action, (TimeSpan At, long Number)> _events = new();
    private readonly DateTimeOffset _start;
    private readonly Func<TimeSpan, bool> _server;
    private long _number;

    public LimitedWorld(RatePolicy policy, Func<TimeSpan, bool> server)
    {
        _start = Time.GetUtcNow();
        _server = server;
        Limiters = new(8, Time);
        Account = Limiters.Rent(KeyOf(policy));
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public RateLimiters Limiters { get; }

    public AccountLimiter Account { get; }

    public TimeSpan Now => Time.GetUtcNow() - _start;

    /// <summary>When each request was sent, and whether it was accepted.</summary>
    public List<(TimeSpan At, bool Accepted, WorkClass Class)> Sent { get; } = [];

    public int Done { get; private set; }

    /// <summary>The header of every 429; null for none.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static LimiterKey KeyOf(RatePolicy policy, string account = "user BOT", string route = "direct") =>
        LimiterKey.Of(route, new("https://bitbucket.example.com/rest"), account, policy);

    /// <summary>Lets so many workers do items without end, until <see cref="Done"/> reaches a number.</summary>
    public void Work(int workers, RequestCost cost, WorkClass workClass = WorkClass.Missing, int until = int.MaxValue)
    {
        for (var i = 0; i < workers; i++) Ask(cost, workClass, until);
    }

    public void RunFor(TimeSpan time) => RunUntil(Now + time);

    /// <summary>Plays what happens until a time, or until nothing is left to happen.</summary>
    public void RunUntil(TimeSpan end)
    {
        while (_events.TryPeek(out var next, out var priority) && priority.At <= end)
        {
            _events.Dequeue();
            MoveTo(priority.At);
            next();
        }

        if (end != TimeSpan.MaxValue) MoveTo(end);
    }

    public int AcceptedBetween(TimeSpan from, TimeSpan to) => Sent.Count(s => s.Accepted && s.At >= from && s.At < to);

    private void MoveTo(TimeSpan at)
    {
        if (at > Now) Time.Advance(at - Now);
    }

    private void Later(TimeSpan wait, Action action) => _events.Enqueue(action, (Now + wait, _number++));

    private void Ask(RequestCost cost, WorkClass workClass, int until)
    {
        if (Done >= until) return;
        if (Account.TryReserve(cost, workClass, out var wait) is { } reservation)
            Send(new Item(cost, workClass, until, reservation), cost.Webhooks, cost.Repositories);
        else Later(wait, () => Ask(cost, workClass, until));
    }

    private void Send(Item item, int webhooks, int repositories)
    {
        if (webhooks + repositories == 0)
        {
            Done++;
            Again(item, TimeSpan.Zero);
            return;
        }

        try
        {
            var attempt = Account.Start(webhooks > 0 ? RequestGroup.Webhooks : RequestGroup.Repositories, item.Reservation);
            var accepted = _server(Now);
            Sent.Add((Now, accepted, item.Class));
            Later(Latency, () => Answer(item, attempt, accepted, webhooks > 0 ? webhooks - 1 : 0, webhooks > 0 ? repositories : repositories - 1));
        }
        catch (FaultException exception)
        {
            Again(item, exception.Fault.RetryAfter!.Value);
        }
    }

    private void Answer(Item item, Attempt attempt, bool accepted, int webhooks, int repositories)
    {
        if (accepted)
        {
            attempt.Accepted();
            Send(item, webhooks, repositories);
        }
        else Again(item, attempt.Refused(RetryAfter));
    }

    private void Again(Item item, TimeSpan wait)
    {
        item.Reservation.Dispose();
        Later(wait, () => Ask(item.Cost, item.Class, item.Until));
    }

    private sealed record Item(RequestCost Cost, WorkClass Class, int Until, Reservation Reservation);
}
