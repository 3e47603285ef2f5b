namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>A limiter at one moment.</summary>
/// <param name="Host">The server, with its port where that is not the usual one.</param>
/// <param name="Account">What is counted, such as <c>user</c> or <c>token</c>; never a name.</param>
/// <param name="Group">The requests that are counted together: <c>webhooks</c>, <c>repositories</c>, or <c>all</c>.</param>
/// <param name="Tokens">Requests that may be sent now, negative when some are owed; null for as many as there are.</param>
/// <param name="PerSecond">Requests per second that are sent; null for as fast as they come.</param>
/// <param name="Wait">How long nothing is sent, for a pause or for want of tokens.</param>
/// <param name="Paused">How long nothing is sent after a 429.</param>
public sealed record RateLimiterState(
    string Host, string Account, string Group, double? Tokens, double? PerSecond, TimeSpan Wait, TimeSpan Paused);

/// <summary>The part of it that a group knows.</summary>
internal sealed record GroupState(string Group, double? Tokens, double? PerSecond, TimeSpan Wait, TimeSpan Paused);
