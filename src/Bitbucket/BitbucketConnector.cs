using BitbucketOperator.Bitbucket.DataCenter;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Bitbucket;

/// <summary>Chooses the client for a target's flavour.</summary>
internal sealed class BitbucketConnector(
    IHttpClientFactory clients, ClientProfiles profiles, HttpCaller caller, HostRules hosts, BitbucketOptions options) : IBitbucketConnector
{
    public IBitbucket Connect(ConnectionTarget target)
    {
        if (target.Hosting != Hosting.DataCenter)
            throw new FaultException(Fault.Terminal(Reasons.NotSupported, "spec.hosting: Bitbucket Cloud is not supported by this version."));
        if (Refusal(target) is { } refusal) throw new FaultException(refusal);
        var client = clients.CreateClient(profiles.NameOf(target));
        return new DataCenterBitbucket(new RestSession(client, caller, target), options);
    }

    private Fault? Refusal(ConnectionTarget target) =>
        hosts.Refusal("spec.url", target.Url) ?? (target.Proxy is { } proxy ? hosts.Refusal("spec.proxy.url", proxy.Url) : null);
}
