using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace BitbucketOperator.Core.Tests.Golden;

/// <summary>
/// A case's world.yaml: what a pass finds. The defaults are a healthy Bitbucket 9.4.2, or Bitbucket Cloud where spec.url says
/// so, an account ci-bot and a Secret bitbucket-token that holds a token, so that a case says only what matters to it.
/// </summary>
internal sealed class World
{
    public bool AllowHttp { get; set; }

    /// <summary>An earlier pass of this process logged in; clean-up falls back on its credential.</summary>
    public bool ProvenBefore { get; set; }

    /// <summary>By name; a Secret written as null does not exist.</summary>
    public Dictionary<string, Dictionary<string, string>?> Secrets { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Why Secrets cannot be made.</summary>
    public WorldFault? GeneratedSecretsFault { get; set; }

    /// <summary>Types of Secrets, by name.</summary>
    public Dictionary<string, string> SecretTypes { get; set; } = new(StringComparer.Ordinal);

    public Dictionary<string, Dictionary<string, string>?> ConfigMaps { get; set; } = new(StringComparer.Ordinal);

    /// <summary>What opening the connection itself fails with.</summary>
    public WorldFault? Preparation { get; set; }

    public WorldServer Server { get; set; } = new();

    public WorldAccount Account { get; set; } = new();

    /// <summary>What the credential may do; without it nobody asked.</summary>
    public WorldReport? Report { get; set; }

    /// <summary>Whom the credential of spec.webhookAuth belongs to.</summary>
    public WorldAccount WebhookAccount { get; set; } = new() { Name = "hooks-bot" };

    public WorldReport? WebhookReport { get; set; }

    /// <summary>What status.webhooks.verified remembers.</summary>
    public WorldVerified? Verified { get; set; }

    /// <summary>What status.repositories remembers of the last listing that was believed.</summary>
    public WorldBelieved? Believed { get; set; }

    public WorldListing Listing { get; set; } = new();

    /// <summary>The pass comes to ask about deliveries.</summary>
    public bool AsksForDeliveries { get; set; }

    /// <summary>By project:KEY or workspace:slug. One that is not named keeps no webhooks, as on an old server.</summary>
    public Dictionary<string, WorldPlace> Above { get; set; } = new(StringComparer.Ordinal);

    /// <summary>By PROJECT/slug.</summary>
    public Dictionary<string, WorldRepository?> Repositories { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Other connections of the same cluster, on the same server.</summary>
    public List<WorldRival> Rivals { get; set; } = [];

    /// <summary>Changes that fail.</summary>
    public List<WorldRefusal> Refused { get; set; } = [];

    public static World Read(string text) =>
        new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build().Deserialize<World?>(text) ?? new World();
}

internal sealed class WorldFault
{
    public FaultClass Class { get; set; }

    public string Reason { get; set; } = "";

    public string Message { get; set; } = "";

    public string? RetryAfter { get; set; }

    public Fault ToFault() => new(
        Class,
        (Reason)(typeof(Reasons).GetField(Reason)?.GetValue(null) ?? throw new InvalidDataException($"there is no reason {Reason}")),
        Message,
        RetryAfter is null ? null : GoDuration.Parse(RetryAfter));
}

internal sealed class WorldServer
{
    public string? Version { get; set; } = "9.4.2";

    public string? DisplayName { get; set; } = "Bitbucket";

    public WorldFault? Fault { get; set; }

    public Outcome<ServerInfo> Answer(Hosting hosting) =>
        Fault is not null ? Fault.ToFault() : hosting == Hosting.Cloud ? new ServerInfo(Version: null, DisplayName: null) : new ServerInfo(Version, DisplayName);
}

internal sealed class WorldAccount
{
    public string? Name { get; set; } = "ci-bot";

    public WorldFault? Fault { get; set; }

    public Outcome<Account> Answer() => Fault is null ? new Account(Name) : Fault.ToFault();
}

internal sealed class WorldReport
{
    public AccountKind? Kind { get; set; }

    /// <summary>By capability.</summary>
    public Dictionary<Capability, WorldFinding> Findings { get; set; } = [];

    public WorldFault? Fault { get; set; }

    public Outcome<CredentialReport> Answer() => Fault is null
        ? new CredentialReport(Kind, Findings.ToDictionary(f => f.Key, f => new Finding(f.Value.State, f.Value.FoundBy, f.Value.Message)))
        : Fault.ToFault();
}

internal sealed class WorldFinding
{
    public PermissionState State { get; set; }

    public FoundBy FoundBy { get; set; } = FoundBy.Scopes;

    public string? Message { get; set; }
}

internal sealed class WorldVerified
{
    /// <summary>Ids of repositories.</summary>
    public List<string> Repositories { get; set; } = [];

    /// <summary>Something else was wanted then.</summary>
    public bool OtherWanted { get; set; }
}

internal sealed class WorldBelieved
{
    public int Repositories { get; set; }

    /// <summary>Something else was listed then.</summary>
    public bool OtherRules { get; set; }
}

internal sealed class WorldListing
{
    public List<WorldFault> Faults { get; set; } = [];

    /// <summary>Places of status.webhooks.managedIn that could not be read.</summary>
    public List<string> FormerLeft { get; set; } = [];
}

/// <summary>A repository, or what holds some.</summary>
internal class WorldPlace
{
    public List<WorldWebhook> Webhooks { get; set; } = [];

    public WorldFault? WebhooksFault { get; set; }

    public WorldCheck? Remembered { get; set; }

    /// <summary>A project: its repositories tell of its webhooks.</summary>
    public bool Inherited { get; set; }
}

internal sealed class WorldRepository : WorldPlace
{
    public string? Id { get; set; }

    public bool Archived { get; set; }

    public bool Fork { get; set; }

    public bool Personal { get; set; }

    public string? SelfLink { get; set; }

    /// <summary>Not part of the listing that discovery asks for; read because webhooks of ours may be there.</summary>
    public bool Former { get; set; }

    /// <summary>Stands for so many repositories, numbered 01 and so on where the name has a #.</summary>
    public int Times { get; set; } = 1;
}

/// <summary>Another connection. What it does not say is as the connection of the case has it.</summary>
internal sealed class WorldRival
{
    /// <summary>NAMESPACE/NAME.</summary>
    public string Name { get; set; } = "";

    /// <summary>It was made before the connection of the case; else after.</summary>
    public bool Older { get; set; }

    /// <summary>URL of its one webhook.</summary>
    public string? Url { get; set; }

    public List<string> Projects { get; set; } = [];

    public List<string> Include { get; set; } = [];

    public List<string> Exclude { get; set; } = [];

    public WebhookLevel Level { get; set; }

    public bool Suspend { get; set; }

    public Mode Mode { get; set; }

    /// <summary>What its status says of its owner id.</summary>
    public string? Owner { get; set; }

    /// <summary>Where it keeps webhooks; null while it has not gone through its spec.</summary>
    public List<string>? ManagedIn { get; set; }

    public BitbucketConnection ToConnection(BitbucketConnection ours) => new()
    {
        Metadata = new k8s.Models.V1ObjectMeta
        {
            NamespaceProperty = Name.Split('/')[0],
            Name = Name.Split('/')[1],
            Generation = 2,
            CreationTimestamp = ours.Metadata.CreationTimestamp!.Value.AddHours(Older ? -1 : 1),
        },
        Spec = new BitbucketConnectionSpec
        {
            Url = ours.Spec.Url,
            Workspace = ours.Spec.Workspace,
            Discovery = new DiscoverySpec { Projects = Projects, Include = Include, Exclude = Exclude },
            Webhooks = [new WebhookSpec { Name = "theirs", Url = Url ?? ours.Spec.Webhooks[0].Url, Level = Level }],
            Suspend = Suspend,
            Mode = Mode,
        },
        Status = ManagedIn is null
            ? null
            : new BitbucketConnectionStatus { ObservedGeneration = 2, Webhooks = new WebhooksStatus { ManagedIn = ManagedIn, Owner = Owner } },
    };
}

/// <summary>A webhook on the server. What it does not say is as the entry of spec.webhooks has it that ours or like names.</summary>
internal sealed class WorldWebhook
{
    public string Id { get; set; } = "";

    /// <summary>Made by a connection of this operator, for the entry of this name.</summary>
    public string? Ours { get; set; }

    /// <summary>NAMESPACE/NAME of that connection where it is another one.</summary>
    public string? Of { get; set; }

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

    public WorldDeliveries? Deliveries { get; set; }
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

    /// <summary>Why the server could not be asked.</summary>
    public WorldFault? Fault { get; set; }

    public DeliveryHealth? ToHealth() => NotTold ? null : new(LastSuccess: null, LastFailure: null, new DeliveryCounts(Succeeded, Failed), Error);
}

/// <summary>What earlier passes found.</summary>
internal sealed class WorldCheck
{
    public int Ready { get; set; }

    /// <summary>Until the next look; a negative one is over.</summary>
    public int DueInMinutes { get; set; } = 30;

    /// <summary>Something else was wanted then.</summary>
    public bool OtherWanted { get; set; }

    /// <summary>The webhooks could not be seen any more, and were as wanted before.</summary>
    public bool VerifiedBefore { get; set; }

    public WorldFault? Failure { get; set; }

    /// <summary>Name of the entry of spec.webhooks that mode Plan would create.</summary>
    public string? Planned { get; set; }

    /// <summary>A project or workspace: names of the entries that lived there.</summary>
    public List<string> Above { get; set; } = [];

    public PlaceCheck ToCheck(WebhookPlace place, string wanted, DateTimeOffset now, IEnumerable<string> entries) => new(
        now.AddMinutes(-20),
        now.AddMinutes(DueInMinutes),
        OtherWanted ? "other" : wanted,
        Ready,
        Failure is null ? [] : [WebhookFailure.At(place, webhook: null, Failure.ToFault())])
    {
        VerifiedBefore = VerifiedBefore,
        Planned = Planned is null ? [] : [new WebhookChange(ChangeKind.Create, place, Planned, Current: null, Desired: null, "there is none")],
        Levels = place.Repository is null ? entries.ToDictionary(e => e, e => new EntryLevel(Above.Contains(e)), StringComparer.Ordinal) : null,
        HoldsOurs = Ready > 0,
    };
}

internal sealed class WorldRefusal
{
    public string Repository { get; set; } = "**";

    public ChangeKind? Change { get; set; }

    public WorldFault Fault { get; set; } = new();

    public bool Concerns(WebhookChange change) =>
        (Change is null || Change == change.Kind) && change.Place.Repository is { } repository ? new Glob(Repository).Matches(repository.Name) : Repository is "**" || Repository == change.Place.Id;
}
