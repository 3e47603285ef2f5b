using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>Puts clients for Bitbucket Cloud together. What they share lives here: tokens of OAuth consumers, and rate limiters.</summary>
internal sealed class CloudConnector(
    HttpCaller caller, OAuthTokens tokens, RateLimiters limiters, BitbucketOptions options)
{
    private readonly RatePolicy _policy = RatePolicy.Cloud(options.CloudLimitPerHour, options.LimitShare / 100.0);

    /// <param name="target">Names the workspace.</param>
    /// <param name="client">The HTTP client to use.</param>
    /// <param name="text">What text of the server passes.</param>
    public IBitbucket Connect(ConnectionTarget target, SharedClient client, ServerText text)
    {
        var workspace = target.Workspace ?? throw new ArgumentException("Bitbucket Cloud is one workspace at a time.", nameof(target));
        var login = new Login(target, tokens, client);
        var payer = new Payer(limiters, LimiterKey.Of(client.Name, options.CloudApiUrl, login.Identity, _policy));
        var session = new ApiSession(client, caller, new ApiUrls(options.CloudApiUrl, workspace), login, text, payer);
        return new CloudBitbucket(session, workspace, options);
    }
}
