using System.Net;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;
using k8s.Models;

namespace BitbucketOperator.Controllers;

/// <summary>
/// The ConfigMap with the state of the rate limiters, beside the Lease and named after it: releases that share a namespace do not share
/// it. Guarded by its resource version.
/// </summary>
[EntityRbac("", ["configmaps"], ["get", "create", "update"], Scope = RbacScope.OwnNamespace,
    Reason = "Keeps what is known of Bitbucket's rate limits over a restart, in one ConfigMap named after the Lease")]
internal sealed class RateLimitStore(KubernetesApi api, OperatorOptions options)
{
    private const string Key = "state.json";
    private const int Attempts = 3;
    private readonly string _namespace = options.LeaderElection.LeaseNamespace ?? options.OperatorNamespace;
    private readonly string _name = $"{options.LeaderElection.LeaseName}-rate-limits";
    private string? _version;

    /// <summary>Namespace and name.</summary>
    public string Place => $"{_namespace}/{_name}";

    private string Path => ResourcePath.Object("", "v1", _namespace, "configmaps", _name);

    /// <summary>What was stored; null when nothing was.</summary>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        var found = await api.FindAsync(Path, KindsJson.Default.V1ConfigMap, cancellationToken);
        _version = found?.Metadata.ResourceVersion;
        return found is null ? null : found.Data?.TryGetValue(Key, out var document) == true ? document : "";
    }

    /// <summary>Stores it in place of what was there. What somebody else wrote since it was read is replaced as well.</summary>
    public async Task WriteAsync(string document, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await PutAsync(document, cancellationToken);
                return;
            }
            catch (KubernetesApiException e) when (e.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound && attempt < Attempts)
            {
                // Edited or deleted by hand: only the leader gets here.
                await ReadAsync(cancellationToken);
            }
        }
    }

    private async Task PutAsync(string document, CancellationToken cancellationToken)
    {
        var map = new V1ConfigMap
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = new V1ObjectMeta
            {
                Name = _name,
                NamespaceProperty = _namespace,
                ResourceVersion = _version,
                Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["app.kubernetes.io/managed-by"] = options.Name },
            },
            Data = new Dictionary<string, string>(StringComparer.Ordinal) { [Key] = document },
        };
        var type = KindsJson.Default.V1ConfigMap;
        var stored = _version is null
            ? await api.CreateAsync(ResourcePath.Collection("", "v1", _namespace, "configmaps"), map, type, cancellationToken)
            : await api.ReplaceAsync(Path, map, type, cancellationToken);
        _version = stored.Metadata.ResourceVersion;
    }
}
