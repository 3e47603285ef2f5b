using System.Text.Json.Serialization;

namespace BitbucketOperator.Core.Api.V1Alpha1;

/// <summary>What the operator found. Holds no value that changes while nothing changes.</summary>
public sealed class BitbucketConnectionStatus
{
    /// <summary>The generation of the spec that this status speaks of.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>
    /// Ready sums up; Reachable, CredentialValid, RepositoriesDiscovered and WebhooksReady say how far it got; Reconciling
    /// and Stalled as kstatus defines them.
    /// </summary>
    [ListType("type")]
    public List<Condition> Conditions { get; set; } = [];

    /// <summary>The server.</summary>
    public ServerStatus? Server { get; set; }

    /// <summary>Whom the server takes the credential for.</summary>
    public AccountStatus? Account { get; set; }

    /// <summary>
    /// The id in the marker of the webhooks that this connection makes. The annotation bitbucketoperator.dev/owner-id gives it to
    /// a connection in another cluster. Absent: not known yet.
    /// </summary>
    public string? OwnerId { get; set; }

    /// <summary>What the credential may and may not do.</summary>
    [ListType("capability")]
    public List<PermissionStatus>? Permissions { get; set; }

    /// <summary>What the last complete listing found.</summary>
    public RepositoriesStatus? Repositories { get; set; }

    /// <summary>How the webhooks stand.</summary>
    public WebhooksStatus? Webhooks { get; set; }

    /// <summary>What fails, grouped by reason and message: at most 10 groups, the largest first. Absent: nothing.</summary>
    public List<FailureStatus>? Failures { get; set; }

    /// <summary>How many failures there are beside those that the groups count. Absent: none.</summary>
    public int? FailuresNotListed { get; set; }

    /// <summary>Mode Plan: what would change, at most 50; fewer where names are long.</summary>
    public List<PlannedChangeStatus>? Plan { get; set; }

    /// <summary>Mode Plan: how many changes more there are than plan lists. Absent: none.</summary>
    public int? PlanNotListed { get; set; }

    /// <summary>
    /// The value of the annotation bitbucketoperator.dev/requestedAt (or reconcile.fluxcd.io/requestedAt) that the last
    /// finished full pass answered.
    /// </summary>
    public string? LastHandledReconcileAt { get; set; }

    /// <summary>What the operator must remember. Of no use to anybody else; bounded.</summary>
    public BookkeepingStatus? Bookkeeping { get; set; }
}

/// <summary>What the operator must remember.</summary>
public sealed class BookkeepingStatus
{
    /// <summary>
    /// Where webhooks of this connection may be, for clean-up: PLAT on the repositories of a project, or PLAT/api on one where
    /// discovery.repositories is used, project:PLAT on a project itself, workspace:acme on the workspace. Beyond 100 entries it
    /// is listed:HASH for the repositories that spec.discovery lists, project:* for their projects, and * for every repository
    /// that the credential sees. Absent: nowhere.
    /// </summary>
    [ListType]
    public List<string>? ManagedIn { get; set; }

    /// <summary>What the next listing is measured against (discovery.maxShrinkPercent). Absent: nothing yet.</summary>
    public BaselineStatus? Baseline { get; set; }

    /// <summary>
    /// On how many repositories and projects the operator made webhooks that the credential may not see any more: clean-up waits
    /// for that permission. Absent: none.
    /// </summary>
    public int? Hidden { get; set; }
}

/// <summary>The last complete and plausible listing.</summary>
public sealed class BaselineStatus
{
    /// <summary>How many repositories it held.</summary>
    public int? Repositories { get; set; }

    /// <summary>
    /// What it was asked for, as a hash of url, workspace, discovery.projects and discovery.repositories: a listing of something
    /// else is not compared.
    /// </summary>
    public string? ListedBy { get; set; }

    /// <summary>
    /// The value of the annotation bitbucketoperator.dev/confirm-inventory that confirmed a listing, for as long as it stays on the
    /// resource: it confirms no other one.
    /// </summary>
    public string? Confirmed { get; set; }
}

/// <summary>One condition, as Kubernetes defines them.</summary>
public sealed class Condition
{
    /// <summary>What it speaks of.</summary>
    [Required]
    [Length(1, 316)]
    public string Type { get; set; } = "";

    /// <summary>True, False or Unknown.</summary>
    [Required]
    public ConditionState Status { get; set; }

    /// <summary>One word for why; docs/troubleshooting.md explains each.</summary>
    [Required]
    [Length(1, 1024)]
    public string Reason { get; set; } = "";

