using BitbucketOperator.Bitbucket.Cloud;
using BitbucketOperator.Bitbucket.DataCenter;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket;

/// <summary>Chooses the client for a target's flavour.</summary>
internal sealed class BitbucketConnector(
    IHttpClientFactory clients,
    ClientProfiles profiles,
    HttpCaller caller,
    CloudConnector cloud,
    HostRules hosts,
    BitbucketOptions options) : IBitbucketConnector
{
    public IBitbucket Connect(ConnectionTarget target)
    {
        if (Refusal(target) is { } refusal) throw new FaultException(refusal);
        var name = profiles.NameOf(target);
        return target.Flavour == Flavour.Cloud
            ? cloud.Connect(target, name)
            : new DataCenterBitbucket(new RestSession(clients.CreateClient(name), caller, target), options);
    }

    private Fault? Refusal(ConnectionTarget target) =>
        hosts.Refusal("spec.url", target.Url) ?? (target.Proxy is { } proxy ? hosts.Refusal("spec.proxy.url", proxy.Url) : null);
}
