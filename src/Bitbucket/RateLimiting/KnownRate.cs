namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>
/// The rate below a documented limit. A 429 means that others use the account too: back off to 70 percent, at least a quarter,
/// and come back within 30 minutes.
/// </summary>
/// <param name="perHour">Requests per hour that may be planned.</param>
internal sealed class KnownRate(int perHour) : SendRate
{
    private const double ClimbSeconds = 30 * 60;
    private const double BurstSeconds = 15 * 60;

    private double _perSecond = perHour / 3600.0;

    public override double? PerSecond => _perSecond;

    public override double Capacity => Math.Max(1, _perSecond * BurstSeconds);

    public override double Highest => perHour / 3600.0;

    private double Lowest => Highest / 4;

    public override void Throttled(TimeSpan now) => _perSecond = Math.Max(Lowest, 0.7 * _perSecond);

    public override void Climb(TimeSpan now, double seconds) =>
        _perSecond = Math.Min(Highest, _perSecond + (Highest / ClimbSeconds * seconds));

    public override void Restore(double perSecond) => _perSecond = Math.Clamp(perSecond, Lowest, Highest);
}
