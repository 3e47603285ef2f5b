using BitbucketOperator.Bitbucket.Cloud;
using BitbucketOperator.Bitbucket.DataCenter;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Bitbucket;

/// <summary>Chooses the client for a target's flavour.</summary>
internal sealed class BitbucketConnector(
    IHttpClientFactory clients, TrustProfiles profiles, HttpCaller caller, CloudConnector cloud, BitbucketOptions options) : IBitbucketConnector
{
    public IBitbucket Connect(ConnectionTarget target)
    {
        var name = profiles.NameOf(target.CaBundle, target.InsecureSkipVerify);
        return target.Hosting == Hosting.Cloud
            ? cloud.Connect(target, name)
            : new DataCenterBitbucket(new RestSession(clients.CreateClient(name), caller, new ServerUrls(target.Url), target.Credential), options);
    }
}
