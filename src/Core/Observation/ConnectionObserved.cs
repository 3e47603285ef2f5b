using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Observation;

/// <summary>
/// Everything that a reconcile read, absence included. A step that was not reached is null; a step that failed holds its fault.
/// </summary>
public sealed record ConnectionObserved
{
    /// <summary>When the reconcile began.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>When the server was read; null for a reconcile that read it itself.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>The listing of repositories goes on; so many were found so far. Null when it does not.</summary>
    public int? DiscoveredSoFar { get; init; }

    /// <summary>How long that listing waits before it goes on; null when it does not go on.</summary>
    public TimeSpan? DiscoveryWait { get; init; }

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
    /// True when the reconcile got as far as the webhooks: it was told which repositories there are, and had a login. What it
    /// found on repositories is worth remembering only then.
    /// </summary>
    public bool ReachesWebhooks => RepositoryListing is { IsUsable: true } && WebhookLoginFault is null;

    /// <summary>The repositories.</summary>
    public RepositoryListing? RepositoryListing { get; init; }

    /// <summary>Which of them the rules select.</summary>
    public RepositorySelection? Selection { get; init; }

    /// <summary>The webhooks that spec.webhooks asks for.</summary>
    public IReadOnlyList<DesiredWebhook> Desired { get; init; } = [];

    /// <summary>
    /// What is remembered of scopes that nobody looked at holds until somebody does. False once another credential is used, which may see
    /// less, or more.
    /// </summary>
    public bool AssumesWhatIsKnown { get; init; }

    /// <summary>When the request for a full reconcile was seen that is being answered; a scope that was read before is read again.</summary>
    public DateTimeOffset RequestSeenAt { get; init; }

    /// <summary>What syncs found in each scope, by id. It grows while syncs run.</summary>
    public IReadOnlyDictionary<string, ScopeCheck> Checks { get; init; } = new Dictionary<string, ScopeCheck>(StringComparer.Ordinal);
}
