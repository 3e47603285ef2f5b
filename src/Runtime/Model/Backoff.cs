namespace BitbucketOperator.Runtime.Model;

/// <summary>Exponential delays with jitter: attempt n waits between half and all of base x 2^(n-1), at most the cap.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan cap, Func<double>? random = null)
{
    private readonly Func<double> _random = random ?? Random.Shared.NextDouble;

    /// <summary>The delay after so many failures in a row; there is no last attempt.</summary>
    public TimeSpan Delay(int failures)
    {
        // 2^40 times any base is beyond any cap: the shift must not overflow after a month of failures.
        var factor = Math.Pow(2, Math.Clamp(failures - 1, 0, 40));
        var full = Math.Min(first.TotalMilliseconds * factor, cap.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (0.5 + (0.5 * _random())));
    }
}