    /// <summary>A sentence for people, with the field and the cure where something is wrong.</summary>
    [Required]
    [Length(0, 32768)]
    public string Message { get; set; } = "";

    /// <summary>When status last changed.</summary>
    [Required]
    [JsonConverter(typeof(Rfc3339Converter))]
    public DateTimeOffset LastTransitionTime { get; set; }

    /// <summary>The generation of the spec that this condition speaks of.</summary>
    public long? ObservedGeneration { get; set; }
}

/// <summary>The states of a condition.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConditionState>))]
public enum ConditionState
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>It is so.</summary>
    True,

    /// <summary>It is not so.</summary>
    False,
}

/// <summary>The server.</summary>
public sealed class ServerStatus
{
    /// <summary>The server that all of status tells of: spec.url when it last answered, and on Cloud its workspace.</summary>
    public string? Url { get; set; }

    /// <summary>The flavour.</summary>
    public Hosting Hosting { get; set; }

    /// <summary>Version, such as 9.4.2. Absent on Cloud.</summary>
    public string? Version { get; set; }

    /// <summary>The product name that the server gives.</summary>
    public string? DisplayName { get; set; }

    /// <summary>
    /// Present when the server's own links point elsewhere than url, which breaks links in its e-mails and clone URLs: its
    /// base URL is misconfigured.
    /// </summary>
    public string? BaseUrlMismatch { get; set; }
}

/// <summary>An account on the server.</summary>
public sealed class AccountStatus
{
    /// <summary>Name as the server gives it. Absent when it proves a login but names nobody.</summary>
    public string? Name { get; set; }

    /// <summary>What the credential belongs to. Absent when nothing tells.</summary>
    public AccountKind? Kind { get; set; }

    /// <summary>When the credential ends, as spec.auth.expiresAt or the key expiresAt of its Secret says. Absent: not known.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public DateTimeOffset? ExpiresAt { get; set; }
}

/// <summary>What a credential belongs to.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AccountKind>))]
public enum AccountKind
{
    /// <summary>A user, person or bot.</summary>
    User,

    /// <summary>A project or a repository; Data Center does not tell which.</summary>
    ProjectOrRepository,

    /// <summary>A repository.</summary>
    Repository,

    /// <summary>A project.</summary>
    Project,

    /// <summary>A workspace.</summary>
    Workspace,

    /// <summary>An OAuth 2 consumer.</summary>
    OAuthConsumer,
}

/// <summary>One capability.</summary>
public sealed class PermissionStatus
{
    /// <summary>
    /// What it allows: ReadAccount, ReadProjects, ReadRepositories, ReadPullRequests, ReadWebhooks, ManageWebhooks,
    /// DeleteWebhooks, ManageProjectWebhooks or ManageWorkspaceWebhooks.
    /// </summary>
    [Required]
    public string Capability { get; set; } = "";

    /// <summary>The right to give, in the words of this flavour and kind of credential.</summary>
    public string? Required { get; set; }

    /// <summary>Granted, Missing or Unknown.</summary>
    public PermissionState State { get; set; }

    /// <summary>How that was found out.</summary>
    public FoundBy FoundBy { get; set; }

    /// <summary>
    /// On how many repositories (ManageProjectWebhooks: projects) it is there. Absent where it is not a matter of
    /// repositories, or was not tried on any.
    /// </summary>
    public int? GrantedOn { get; set; }

    /// <summary>On how many repositories (ManageProjectWebhooks: projects) it is missing. Absent: on none.</summary>
    public int? MissingOn { get; set; }

    /// <summary>One of the repositories or projects on which it is missing. Absent: none.</summary>
    public string? Example { get; set; }

    /// <summary>Where it is missing and what to add, or why it is not known.</summary>
    public string? Message { get; set; }
}

/// <summary>How a capability was found out.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FoundBy>))]
public enum FoundBy
{
    /// <summary>Not at all.</summary>
    NotTried,

    /// <summary>By trying it.</summary>
    Tried,

    /// <summary>By the scopes that Bitbucket says the credential has.</summary>
    Scopes,
}

/// <summary>Whether a capability is there.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PermissionState>))]
public enum PermissionState
{
    /// <summary>It could not be found out.</summary>
    Unknown,

    /// <summary>It is there.</summary>
    Granted,

    /// <summary>It is missing, at least somewhere.</summary>
    Missing,
}

/// <summary>Counts of repositories.</summary>
public sealed class RepositoriesStatus
{
    /// <summary>How many the listing held.</summary>
    public int Discovered { get; set; }

