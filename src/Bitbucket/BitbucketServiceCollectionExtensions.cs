using System.Net;
using BitbucketOperator.Bitbucket.Cloud;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace BitbucketOperator.Bitbucket;

/// <summary>Registers the clients of this project.</summary>
public static class BitbucketServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IBitbucketConnector"/>. Takes a registered <see cref="TimeProvider"/>, else the system's clock, and a
    /// registered <see cref="IWebProxy"/>, else none, for connections that name no proxy.
    /// </summary>
    public static IServiceCollection AddBitbucket(this IServiceCollection services, BitbucketOptions? options = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddLogging();
        services.TryAddSingleton<IWebProxy>(_ => new WebProxy());
        services.AddSingleton(options ?? new BitbucketOptions());
        services.AddSingleton(provider => new HostRules(provider.GetRequiredService<BitbucketOptions>().AllowedHosts));
        services.AddSingleton(provider => new AddressPolicy(
            provider.GetRequiredService<HostRules>(), provider.GetRequiredService<BitbucketOptions>().DenyPrivate));
        services.AddSingleton<HostPrivacy>();
        services.AddSingleton<HttpClients>();
        services.AddSingleton<BitbucketMetrics>();
        services.AddSingleton<HttpCaller>();
        services.AddSingleton<OAuthTokens>();
        services.AddSingleton(Limiters);
        services.AddSingleton<CloudConnector>();
        services.AddSingleton<IBitbucketConnector, BitbucketConnector>();
        return services;
    }

    private static RateLimiters Limiters(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<BitbucketOptions>();
        var metrics = provider.GetRequiredService<BitbucketMetrics>();
        var time = provider.GetRequiredService<TimeProvider>();
        var limiters = new RateLimiters(options.MaxRequestsPerHost, time, metrics.Refused);
        metrics.Observe(limiters);
        return limiters;
    }
}
