namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>Requests that Bitbucket Cloud counts apart from each other. Data Center counts them together.</summary>
internal enum RequestGroup
{
    /// <summary>Requests for webhooks.</summary>
    Webhooks,

    /// <summary>All others.</summary>
    Repositories,
}
