using BitbucketOperator.Bitbucket.Cloud;
using BitbucketOperator.Bitbucket.DataCenter;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket;

/// <summary>Chooses the client for a target's flavour.</summary>
internal sealed class BitbucketConnector(
    IHttpClientFactory clients,
    ClientProfiles profiles,
    HttpCaller caller,
    CloudConnector cloud,
    RateLimiters limiters,
    HostRules hosts,
    BitbucketOptions options) : IBitbucketConnector
{
    private readonly RatePolicy _dataCenter = RatePolicy.DataCenter(options.LimitShare / 100.0);

    public IBitbucket Connect(ConnectionTarget target, Credential? other = null)
    {
        if (Refusal(target) is { } refusal) throw new FaultException(refusal);
        var name = profiles.NameOf(target);
        var text = ServerText.Of(target, other);
        return target.Flavour == Flavour.Cloud ? cloud.Connect(target, name, text) : ConnectDataCenter(target, name, text);
    }

    private DataCenterBitbucket ConnectDataCenter(ConnectionTarget target, string client, ServerText text)
    {
        var payer = new Payer(limiters, LimiterKey.Of(client, target.Url, RestSession.IdentityOf(target.Credential), _dataCenter));
        return new DataCenterBitbucket(new RestSession(clients.CreateClient(client), caller, target, text, payer), options);
    }

    private Fault? Refusal(ConnectionTarget target) =>
        hosts.Refusal("spec.url", target.Url) ?? (target.Proxy is { } proxy ? hosts.Refusal("spec.proxy.url", proxy.Url) : null);
}
