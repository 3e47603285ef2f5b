using System.Reflection;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>How the process talks to Bitbucket servers; one for all connections.</summary>
public sealed record BitbucketOptions
{
    /// <summary>Requests in flight to one host at most, for each account and each way to the host (proxy, TLS settings). Default 8.</summary>
    public int MaxRequestsPerHost { get; init; } = 8;

    /// <summary>Time for name, TCP and TLS. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for one try, its whole body included. Default 30 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time for one request with all its tries; waiting for a free place at the host is not counted. Default 60 s.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Tries after the first, for requests that may be repeated. Default 2.</summary>
    public int MaxRetries { get; init; } = 2;

    /// <summary>Pause before the first retry; grows, with jitter. Default 200 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>An answer whose Retry-After asks for no more than this is waited for on the spot, unless it is a 429. Default 1 s.</summary>
    public TimeSpan ShortRetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest Retry-After that is waited for. Default 10 min.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The largest body that is read, after decompression. Default 8 MiB.</summary>
    public int MaxResponseBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>The most pages of one listing that are read. Default 10,000.</summary>
    public int MaxPages { get; init; } = 10_000;

    /// <summary>The most pages of webhooks of one repository, project or workspace that are read. Default 200.</summary>
    public int MaxWebhookPages { get; init; } = 200;

    /// <summary>The most repositories that are taken in for one connection. Default 50,000.</summary>
    public int MaxRepositories { get; init; } = 50_000;

    /// <summary>Root of Bitbucket Cloud's REST API. Default <c>https://api.bitbucket.org/2.0</c>.</summary>
    public Uri CloudApiUrl { get; init; } = new("https://api.bitbucket.org/2.0");

    /// <summary>
    /// Where Bitbucket Cloud exchanges OAuth client credentials for tokens.
    /// Default <c>https://bitbucket.org/site/oauth2/access_token</c>.
    /// </summary>
    public Uri CloudTokenUrl { get; init; } = new("https://bitbucket.org/site/oauth2/access_token");

    /// <summary>
    /// The share of a server's rate limit that is used, in percent: of Bitbucket Cloud's documented one, and of what is learned
    /// from a Data Center server that answers 429. Default 80.
    /// </summary>
    public int LimitShare { get; init; } = 80;

    /// <summary>
    /// The requests that Bitbucket Cloud allows in any hour with one credential, counted apart for repositories and for
    /// webhooks. Default 1,000, as Atlassian documents.
    /// </summary>
    public int CloudLimitPerHour { get; init; } = 1000;

    /// <summary>
    /// Globs of the hosts that connections and their proxies may name. Default none: every host is allowed. A host
    /// listed without a wildcard may also have an address that is refused otherwise, such as loopback.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Refuse private addresses too, unless listed in <see cref="AllowedHosts"/> without a wildcard. Default false.</summary>
    public bool DenyPrivate { get; init; }

    /// <summary>The version in the User-Agent header. Default: this assembly's.</summary>
    public string ProductVersion { get; init; } =
        typeof(BitbucketOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
