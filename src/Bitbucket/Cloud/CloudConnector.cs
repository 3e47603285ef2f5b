using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>Puts clients for Bitbucket Cloud together. What they share lives here: tokens of OAuth consumers, and budgets.</summary>
internal sealed class CloudConnector(
    IHttpClientFactory clients, HttpCaller caller, OAuthTokens tokens, RequestBudgets budgets, BitbucketOptions options)
{
    /// <param name="target">Names the workspace.</param>
    /// <param name="client">The name of the HTTP client to use.</param>
    public IBitbucket Connect(ConnectionTarget target, string client)
    {
        var workspace = target.Workspace ?? throw new ArgumentException("Bitbucket Cloud is one workspace at a time.", nameof(target));
        var login = new Login(target, tokens, client);
        var session = new ApiSession(clients.CreateClient(client), caller, new ApiUrls(options.CloudApiUrl, workspace), login, budgets);
        return new CloudBitbucket(session, workspace, options);
    }
}
