using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Core.Api.V1Alpha1;

/// <summary>
/// What a BitbucketConnection knows about the repositories of one project. Written by the operator alone, for people and tools to
/// read: whatever is edited here comes back, and nothing is done in Bitbucket for its sake.
/// </summary>
/// <remarks>Without a status subresource: nobody but the operator writes it, and one write makes it whole.</remarks>
[KubernetesEntity(Group = Group, ApiVersion = Version, Kind = KindName, PluralName = Plural)]
[ResourceNames(Plural, "bbi", "bitbucket")]
[AdditionalPrinterColumn("Connection", ".spec.connection")]
[AdditionalPrinterColumn("Project", ".spec.project")]
[AdditionalPrinterColumn("Repos", ".status.summary.repositories", "integer")]
[AdditionalPrinterColumn("Selected", ".status.summary.selected", "integer")]
[AdditionalPrinterColumn("Webhooks", ".status.summary.webhooks")]
[AdditionalPrinterColumn("Reason", ".status.summary.reason")]
[AdditionalPrinterColumn("Age", ".metadata.creationTimestamp", "date")]
public sealed class BitbucketInventory : IKubernetesObject<V1ObjectMeta>, ISpec<BitbucketInventorySpec>
{
    /// <summary>API group.</summary>
    public const string Group = ApiGroup.Name;

    /// <summary>API version.</summary>
    public const string Version = "v1alpha1";

    /// <summary>Kind.</summary>
    public const string KindName = "BitbucketInventory";

    /// <summary>Plural, as in the API path.</summary>
    public const string Plural = "bitbucketinventories";

    /// <summary>Label: the name of the connection; shortened with a hash where it has more than 63 characters.</summary>
    public const string ConnectionLabel = Group + "/connection";

    /// <inheritdoc/>
    public string ApiVersion { get; set; } = $"{Group}/{Version}";

    /// <inheritdoc/>
    public string Kind { get; set; } = KindName;

    /// <inheritdoc/>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What it is about.</summary>
    [Required]
    public BitbucketInventorySpec Spec { get; set; } = new();

    /// <summary>What is known. Written by the operator alone.</summary>
    public BitbucketInventoryStatus? Status { get; set; }
}

/// <summary>What an inventory is about.</summary>
public sealed class BitbucketInventorySpec
{
    /// <summary>Name of the BitbucketConnection, in the same namespace.</summary>
    [Required]
    [Length(1, 253)]
    public string Connection { get; set; } = "";

    /// <summary>Key of the project. Absent: personal repositories of several users.</summary>
    [Length(1, 255)]
    public string? Project { get; set; }
}

/// <summary>What is known of the repositories of a project. Holds no times.</summary>
public sealed class BitbucketInventoryStatus
{
    /// <summary>Hash of what spec.webhooks desires: what is said of webhooks was found for that.</summary>
    public string? Desired { get; set; }

    /// <summary>Counts for kubectl get.</summary>
    public InventorySummary? Summary { get; set; }

    /// <summary>Where the webhook of each entry of spec.webhooks is kept. Absent: no repository is selected.</summary>
    [ListType("webhook")]
    public List<InventoryLevel>? Levels { get; set; }

    /// <summary>The repositories, sorted by id: at most 200; a project with more has several inventories.</summary>
    [ListType("id")]
    public List<InventoryRepository>? Repositories { get; set; }

    /// <summary>For the operator alone, to spare requests after a restart. Absent: nothing is known. Losing it costs requests.</summary>
    public InventoryHint? Hint { get; set; }
}

/// <summary>What the operator found when it looked last. It looks again within spec.webhookInterval whatever this says.</summary>
public sealed class InventoryHint
{
    /// <summary>The form of this block: one that a version of the operator does not know is ignored, and written again.</summary>
    public int Form { get; set; }

    /// <summary>Hash of the server's address: ids of another server say nothing.</summary>
    public string Server { get; set; } = "";

    /// <summary>Which repositories, projects and workspaces were as desired.</summary>
    public List<InventoryVerified>? Verified { get; set; }
}

/// <summary>Repositories, projects and workspaces that were as desired.</summary>
public sealed class InventoryVerified
{
    /// <summary>Hash of what was desired there; none: that no webhook of the connection is there.</summary>
    public string Desired { get; set; } = "";

    /// <summary>True: the credential could not see the webhooks when they were looked at last. Absent: it could.</summary>
    public bool? Hidden { get; set; }

    /// <summary>Ids: of repositories, or project:KEY and workspace:SLUG.</summary>
    public List<string> Scopes { get; set; } = [];
}

/// <summary>Counts over the repositories of an inventory.</summary>
public sealed class InventorySummary
{
    /// <summary>How many are listed.</summary>
    public int Repositories { get; set; }

    /// <summary>How many the rules select.</summary>
    public int Selected { get; set; }

    /// <summary>covered/selected: how many selected ones have every webhook, their own or inherited. Absent: none is desired.</summary>
    public string? Webhooks { get; set; }

    /// <summary>Why webhooks fail, on the most repositories. Absent: none fails.</summary>
    public string? Reason { get; set; }
}

/// <summary>Where the webhook of an entry is kept.</summary>
public sealed class InventoryLevel
{
    /// <summary>Name of the entry in spec.webhooks.</summary>
    [Required]
    public string Webhook { get; set; } = "";

    /// <summary>Repository, Project or Workspace.</summary>
    public string Level { get; set; } = "";
}

/// <summary>A repository.</summary>
public sealed class InventoryRepository
{
    /// <summary>Bitbucket's id, stable over renames.</summary>
    [Required]
    public string Id { get; set; } = "";

    /// <summary>Key of the project, where the inventory has none.</summary>
    public string? Project { get; set; }

    /// <summary>The slug.</summary>
    public string Slug { get; set; } = "";

    /// <summary>The name for people. Absent: the server tells none.</summary>
    public string? Name { get; set; }

    /// <summary>Where to clone it from. Absent: the server tells nothing.</summary>
    public InventoryClone? Clone { get; set; }

    /// <summary>True: read-only for everybody. Absent: not.</summary>
    public bool? Archived { get; set; }

    /// <summary>Whether spec.discovery selects it.</summary>
    public bool Selected { get; set; }

    /// <summary>The rule that leaves it out: Archived, Forks, Personal, NotIncluded or Excluded. Absent: selected.</summary>
    public string? SkippedBy { get; set; }

    /// <summary>
    /// Ready: it has every webhook, its own or inherited. Failed: reason says why not. Waiting: not synced yet. Absent: none is
    /// desired.
    /// </summary>
    public string? Webhooks { get; set; }

    /// <summary>Why webhooks fail, in one word; docs/troubleshooting.md explains each.</summary>
    public string? Reason { get; set; }
}

/// <summary>Where a repository is cloned from, as the server tells.</summary>
public sealed class InventoryClone
{
    /// <summary>Over HTTPS, or HTTP where the server has no other; with no login in it. Absent: switched off.</summary>
    public string? Https { get; set; }

    /// <summary>Over SSH. Absent: switched off.</summary>
    public string? Ssh { get; set; }
}

/// <summary>A page of inventories.</summary>
public sealed class BitbucketInventoryList
{
    /// <summary>Where the list goes on.</summary>
    public V1ListMeta? Metadata { get; set; }

    /// <summary>The inventories.</summary>
    public List<BitbucketInventory> Items { get; set; } = [];

    /// <summary>Whether there are more.</summary>
    [JsonIgnore]
    public string? Continue => Metadata?.ContinueProperty is { Length: > 0 } next ? next : null;
}
