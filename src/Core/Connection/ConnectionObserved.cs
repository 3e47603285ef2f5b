namespace BitbucketOperator.Core.Connection;

/// <summary>
/// Everything that a pass read, absence included. A step that was not reached is null; a step that failed holds its fault.
/// </summary>
public sealed record ConnectionObserved
{
    /// <summary>When the pass began.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Whose the webhooks are; null before anybody asked.</summary>
    public WebhookOwner? Owner { get; init; }

    /// <summary>Why nothing can be done for this spec; null when something can.</summary>
    public Fault? Refusal { get; init; }

    /// <summary>What keeps the server from being talked to before a request is sent, such as a missing CA bundle.</summary>
    public Fault? Preparation { get; init; }

    /// <summary>The credential as read from its Secret.</summary>
    public Outcome<Credential>? Credential { get; init; }

    /// <summary>The credential of spec.webhookAuth as read from its Secret; null where the spec has none.</summary>
    public Outcome<Credential>? WebhookCredential { get; init; }

    /// <summary>When the credentials end, for those of which somebody wrote it down.</summary>
    public IReadOnlyList<CredentialEnd> CredentialEnds { get; init; } = [];

    /// <summary>The server.</summary>
    public Outcome<ServerInfo>? Server { get; init; }

    /// <summary>Whom the server takes the credential for.</summary>
    public Outcome<Account>? Account { get; init; }

    /// <summary>Whom the server takes the credential of spec.webhookAuth for; null where the spec has none.</summary>
    public Outcome<Account>? WebhookAccount { get; init; }

    /// <summary>What the credential may do; null when it was not asked.</summary>
    public Outcome<CredentialReport>? Report { get; init; }

    /// <summary>What the credential of spec.webhookAuth may do; null when it was not asked, or the spec has none.</summary>
    public Outcome<CredentialReport>? WebhookReport { get; init; }

    /// <summary>
    /// Why nobody may look at webhooks although repositories were read: spec.webhookAuth has no usable credential. Null when
    /// somebody may.
    /// </summary>
    public Fault? WebhookLoginFault => WebhookCredential?.Fault ?? WebhookAccount?.Fault;

    /// <summary>
    /// True when the pass got as far as the webhooks: it was told which repositories there are, and had a login. What it
    /// found on repositories is worth remembering only then.
    /// </summary>
    public bool ReachesWebhooks => Inventory is { IsUsable: true } && WebhookLoginFault is null;

    /// <summary>The repositories.</summary>
    public Inventory? Inventory { get; init; }

    /// <summary>Which of them the rules select.</summary>
    public RepositorySelection? Selection { get; init; }

    /// <summary>Other connections of this cluster that may want the same webhooks.</summary>
    public IReadOnlyList<Rival> Rivals { get; init; } = [];

    /// <summary>The webhooks that spec.webhooks asks for.</summary>
    public IReadOnlyList<DesiredWebhook> Desired { get; init; } = [];

    /// <summary>The webhooks of the places that were looked at, by id.</summary>
    public IReadOnlyDictionary<string, Outcome<IReadOnlyList<Webhook>>> Webhooks { get; init; } =
        new Dictionary<string, Outcome<IReadOnlyList<Webhook>>>(StringComparer.Ordinal);

    /// <summary>
    /// The webhooks of projects that may not be read themselves, as one of their repositories inherits them, by the project's
    /// id; without a value where the server does not tell.
    /// </summary>
    public IReadOnlyDictionary<string, Outcome<IReadOnlyList<Webhook>?>> Inherited { get; init; } =
        new Dictionary<string, Outcome<IReadOnlyList<Webhook>?>>(StringComparer.Ordinal);

