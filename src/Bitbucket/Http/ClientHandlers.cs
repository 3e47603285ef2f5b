using System.Net;
using System.Net.Security;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>Makes a handler that every request goes through first. Register one to watch requests.</summary>
public delegate DelegatingHandler RequestHandlerFactory();

/// <summary>Makes the message handlers of a profile.</summary>
/// <param name="policy">Where connections may lead.</param>
/// <param name="options">Time-outs.</param>
/// <param name="environmentProxy">The proxy for profiles that name none.</param>
/// <param name="first">What requests go through first; null for nothing.</param>
internal sealed class ClientHandlers(AddressPolicy policy, BitbucketOptions options, IWebProxy environmentProxy, RequestHandlerFactory? first)
{
    private readonly CheckedConnector _tcp = new(policy, options.ConnectTimeout);

    public HttpMessageHandler Create(ClientProfile profile)
    {
        var route = new Route(profile.Proxy, environmentProxy);
        var handler = new RouteHandler(route, policy) { InnerHandler = Handler(route, new(profile)) };
        if (first?.Invoke() is not { } outer) return handler;
        outer.InnerHandler = handler;
        return outer;
    }

    private SocketsHttpHandler Handler(Route route, CertificateCheck certificates) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
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
            CertificateChainPolicy = CertificateCheck.OfHandshake,
        },
    };
}
