using System.Net;
using System.Net.Security;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>Gives each trust profile its own message handler when the factory first makes its client.</summary>
internal sealed class ConfigureTrustedClients(TrustProfiles profiles, BitbucketOptions options) : IConfigureNamedOptions<HttpClientFactoryOptions>
{
    public void Configure(HttpClientFactoryOptions settings)
    {
    }

    public void Configure(string? name, HttpClientFactoryOptions settings)
    {
        if (name is null || !name.StartsWith(TrustProfiles.Prefix, StringComparison.Ordinal)) return;
        settings.SuppressHandlerScope = true;
        settings.HandlerLifetime = TimeSpan.FromMinutes(10);
        settings.HttpClientActions.Add(client => client.Timeout = Timeout.InfiniteTimeSpan);
        settings.HttpMessageHandlerBuilderActions.Add(builder => builder.PrimaryHandler = Handler(profiles[name]));
    }

    private SocketsHttpHandler Handler(TrustProfile profile) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.GZip,
        ConnectTimeout = options.ConnectTimeout,
        MaxResponseHeadersLength = 64,
        MaxResponseDrainSize = 64 * 1024,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        ActivityHeadersPropagator = null,
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = new CertificateCheck(profile).Accept,
        },
    };
}