    /// <summary>Ids of the places that an earlier pass left in the midst of a move.</summary>
    public IReadOnlySet<string> MovingBefore { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>What earlier passes found on the places that were not due, by id.</summary>
    public IReadOnlyDictionary<string, PlaceCheck> Remembered { get; init; } =
        new Dictionary<string, PlaceCheck>(StringComparer.Ordinal);

    /// <summary>What is known of the deliveries of our webhooks, sorted; null when the pass did not come to ask.</summary>
    public IReadOnlyList<TrackedWebhook>? Deliveries { get; init; }
}

/// <summary>A listing.</summary>
/// <param name="Repositories">What was listed, each repository once.</param>
/// <param name="Faults">What is missing from it: one fault for each project, repository or listing that could not be read.</param>
/// <param name="Former">
/// Repositories of projects that the spec no longer names and that still hold webhooks of ours.
/// </param>
/// <param name="FormerLeft">The projects (or PROJECT/slug) among those that could not be read, and stay to be cleaned.</param>
public sealed record Inventory(
    IReadOnlyList<Repository> Repositories,
    IReadOnlyList<Fault> Faults,
    IReadOnlyList<Repository> Former,
    IReadOnlyList<string> FormerLeft)
{
    /// <summary>True when all that was asked for was read.</summary>
    public bool IsComplete => Faults.Count == 0;

    /// <summary>
    /// True when what was read can be worked with: at most, things that were asked for by name do not exist. A listing that
    /// broke off says nothing about what it did not reach.
    /// </summary>
    public bool IsUsable => Faults.All(f =>
        f is { Class: FaultClass.Waiting, RetryAfter: null, Reason.Condition: Api.ConditionTypes.RepositoriesDiscovered }
        && f.Reason != Api.Reasons.WorkspaceNotFound);
}

/// <summary>What a pass found, and left, on one place.</summary>
/// <param name="LookedAt">When its webhooks were read.</param>
/// <param name="DueAt">When they are to be read again.</param>
/// <param name="DesiredFingerprint">What was wanted then; anything else wanted makes it due at once.</param>
/// <param name="Ready">How many webhooks were as wanted.</param>
/// <param name="Failures">What failed; a place with failures is due in every pass.</param>
public sealed record PlaceCheck(
    DateTimeOffset LookedAt, DateTimeOffset DueAt, string DesiredFingerprint, int Ready, IReadOnlyList<WebhookFailure> Failures)
{
    /// <summary>The credential may no longer see the webhooks, which were as wanted when they last could be seen.</summary>
    public bool VerifiedBefore { get; init; }

    /// <summary>What is known of the deliveries of its webhooks.</summary>
    public IReadOnlyList<DeliveryCheck> Deliveries { get; init; } = [];

    /// <summary>Mode Plan: what would be changed.</summary>
    public IReadOnlyList<WebhookChange> Planned { get; init; } = [];

    /// <summary>Webhooks of ours are left there only because nothing may be removed now; such a repository is due in every pass.</summary>
    public bool RemovalsWithheld { get; init; }

    /// <summary>The credential may not see the webhooks, and nothing tells that any is ours.</summary>
    public bool Unseen { get; init; }

    /// <summary>Webhooks of ours are, or may be, left there.</summary>
    public bool HoldsOurs { get; init; }

    /// <summary>A webhook is on its way to or from the place; such a place is due in every pass, until the move is over.</summary>
    public bool MovePending { get; init; }

    /// <summary>A project or workspace: which entries live there, by name. Null for a repository.</summary>
    public IReadOnlyDictionary<string, EntryLevel>? Levels { get; init; }

    /// <summary>A project or workspace whose webhooks the credential may not see.</summary>
    public bool AboveDenied { get; init; }
}

/// <summary>A webhook that is not as wanted.</summary>
/// <param name="Place">Where, for people.</param>
/// <param name="Webhook">Name of the entry in spec.webhooks; null when it concerns all of them.</param>
/// <param name="Fault">Why.</param>
public sealed record WebhookFailure(string Place, string? Webhook, Fault Fault)
{
    /// <summary>Stands for all selected repositories, where the fault lies in the spec's entry.</summary>
    public const string Everywhere = "*/*";

    /// <summary>What kind of place it is.</summary>
    public Api.V1Alpha1.WebhookLevel Level { get; init; } = Api.V1Alpha1.WebhookLevel.Repository;

    /// <summary>A failure at a place.</summary>
    public static WebhookFailure At(WebhookPlace place, string? webhook, Fault fault) => new(place.Name, webhook, fault) { Level = place.Level };
}
