using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Kubeconfig;
using BitbucketOperator.Testing.Cluster;

namespace BitbucketOperator.Runtime.Tests;

internal static class ProxyClients
{
    public static ApiServerClient CreateClient(this FaultProxy proxy) => new(new ApiServerAccess { Server = proxy.Address });
}
