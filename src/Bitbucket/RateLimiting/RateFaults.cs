using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>The faults of requests that a limit keeps from being sent, or answered.</summary>
internal static class RateFaults
{
    /// <summary>For people with a credential of Bitbucket Cloud.</summary>
    public const string PausedOnCloud =
        "Bitbucket limits the rate of this credential's requests (429). The operator stays away for a while; "
        + "if this happens often, give connections credentials of their own, or make spec.webhookInterval longer.";

    /// <summary>For people with a server.</summary>
    public const string PausedOnDataCenter =
        "Bitbucket limits the rate of requests (429). The operator comes back later; an administrator can exempt its account.";

    /// <summary>The server answers 429, or did so a moment ago.</summary>
    public static Fault Paused(string message, TimeSpan wait) => Fault.Waiting(Reasons.RateLimited, message, wait);

    /// <summary>No request is left for now.</summary>
    public static Fault UsedUp(RatePolicy policy, TimeSpan wait)
    {
        var message = policy.PerHour is { } perHour
            ? $"The operator sends at most {perHour} requests an hour with one credential (--rate-limit-share), and these are used up. "
                + "Give connections credentials of their own, or make spec.interval and spec.webhookInterval longer."
            : "The server limits the rate of requests, and those that the operator may send now are used up. "
                + "It continues by itself; an administrator can exempt its account.";
        return Fault.Waiting(Reasons.RateLimited, message, wait > policy.ShortestWait ? wait : policy.ShortestWait);
    }
}
