using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>The faults of requests that a limit keeps from being sent, or answered.</summary>
internal static class RateFaults
{
    private const string Problem = "Rate limited by Bitbucket, resuming automatically";
    private const string CureOnCloud = "Give connections credentials of their own, or raise spec.webhookInterval";
    private const string CureOnDataCenter = "An administrator can exempt the account";

    /// <summary>For people with a credential of Bitbucket Cloud.</summary>
    public static Wording PausedOnCloud { get; } = (Problem, CureOnCloud);

    /// <summary>For people with a server.</summary>
    public static Wording PausedOnDataCenter { get; } = (Problem, CureOnDataCenter);

    /// <summary>The server answers 429, or did so a moment ago.</summary>
    public static Fault Paused(Wording words, TimeSpan wait) => Fault.Waiting(Reasons.RateLimited, words, wait);

    /// <summary>No request is left for now.</summary>
    public static Fault UsedUp(RatePolicy policy, TimeSpan wait)
    {
        Wording words = policy.PerHour is { } perHour
            ? ($"Limit of {perHour} requests per hour reached, resuming automatically", CureOnCloud)
            : (Problem, CureOnDataCenter);
        return Fault.Waiting(Reasons.RateLimited, words, wait > policy.ShortestWait ? wait : policy.ShortestWait);
    }
}
