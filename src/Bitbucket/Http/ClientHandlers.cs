using System.Net;
using System.Net.Security;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>Makes the message handlers of a profile.</summary>
/// <param name="policy">Where connections may lead.</param>
/// <param name="options">Time-outs.</param>
/// <param name="environmentProxy">The proxy for profiles that name none.</param>
internal sealed class ClientHandlers(AddressPolicy policy, BitbucketOptions options, IWebProxy environmentProxy)
{
    private readonly CheckedConnector _tcp = new(policy, options.ConnectTimeout);

    public HttpMessageHandler Create(ClientProfile profile)
    {
        var route = new Route(profile.Proxy, environmentProxy);
        return new RouteHandler(route, policy) { InnerHandler = Handler(route, new(profile)) };
    }

    private SocketsHttpHandler Handler(Route route, CertificateCheck certificates) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.GZip,
        ConnectTimeout = options.ConnectTimeout,
        ConnectCallback = new RouteConnector(_tcp, route, certificates).ConnectAsync,
        Proxy = route,
        MaxResponseHeadersLength = 64,
        MaxResponseDrainSize = 64 * 1024,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        ActivityHeadersPropagator = null,
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = certificates.Accept,
        },
    };
}
