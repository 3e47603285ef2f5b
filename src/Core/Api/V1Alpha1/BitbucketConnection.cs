using k8s;
using k8s.Models;

namespace BitbucketOperator.Core.Api.V1Alpha1;

/// <summary>
/// A Bitbucket server, how to log in to it, which of its repositories matter and which webhooks they must have. The
/// operator proves the credential, says what it may do, keeps the webhooks right, and writes what it found to status.
/// </summary>
[KubernetesEntity(Group = Group, ApiVersion = Version, Kind = KindName, PluralName = Plural)]
[ResourceNames(Plural, "bbc", "bitbucket")]
[AdditionalPrinterColumn("Ready", ".status.conditions[?(@.type==\"Ready\")].status")]
[AdditionalPrinterColumn("Reason", ".status.conditions[?(@.type==\"Ready\")].reason")]
[AdditionalPrinterColumn("Repos", ".status.repositories.selected", "integer")]
[AdditionalPrinterColumn("Webhooks", ".status.webhooks.summary")]
[AdditionalPrinterColumn("Age", ".metadata.creationTimestamp", "date")]
[AdditionalPrinterColumn("URL", ".spec.url", Priority = 1)]
[AdditionalPrinterColumn("Auth", ".spec.auth.type", Priority = 1)]
[AdditionalPrinterColumn("Version", ".status.server.version", Priority = 1)]
[AdditionalPrinterColumn("Message", ".status.conditions[?(@.type==\"Ready\")].message", Priority = 1)]
public sealed class BitbucketConnection
    : IKubernetesObject<V1ObjectMeta>, ISpec<BitbucketConnectionSpec>, IStatus<BitbucketConnectionStatus?>
{
    /// <summary>API group.</summary>
    public const string Group = ApiGroup.Name;

    /// <summary>API version.</summary>
    public const string Version = "v1alpha1";

    /// <summary>Kind.</summary>
    public const string KindName = "BitbucketConnection";

    /// <summary>Plural, as in the API path.</summary>
    public const string Plural = "bitbucketconnections";

    /// <summary>Keeps a deleted resource until its webhooks are removed.</summary>
    public const string Finalizer = Group + "/webhooks";

    /// <inheritdoc/>
    public string ApiVersion { get; set; } = $"{Group}/{Version}";

    /// <inheritdoc/>
    public string Kind { get; set; } = KindName;

    /// <inheritdoc/>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [Required]
    public BitbucketConnectionSpec Spec { get; set; } = new();

    /// <summary>What was found. Written by the operator alone.</summary>
    public BitbucketConnectionStatus? Status { get; set; }
}
