namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>What a reservation still holds of one group.</summary>
/// <param name="Episode">The pause that was the last when it was reserved: what came before a pause is not given back after it.</param>
/// <param name="IsDiscovery">True when it counts as discovery.</param>
/// <param name="IsCharged">False where nothing was limited.</param>
internal sealed record Holding(int Episode, bool IsDiscovery, bool IsCharged)
{
    /// <summary>Requests that were reserved and not sent.</summary>
    public int Left { get; set; }
}
