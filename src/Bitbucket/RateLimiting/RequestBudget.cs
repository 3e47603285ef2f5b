using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>
/// How many requests one credential may still send, of one of the groups that Bitbucket counts apart. A third of the
/// hour's requests may go at once and the rest comes back evenly, so that no hour at all sees more than the limit:
/// Bitbucket counts over a rolling hour and does not say how many are left.
/// </summary>
internal sealed class RequestBudget(string name, int perHour, TimeProvider time, Action? refused = null)
{
    private const double UsefulShare = 0.25;

    private static readonly TimeSpan FirstStop = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestStop = TimeSpan.FromHours(1);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private readonly double _capacity = Math.Max(1, perHour / 3.0);
    private readonly double _perSecond = Math.Max(1, perHour * 2 / 3.0) / 3600;
    private double _left = Math.Max(1, perHour / 3.0);
    private TimeSpan _counted;
    private TimeSpan _stoppedUntil;
    private int _stops;

    /// <summary>True when forgetting it would change nothing.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                Refill();
                return _left >= _capacity && Now >= _stoppedUntil + LongestStop;
            }
        }
    }

    /// <summary>How many requests may go now, and how long none may after a 429 or with none left.</summary>
    public (double Left, TimeSpan Wait) State
    {
        get
        {
            lock (_gate)
            {
                Refill();
                var wait = _left < 1 ? UntilUseful() : TimeSpan.Zero;
                var stop = _stoppedUntil - Now;
                return (Math.Floor(_left), stop > wait ? stop : wait);
            }
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Takes one request out of the budget.</summary>
    /// <exception cref="FaultException">There is none (<c>RateLimited</c>): nothing must be sent.</exception>
    public void Take()
    {
        lock (_gate)
        {
            if (Now < _stoppedUntil) throw Refused(TooMany(AtLeast(_stoppedUntil - Now)));
            Refill();
            if (_left < 1) throw Refused(UsedUp(UntilUseful()));
            _left--;
        }
    }

    /// <summary>
    /// Told of a 429: nothing more is sent for 5 minutes, twice as long each further time, up to an hour; or for as long
    /// as Bitbucket asks. Returns how long that is from now.
    /// </summary>
    public TimeSpan Stop(TimeSpan? retryAfter)
    {
        lock (_gate)
        {
            // Requests that were on their way together are refused together: that counts once.
            if (Now >= _stoppedUntil)
            {
                var doubled = FirstStop * Math.Pow(2, Math.Min(_stops++, 10));
                var wait = doubled < LongestStop ? doubled : LongestStop;
                _stoppedUntil = Now + (retryAfter ?? (wait * (1 + (0.2 * Jitter()))));
            }
            else if (retryAfter is { } longer && Now + longer > _stoppedUntil)
            {
                _stoppedUntil = Now + longer;
            }

            return AtLeast(_stoppedUntil - Now);
        }
    }

    /// <summary>Told of an answer that is no 429: what comes next after it begins at 5 minutes again.</summary>
    public void Succeed()
    {
        lock (_gate)
        {
            if (Now >= _stoppedUntil) _stops = 0;
        }
    }

    private void Refill()
    {
        var now = Now;
        _left = Math.Min(_capacity, _left + ((now - _counted).TotalSeconds * _perSecond));
        _counted = now;
    }

    private TimeSpan UntilUseful() => TimeSpan.FromSeconds(((_capacity * UsefulShare) + 1 - _left) / _perSecond);

    private FaultException Refused(Fault fault)
    {
        refused?.Invoke();
        return new(fault);
    }

    /// <summary>The fault of too many requests, whether Bitbucket says so or it is remembered that it did.</summary>
    public static Fault TooMany(TimeSpan wait) => Fault.Waiting(
        Reasons.RateLimited,
        "Bitbucket limits the rate of this credential's requests (429). The operator stays away for a while; "
        + "if this happens often, give connections credentials of their own, or make spec.webhookInterval longer.",
        wait);

    private Fault UsedUp(TimeSpan wait) => Fault.Waiting(
        Reasons.RateLimited,
        $"The operator sends no more than {perHour} requests an hour with one credential, since Bitbucket allows 1,000, and these are used up. "
        + "It goes on when some are back; give connections credentials of their own, "
        + "or make spec.interval and spec.webhookInterval longer.",
        AtLeast(wait));

    private static TimeSpan AtLeast(TimeSpan wait) => wait > ShortestWait ? wait : ShortestWait;

    // Spreads those who were stopped together, from 0 to 1.
    private double Jitter() =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{name} {time.GetUtcNow().Ticks}"))[0] / 255.0;
}
