using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;
using BitbucketOperator.Runtime;
using k8s;

namespace BitbucketOperator.Controllers;

/// <summary>
/// Tells this cluster from others that manage webhooks on the same server: the name that the operator was started with,
/// else the UID of the namespace kube-system, which lives as long as the cluster.
/// </summary>
internal sealed class ClusterIdentity(KubernetesApi api, string? name)
{
    private string? _name = name;

    public async Task<WebhookOwner> OwnerOfAsync(BitbucketConnection connection, CancellationToken cancellationToken)
    {
        _name ??= await ReadAsync(cancellationToken);
        return WebhookOwner.Of(_name, connection);
    }

    private async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        var found = await api.FindAsync(
            ResourcePath.Object("", "v1", ns: null, "namespaces", "kube-system"), SourceGenerationContext.Default.V1Namespace, cancellationToken);
        return found?.Metadata.Uid ?? throw new InvalidOperationException("The namespace kube-system does not exist: start the operator with --cluster-name");
    }
}
