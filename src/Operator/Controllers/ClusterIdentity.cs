using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Controllers;

/// <summary>
/// Tells this cluster from others that manage webhooks on the same server: the name that the operator was started with,
/// else the UID of the namespace kube-system, which lives as long as the cluster.
/// </summary>
/// <param name="api">Where to read the UID; not needed with a name.</param>
/// <param name="name">The name; null for the UID.</param>
internal sealed class ClusterIdentity(KubernetesApi? api, string? name)
{
    private string? _name = name;

    public async Task<string> NameAsync(CancellationToken cancellationToken) => _name ??= await ReadAsync(api!, cancellationToken);

    public async Task<WebhookOwner> OwnerOfAsync(Connection connection, CancellationToken cancellationToken) =>
        WebhookOwner.Of(await NameAsync(cancellationToken), connection);

    /// <summary>
    /// A key for hashes, the same after a restart. No secret: it keeps names from showing, not from somebody who knows the cluster.
    /// </summary>
    public async Task<byte[]> KeyAsync(string use, CancellationToken cancellationToken) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{use}\n{await NameAsync(cancellationToken)}"));

    private static async Task<string> ReadAsync(KubernetesApi api, CancellationToken cancellationToken)
    {
        var found = await api.FindAsync(
            ResourcePath.Object("", "v1", ns: null, "namespaces", "kube-system"), KindsJson.Default.V1Namespace, cancellationToken);
        return found?.Metadata.Uid ?? throw new InvalidOperationException(Sentences.NoClusterIdentity);
    }
}
