using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Golden.Tests.Simulation;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace BitbucketOperator.Golden.Tests.Given;

/// <summary>
/// What a reconcile finds. The defaults are a healthy Bitbucket 9.4.2, or Bitbucket Cloud where spec.url says so, an account
/// ci-bot with every right, and the Secret that spec.auth names, so that a case says only what matters to it.
/// </summary>
internal sealed class World
{
    public bool AllowHttp { get; set; }

    /// <summary>The process's --max-repositories. Heeded when one begins.</summary>
    public int MaxRepositories { get; set; } = new BitbucketOptions().MaxRepositories;

    /// <summary>By name.</summary>
    public Dictionary<string, Dictionary<string, string>> Secrets { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Secrets that do not exist although they would by default.</summary>
    public List<string> SecretsMissing { get; set; } = [];

    /// <summary>Types of Secrets, by name.</summary>
    public Dictionary<string, string> SecretTypes { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Why Secrets cannot be made.</summary>
    public WorldFault? GeneratedSecretsFault { get; set; }

    public Dictionary<string, Dictionary<string, string>> ConfigMaps { get; set; } = new(StringComparer.Ordinal);

    /// <summary>What opening the connection fails with, before a request is sent.</summary>
    public WorldFault? Preparation { get; set; }

    public WorldServer Server { get; set; } = new();

    public WorldAccount Account { get; set; } = new();

    /// <summary>Whom the credential of spec.webhookAuth belongs to.</summary>
    public WorldAccount WebhookAccount { get; set; } = new() { Name = "hooks-bot" };

    /// <summary>What the credential may do.</summary>
    public WorldReport? Report { get; set; }

    public WorldReport? WebhookReport { get; set; }

    /// <summary>What listing repositories breaks off with after the last of them, by key of the project; * for listings of all.</summary>
    public Dictionary<string, WorldFault> Listing { get; set; } = new(StringComparer.Ordinal);

    /// <summary>How many repositories listings leave out for names that Bitbucket does not give.</summary>
    public int InvalidNames { get; set; }

    /// <summary>Keys of projects without a repository.</summary>
    public List<string> EmptyProjects { get; set; } = [];

    /// <summary>By project:KEY or workspace:slug. One that is not named keeps no webhooks, as on an old server.</summary>
    public Dictionary<string, WorldScope> ProjectLevel { get; set; } = new(StringComparer.Ordinal);

    /// <summary>By PROJECT/slug.</summary>
    public Dictionary<string, WorldRepository> Repositories { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Other connections of the same cluster, on the same server.</summary>
    public List<WorldConnection> Others { get; set; } = [];

    /// <summary>The operator watches some connections of the cluster only.</summary>
    public bool WatchesSome { get; set; }

    /// <summary>Changes that the server refuses.</summary>
    public List<WorldRefusal> Refused { get; set; } = [];
}

internal sealed class WorldFault
{
    public FaultClass Class { get; set; } = FaultClass.Waiting;

    public string Reason { get; set; } = "";

    public string Message { get; set; } = "";

    public string? Cure { get; set; }

    public string? Detail { get; set; }

    public string? RetryAfter { get; set; }

    public FaultException ToException() => new(ToFault());

    public Fault ToFault() => new(
        Class,
        (Reason)(typeof(Reasons).GetField(Reason)?.GetValue(null) ?? throw new InvalidDataException($"there is no reason {Reason}")),
        new Wording(Message, Cure, Detail),
        RetryAfter is null ? null : GoDuration.Parse(RetryAfter));
}

internal sealed class WorldServer
{
    public string Version { get; set; } = "9.4.2";

    /// <summary>Events that it takes and does not store.</summary>
    public List<string> Drops { get; set; } = [];

    /// <summary>It stores URLs without user name and password.</summary>
    public bool MasksUserInfo { get; set; }

    public WorldFault? Fault { get; set; }

    /// <summary>What its rate limit makes of the work.</summary>
    public WorldLimit Limit { get; set; } = new();
}

/// <summary>Durations such as 90m; null where nothing is limited.</summary>
internal sealed class WorldLimit
{
    /// <summary>How long the syncs that wait take.</summary>
    public string? UntilSynced { get; set; }

    public string? Interval { get; set; }

    public string? WebhookInterval { get; set; }

    public Outlook Foresee(Workload work) => new(work.Waiting == 0 ? null : Read(UntilSynced), Read(Interval), Read(WebhookInterval));

    private static TimeSpan? Read(string? text) => text is null ? null : GoDuration.Parse(text);
}

internal sealed class WorldAccount
{
    /// <summary>Empty for a login that names nobody.</summary>
    public string Name { get; set; } = "ci-bot";

    public WorldFault? Fault { get; set; }
}

internal sealed class WorldReport
{
    public PrincipalKind? Kind { get; set; }

    /// <summary>By capability.</summary>
    public Dictionary<Capability, WorldFinding> Findings { get; set; } = [];

    public WorldFault? Fault { get; set; }

    public static WorldReport Healthy(Flavour flavour) => new()
    {
        Kind = PrincipalKind.User,
        Findings = flavour == Flavour.Cloud
            ? Granted(Evidence.Scopes, Capability.ReadAccount, Capability.ReadProjects,
                Capability.ReadRepositories, Capability.ReadPullRequests, Capability.ReadWebhooks, Capability.ManageWebhooks, Capability.DeleteWebhooks)
            : Granted(Evidence.Tried, Capability.ReadAccount, Capability.ReadProjects, Capability.ReadPullRequests),
    };

    public CredentialReport ToReport() => Fault is null
        ? new CredentialReport(Kind, Findings.ToDictionary(f => f.Key, f => new Finding(f.Value.State, f.Value.FoundBy, f.Value.Message)))
        : throw Fault.ToException();

    private static Dictionary<Capability, WorldFinding> Granted(Evidence foundBy, params ReadOnlySpan<Capability> granted)
    {
        var findings = new Dictionary<Capability, WorldFinding>();
        foreach (var capability in granted)
        {
            findings[capability] = new WorldFinding { State = Grant.Granted, FoundBy = foundBy };
        }

        return findings;
    }
}

internal sealed class WorldFinding
{
    public Grant State { get; set; }

    public Evidence FoundBy { get; set; } = Evidence.Scopes;

    public string? Message { get; set; }
}

/// <summary>A repository, or what holds some.</summary>
internal class WorldScope
{
    /// <summary>The webhooks that it holds from now on, whatever was there; absent: those that are there.</summary>
    public List<WorldWebhook>? Webhooks { get; set; }

    /// <summary>The credential lacks the right to see and manage its webhooks.</summary>
    public bool Denied { get; set; }

    /// <summary>What seeing and managing its webhooks fails with otherwise.</summary>
    public WorldFault? WebhooksFault { get; set; }

    /// <summary>A project: its repositories tell of its webhooks.</summary>
    public bool Inherited { get; set; }

    /// <summary>Its webhooks are nobody's business: reading them fails the case.</summary>
    public bool MustNotBeRead { get; set; }

    /// <summary>Of each of its webhooks.</summary>
    public WorldDeliveries? Deliveries { get; set; }
}

internal sealed class WorldRepository : WorldScope
{
    public string? Id { get; set; }

    public bool Archived { get; set; }

    public bool Fork { get; set; }

    public bool Personal { get; set; }

    public string? SelfLink { get; set; }

    /// <summary>Stands for so many repositories, numbered 01 and so on where the name has a #.</summary>
    public int Times { get; set; } = 1;
}

/// <summary>A webhook on the server. What it does not say is as the entry of spec.webhooks has it that ours or like names.</summary>
internal sealed class WorldWebhook
{
    public string Id { get; set; } = "";

    /// <summary>Made by a connection of this operator, for the entry of this name.</summary>
    public string? Ours { get; set; }

    /// <summary>NAMESPACE/NAME of that connection where it is another one.</summary>
    public string? Of { get; set; }

    /// <summary>The cluster of that connection: here, another name, or absent in a mark of an earlier version.</summary>
    public string? Cluster { get; set; }

    /// <summary>When it was created; absent for a server that does not say.</summary>
    public DateTimeOffset? Created { get; set; }

    /// <summary>Made by somebody else, with the values of the entry of this name.</summary>
    public string? Like { get; set; }

    /// <summary>An empty marker: somebody's edit dropped it.</summary>
    public bool MarkerLost { get; set; }

    public string? Title { get; set; }

    public string? Url { get; set; }

    public List<string>? Events { get; set; }

    public bool? Active { get; set; }

    /// <summary>true, false, or unknown for a server that does not say.</summary>
    public string? SslVerification { get; set; }

    /// <summary>The secret in clear; empty for none.</summary>
    public string? Secret { get; set; }

    /// <summary>The server keeps the secret to itself.</summary>
    public bool SecretHidden { get; set; }
}

/// <summary>How the deliveries of a webhook went.</summary>
internal sealed class WorldDeliveries
{
    /// <summary>Of the latest time.</summary>
    public int Failed { get; set; }

    /// <summary>Of the latest time.</summary>
    public int Succeeded { get; set; }

    /// <summary>What the latest failed with; absent for one that got through.</summary>
    public string? Error { get; set; }

    public bool NotTold { get; set; }

    /// <summary>What a test of the webhook fails with.</summary>
    public string? TestError { get; set; }

    /// <summary>Why the server cannot be asked.</summary>
    public WorldFault? Fault { get; set; }

    public DeliveryHealth? ToHealth() => NotTold ? null : new(LastSuccess: null, LastFailure: null, new DeliveryCounts(Succeeded, Failed), Error);
}

/// <summary>Another connection. What it does not say is as the connection of the case has it.</summary>
internal sealed class WorldConnection
{
    /// <summary>NAMESPACE/NAME.</summary>
    public string Name { get; set; } = "";

    /// <summary>URL of its one webhook.</summary>
    public string? Url { get; set; }

    public bool Suspend { get; set; }

    public Mode Mode { get; set; }

    /// <summary>It is being deleted.</summary>
    public bool Deleted { get; set; }

    public BitbucketConnection ToConnection(BitbucketConnection ours) => new()
    {
        Metadata = new k8s.Models.V1ObjectMeta
        {
            NamespaceProperty = Name.Split('/')[0],
            Name = Name.Split('/')[1],
            Uid = Name,
            Generation = 2,
            CreationTimestamp = ours.Metadata.CreationTimestamp!.Value.AddHours(1),
            DeletionTimestamp = Deleted ? ours.Metadata.CreationTimestamp!.Value.AddDays(1) : null,
        },
        Spec = new BitbucketConnectionSpec
        {
            Url = ours.Spec.Url,
            Workspace = ours.Spec.Workspace,
            Webhooks = [new WebhookSpec { Name = "theirs", Url = Url ?? ours.Spec.Webhooks[0].Url }],
            Suspend = Suspend,
            Mode = Mode,
        },
    };
}

/// <summary>Changes that the server refuses.</summary>
internal sealed class WorldRefusal
{
    /// <summary>PROJECT/slug, or the id of a place above; * for all.</summary>
    public string Scope { get; set; } = "*";

    /// <summary>Create, Update or Remove; absent for each.</summary>
    public ChangeKind? Change { get; set; }

    public WorldFault Fault { get; set; } = new();

    public bool Concerns(WebhookScope scope, ChangeKind change) =>
        (Change is null || Change == change) && (Scope == "*" || Scope == scope.Name || Scope == scope.Id);
}
