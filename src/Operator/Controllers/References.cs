using System.Net;
using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Controllers;

/// <summary>Where the Secrets and ConfigMaps come from that a connection refers to: a cluster, or something that stands for one.</summary>
internal interface IReferenceSource
{
    /// <summary>The Secret; without data when it does not exist.</summary>
    Task<ReferencedData> SecretAsync(string @namespace, string name, CancellationToken cancellationToken);

    /// <summary>The ConfigMap; without data when it does not exist.</summary>
    Task<ReferencedData> ConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken);

    /// <summary>The Secret as it is; made with a new value when it does not exist.</summary>
    /// <exception cref="FaultException">It does not exist and may not be made.</exception>
    Task<ReferencedData> FindOrMakeSecretAsync(GeneratedSecret desired, CancellationToken cancellationToken);
}

/// <summary>Reads Secrets and ConfigMaps of the cluster on demand; none is kept.</summary>
internal sealed class ClusterReferences(KubernetesApi api) : IReferenceSource
{
    public async Task<ReferencedData> SecretAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        var secret = await api.FindAsync(
            ResourcePath.Object("", "v1", @namespace, "secrets", name), KindsJson.Default.V1Secret, cancellationToken);
        var data = secret is null ? null : secret.Data ?? new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var labels = secret?.Metadata?.Labels ?? new Dictionary<string, string>(StringComparer.Ordinal);
        return new ReferencedData("Secret", @namespace, name, data?.AsReadOnly()) { Type = secret?.Type, Labels = labels.AsReadOnly() };
    }

    public async Task<ReferencedData> FindOrMakeSecretAsync(GeneratedSecret desired, CancellationToken cancellationToken)
    {
        var found = await SecretAsync(desired.Namespace, desired.Name, cancellationToken);
        if (found.Data is not null)
        {
            return found;
        }

        try
        {
            await api.CreateAsync(
                ResourcePath.Collection("", "v1", desired.Namespace, "secrets"),
                SecretMaker.Make(desired),
                KindsJson.Default.V1Secret,
                cancellationToken);
        }
        catch (KubernetesApiException e) when (e.StatusCode == HttpStatusCode.Forbidden)
        {
            var field = $"{Fields.Webhook(desired.Webhook)}.generateSecret";
            var words = Sentences.SecretNotMade(field, desired.Name, e.Message, GeneratedSecret.Key);
            throw new FaultException(Fault.Waiting(Reasons.WebhookSecretNotFound, words, field: field), e);
        }
        catch (KubernetesApiException e) when (e.StatusCode == HttpStatusCode.Conflict)
        {
            // Somebody was faster; what they wrote counts.
        }

        return await SecretAsync(desired.Namespace, desired.Name, cancellationToken);
    }

    public async Task<ReferencedData> ConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        var map = await api.FindAsync(
            ResourcePath.Object("", "v1", @namespace, "configmaps", name), KindsJson.Default.V1ConfigMap, cancellationToken);
        var data = map is null
            ? null
            : (map.Data ?? new Dictionary<string, string>(StringComparer.Ordinal)).ToDictionary(
                e => e.Key, e => Encoding.UTF8.GetBytes(e.Value), StringComparer.Ordinal);
        return new ReferencedData("ConfigMap", @namespace, name, data);
    }
}