    /// <summary>How many the rules select.</summary>
    public int Selected { get; set; }

    /// <summary>
    /// How many selected repositories have every webhook that spec.webhooks desires, their own or inherited from their project or
    /// workspace. Absent: no webhook is desired, or not known yet.
    /// </summary>
    public int? Covered { get; set; }

    /// <summary>How many each rule leaves out: archived, forks, personal, notIncluded, excluded.</summary>
    public SkippedStatus? Skipped { get; set; }

    /// <summary>
    /// How often the repositories are listed, where that is less often than spec.interval says: a listing of that size would take
    /// more than a quarter of Bitbucket's rate limit. Rounded up. Absent: as spec.interval says.
    /// </summary>
    public string? EffectiveInterval { get; set; }

    /// <summary>Deprecated: read once from older versions, and not written. See bookkeeping.baseline.repositories.</summary>
    public int? Believed { get; set; }

    /// <summary>Deprecated: read once from older versions, and not written. See bookkeeping.baseline.listedBy.</summary>
    public string? ListedBy { get; set; }

    /// <summary>Deprecated: read once from older versions, and not written. See bookkeeping.baseline.confirmed.</summary>
    public string? Confirmed { get; set; }
}

/// <summary>Repositories left out, by the first rule that did it.</summary>
public sealed class SkippedStatus
{
    /// <summary>By discovery.archived.</summary>
    public int? Archived { get; set; }

    /// <summary>By discovery.forks.</summary>
    public int? Forks { get; set; }

    /// <summary>By discovery.personal.</summary>
    public int? Personal { get; set; }

    /// <summary>By matching nothing of discovery.include.</summary>
    public int? NotIncluded { get; set; }

    /// <summary>By discovery.exclude.</summary>
    public int? Excluded { get; set; }

    /// <summary>
    /// By their key, slug or id: none that Bitbucket gives, or the server repeats a credential in it. Nothing is asked about them, and
    /// nothing is written there.
    /// </summary>
    public int? Invalid { get; set; }
}

/// <summary>Counts of webhooks.</summary>
public sealed class WebhooksStatus
{
    /// <summary>How many there must be: one for each entry of spec.webhooks and place that it is kept on, a repository, a project or the workspace.</summary>
    public int Desired { get; set; }

    /// <summary>How many are there, exactly as desired.</summary>
    public int Ready { get; set; }

    /// <summary>How many are missing or wrong and could not be put right; failures says why. Those that wait do not count.</summary>
    public int Failed { get; set; }

    /// <summary>
    /// How many are not synced yet; they are as soon as Bitbucket allows. In mode Plan those that a planned change would make count
    /// too. Desired is the sum of ready, waiting and failed. Absent: none.
    /// </summary>
    public int? Waiting { get; set; }

    /// <summary>
    /// When those that wait will be synced, as estimated from Bitbucket's rate limit, or without one from how fast syncs went
    /// lately. Rounded up to 5 minutes, 15 minutes beyond an hour, an hour beyond six. Absent: none waits, or not for long.
    /// </summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public DateTimeOffset? ExpectedCompletion { get; set; }

    /// <summary>
    /// How often every webhook is verified, where that is less often than spec.webhookInterval says, because Bitbucket's rate limit
    /// allows no more. Rounded up. Absent: as spec.webhookInterval says.
    /// </summary>
    public string? EffectiveInterval { get; set; }

    /// <summary>repositories.covered/repositories.selected, for kubectl get. Empty where no webhook is desired.</summary>
    public string Summary { get; set; } = "";

    /// <summary>When all webhooks had last been looked at. Not rewritten by passes that change nothing else.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public DateTimeOffset? LastFullCheck { get; set; }

    /// <summary>Deprecated: read once from older versions, and not written. See ownerId.</summary>
    public string? Owner { get; set; }

    /// <summary>Deprecated: read once from older versions, and not written. See status.hint of BitbucketInventory.</summary>
    public VerifiedStatus? Verified { get; set; }

    /// <summary>Repositories that a webhook on their project or workspace delivers for although the rules do not select them. Absent: none.</summary>
    public BeyondSelectionStatus? BeyondSelection { get; set; }

    /// <summary>How deliveries go, from a sample in each pass. Absent: not known yet, or there is no webhook.</summary>
    public DeliveriesStatus? Deliveries { get; set; }

