using System.Security.Cryptography;
using System.Text;

namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>Which requests share a limiter: those by the same route that the server counts for the same account.</summary>
/// <param name="Route">Proxy and TLS settings, such as the name of an HTTP client.</param>
/// <param name="Server">Scheme, host and port.</param>
/// <param name="Account">By what the server counts, its kind first: <c>user</c>, <c>token</c> or <c>consumer</c>, then a name or a hash.</param>
/// <param name="Policy">How the server limits.</param>
internal sealed record LimiterKey(string Route, Uri Server, string Account, RatePolicy Policy)
{
    /// <summary>The key for requests to where an address leads.</summary>
    public static LimiterKey Of(string route, Uri address, string account, RatePolicy policy) =>
        new(route, new Uri(address.GetLeftPart(UriPartial.Authority)), account, policy);

    /// <summary>The server, as metrics name it.</summary>
    public string Host => Server.Authority;

    /// <summary>The kind of account, as people may see it.</summary>
    public string Kind => Account.Split(' ')[0];

    /// <summary>
    /// The id of a group's record: the same after a restart with the same key, and without the key nobody finds the name that is
    /// in it. The route is left out, since the server does not see it.
    /// </summary>
    public string IdOf(string group, byte[] idKey) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(idKey, Encoding.UTF8.GetBytes($"{Server}\n{Account}\n{group}")).AsSpan(0, 16));
}
