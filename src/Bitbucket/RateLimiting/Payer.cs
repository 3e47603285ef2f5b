using System.Runtime.InteropServices;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>Pays for the requests of one client: from a reservation, or each for itself.</summary>
internal sealed class Payer : IDisposable
{
    private readonly RateLimiters _limiters;
    private readonly LimiterKey _key;
    private readonly AccountLimiter? _reservedWith;
    private readonly Reservation? _reservation;
    private bool _isDisposed;

    public Payer(RateLimiters limiters, LimiterKey key)
    {
        _limiters = limiters;
        _key = key;
    }

    private Payer(Payer original, AccountLimiter limiter, Reservation reservation)
        : this(original._limiters, original._key)
    {
        _reservedWith = limiter;
        _reservation = reservation;
    }

    /// <summary>Pays for as many requests as are reserved; null when they are not available now.</summary>
    public Payer? TryReserve(RequestCost cost, WorkClass workClass, out TimeSpan wait)
    {
        var limiter = _limiters.Rent(_key);
        if (limiter.TryReserve(cost, workClass, out wait) is { } reservation) return new(this, limiter, reservation);
        _limiters.GiveBack(limiter);
        return null;
    }

    /// <summary>What the limit makes of a connection's work.</summary>
    public Outlook Foresee(string connection, Workload work)
    {
        var limiter = _limiters.Rent(_key);
        try
        {
            return limiter.Foresee(connection, work);
        }
        finally
        {
            _limiters.GiveBack(limiter);
        }
    }

    /// <summary>Waits for a place among the requests in flight.</summary>
    public async ValueTask<Place> EnterAsync(CancellationToken cancellationToken)
    {
        var limiter = _limiters.Rent(_key);
        try
        {
            await limiter.EnterAsync(cancellationToken);
            return new(this, limiter);
        }
        catch
        {
            _limiters.GiveBack(limiter);
            throw;
        }
    }

    /// <summary>Gives back what was reserved and not sent.</summary>
    public void Dispose()
    {
        if (_reservedWith is null || Interlocked.Exchange(ref _isDisposed, true)) return;
        _reservation?.Dispose();
        _limiters.GiveBack(_reservedWith);
    }

    /// <summary>A place among the requests in flight, for one request and its repetitions one after the other.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal readonly struct Place(Payer payer, AccountLimiter limiter) : IDisposable
    {
        /// <summary>Charges one request that is about to be sent.</summary>
        /// <exception cref="FaultException">It must not be sent (<c>RateLimited</c>).</exception>
        public Attempt Start(RequestGroup group)
        {
            try
            {
                return limiter.Start(group, payer._reservation);
            }
            catch (FaultException)
            {
                payer._limiters.PutOff(payer._key, limiter.NameOf(group));
                throw;
            }
        }

        public void Dispose()
        {
            limiter.Leave();
            payer._limiters.GiveBack(limiter);
        }
    }
}
