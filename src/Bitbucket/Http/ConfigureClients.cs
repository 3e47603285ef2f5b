using System.Net;
using System.Net.Security;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>Gives each profile its own message handlers when the factory first makes its client.</summary>
/// <param name="profiles">The profiles.</param>
/// <param name="policy">Where connections may lead.</param>
/// <param name="options">Time-outs.</param>
/// <param name="environmentProxy">The proxy for profiles that name none.</param>
internal sealed class ConfigureClients(ClientProfiles profiles, AddressPolicy policy, BitbucketOptions options, IWebProxy environmentProxy)
    : IConfigureNamedOptions<HttpClientFactoryOptions>
{
    private readonly CheckedConnector _tcp = new(policy, options.ConnectTimeout);

    public void Configure(HttpClientFactoryOptions settings)
    {
    }

    public void Configure(string? name, HttpClientFactoryOptions settings)
    {
        if (name is null || !name.StartsWith(ClientProfiles.Prefix, StringComparison.Ordinal)) return;
        settings.SuppressHandlerScope = true;
        settings.HandlerLifetime = TimeSpan.FromMinutes(10);
        settings.HttpClientActions.Add(client => client.Timeout = Timeout.InfiniteTimeSpan);
        settings.HttpMessageHandlerBuilderActions.Add(builder =>
        {
            var profile = profiles[name];
            var route = new Route(profile.Proxy, environmentProxy);
            builder.PrimaryHandler = Handler(route, new(profile));
            builder.AdditionalHandlers.Add(new RouteHandler(route, policy));
        });
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