    /// <summary>The Secrets of the webhooks with generateSecret, for their receivers to read. Absent: none.</summary>
    [ListType("webhook")]
    public List<WebhookSecretStatus>? Secrets { get; set; }

    /// <summary>Deprecated: read once from older versions, and not written. See bookkeeping.managedIn.</summary>
    [ListType]
    public List<string>? ManagedIn { get; set; }

    /// <summary>A copy for a connection whose syncs do not go on, so that none of them is expected to end.</summary>
    internal WebhooksStatus WithoutExpectation()
    {
        var copy = (WebhooksStatus)MemberwiseClone();
        copy.ExpectedCompletion = null;
        return copy;
    }
}

/// <summary>Repositories that webhooks reach although they are not selected.</summary>
public sealed class BeyondSelectionStatus
{
    /// <summary>How many are known. Archived ones do not count, for they deliver nothing.</summary>
    public int Repositories { get; set; }

    /// <summary>Which: at most 20 of PROJECT/slug, sorted; fewer where names are long.</summary>
    public List<string>? First { get; set; }

    /// <summary>Present when more may be reached than are known, because discovery.repositories or discovery.projects has not all of it listed.</summary>
    public string? Note { get; set; }
}

/// <summary>How deliveries go.</summary>
public sealed class DeliveriesStatus
{
    /// <summary>Of how many webhooks the operator, since it started, was told how deliveries went. Not rewritten by passes that change nothing else.</summary>
    public int Checked { get; set; }

    /// <summary>Of how many webhooks the latest delivery, or test, failed; failures lists some.</summary>
    public int Failing { get; set; }

    /// <summary>Of how many webhooks five or more deliveries failed in a row, so that Bitbucket skips further ones for a growing time. Absent: none.</summary>
    public int? CircuitBroken { get; set; }

    /// <summary>Why the latest delivery of the first failing webhook failed. Absent: none fails.</summary>
    public string? LastError { get; set; }

    /// <summary>Present when nothing can be known of deliveries: Bitbucket Cloud's API tells nothing of them, and old versions of Data Center do not.</summary>
    public string? Note { get; set; }
}

/// <summary>The Secret of a webhook with generateSecret.</summary>
public sealed class WebhookSecretStatus
{
    /// <summary>Name of the webhook in spec.webhooks.</summary>
    [Required]
    public string Webhook { get; set; } = "";

    /// <summary>Name of the Secret in the resource's namespace; its key secret holds the value.</summary>
    public string Secret { get; set; } = "";
}

/// <summary>Deprecated. Repositories, projects or the workspace whose webhooks were all as desired when they were last looked at.</summary>
public sealed class VerifiedStatus
{
    /// <summary>When.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public DateTimeOffset At { get; set; }

    /// <summary>How many.</summary>
    public int Repositories { get; set; }

    /// <summary>Which, in a form for the operator: four bytes of a hash of each place's id, sorted, in base64.</summary>
    public string Set { get; set; } = "";

    /// <summary>What was desired of them, as a hash.</summary>
    public string Desired { get; set; } = "";
}

/// <summary>What fails for one reason.</summary>
public sealed class FailureStatus
{
    /// <summary>One word for why.</summary>
    public string Reason { get; set; } = "";

    /// <summary>A sentence for people.</summary>
    public string Message { get; set; } = "";

    /// <summary>How many webhooks fail so. A place whose webhooks cannot be read counts once, and so does an entry that fails everywhere.</summary>
    public int Count { get; set; }

    /// <summary>
    /// Where: at most 5, sorted; fewer where names are long. PLAT/api is a repository, project:PLAT or workspace:acme one itself, */*
    /// all selected repositories; the entry of spec.webhooks follows in parentheses where it concerns one: PLAT/api (ci).
    /// </summary>
    public List<string> Examples { get; set; } = [];
}

/// <summary>One change that mode Plan would make.</summary>
public sealed class PlannedChangeStatus
{
    /// <summary>Create, Update, Adopt or Remove.</summary>
    public string Action { get; set; } = "";

    /// <summary>PROJECT/slug. Absent when the change is to a webhook of a project or workspace.</summary>
    public string? Repository { get; set; }

    /// <summary>Data Center: key of the project that the webhook is kept on.</summary>
    public string? Project { get; set; }

    /// <summary>Cloud: slug of the workspace that the webhook is kept on.</summary>
    public string? Workspace { get; set; }

    /// <summary>Name of the webhook in spec.webhooks.</summary>
    public string Webhook { get; set; } = "";

    /// <summary>Why.</summary>
    public string Reason { get; set; } = "";
}
