namespace BitbucketOperator.Core.Api;

/// <summary>The condition types. The only place for these strings.</summary>
public static class ConditionTypes
{
    /// <summary>Everything that the spec asks for is so.</summary>
    public const string Ready = "Ready";

    /// <summary>Present, and True, only while the operator is getting there (kstatus).</summary>
    public const string Reconciling = "Reconciling";

    /// <summary>Present, and True, only while nothing but a new spec can help (kstatus).</summary>
    public const string Stalled = "Stalled";

    /// <summary>The server answers and is one that the operator can work with.</summary>
    public const string Reachable = "Reachable";

    /// <summary>The server takes the credential for somebody.</summary>
    public const string CredentialValid = "CredentialValid";

    /// <summary>The listing is complete and selects something.</summary>
    public const string RepositoriesDiscovered = "RepositoriesDiscovered";

    /// <summary>Every selected repository has exactly its webhooks.</summary>
    public const string WebhooksReady = "WebhooksReady";

    /// <summary>Present, and True, only while the credential's end is near.</summary>
    public const string CredentialExpiring = "CredentialExpiring";

    /// <summary>Every condition, in the order in which status lists them.</summary>
    public static IReadOnlyList<ConditionDefinition> InOrder { get; } =
    [
        new(Ready, Polarity.Positive),
        new(Reconciling, Polarity.Negative),
        new(Stalled, Polarity.Negative),
        new(Reachable, Polarity.Positive) { IsStage = true },
        new(CredentialValid, Polarity.Positive) { IsStage = true },
        new(RepositoriesDiscovered, Polarity.Positive) { IsStage = true },
        new(WebhooksReady, Polarity.Positive) { IsStage = true },
        new(CredentialExpiring, Polarity.Negative),
    ];

    /// <summary>The conditions that a reconcile works through, in its order; each needs those before it.</summary>
    public static IReadOnlyList<string> Stages { get; } = [.. InOrder.Where(c => c.IsStage).Select(c => c.Type)];

    /// <summary>Where status lists a condition; after all others where the type is not one of ours.</summary>
    public static int OrderOf(string type) => InOrder.TakeWhile(c => c.Type != type).Count();

    /// <summary>True for a condition whose True is nothing to be glad of. A type that is not one of ours is taken to be positive.</summary>
    public static bool IsNegative(string type) => InOrder.Any(c => c.Type == type && c.Polarity == Polarity.Negative);
}

/// <summary>A condition type, and how it is read.</summary>
/// <param name="Type">The type.</param>
/// <param name="Polarity">What True means.</param>
public sealed record ConditionDefinition(string Type, Polarity Polarity)
{
    /// <summary>One of the conditions that a reconcile works through.</summary>
    public bool IsStage { get; init; }
}

/// <summary>What True means.</summary>
public enum Polarity
{
    /// <summary>All is well. Such a condition is always there.</summary>
    Positive,

    /// <summary>Something is going on or wrong. Such a condition is there only while it is True.</summary>
    Negative,
}

/// <summary>A condition reason, and the condition that it belongs to.</summary>
/// <param name="Name">The word in status and events; CamelCase.</param>
/// <param name="Condition">One of <see cref="ConditionTypes"/>.</param>
public sealed record Reason(string Name, string Condition)
{
    /// <summary>The word alone.</summary>
    public override string ToString() => Name;
}

/// <summary>Every condition reason. The only place for these strings; docs/troubleshooting.md explains each.</summary>
public static class Reasons
{
    // Ready, Reconciling, Stalled. Ready also repeats the reason of the first condition that fails.

    /// <summary>All is as the spec asks.</summary>
    public static readonly Reason Succeeded = new("Succeeded", ConditionTypes.Ready);

    /// <summary>
    /// All is as the spec asks but for webhooks that the credential may not manage, on some of the repositories; or deliveries
    /// fail.
    /// </summary>
    public static readonly Reason Degraded = new("Degraded", ConditionTypes.Ready);

    /// <summary>spec.mode is Plan: all was looked at, what would change is reported, and nothing is changed.</summary>
    public static readonly Reason PlanOnly = new("PlanOnly", ConditionTypes.Ready);

    /// <summary>The pass has begun to change webhooks and is not through.</summary>
    public static readonly Reason Progressing = new("Progressing", ConditionTypes.Ready);

    /// <summary>spec.suspend is true: nothing is read or written.</summary>
    public static readonly Reason Suspended = new("Suspended", ConditionTypes.Ready);

    /// <summary>The resource is being deleted, and its webhooks cannot be removed now.</summary>
    public static readonly Reason CleanupBlocked = new("CleanupBlocked", ConditionTypes.Ready);

    /// <summary>The API server refuses what the operator asks for: its account lacks a right.</summary>
    public static readonly Reason ApiServerDenied = new("ApiServerDenied", ConditionTypes.Ready);

    /// <summary>The API server rejects what the operator writes, as too large or invalid.</summary>
    public static readonly Reason ApiServerRejected = new("ApiServerRejected", ConditionTypes.Ready);

    /// <summary>The API server is overloaded or does not answer, several times in a row.</summary>
    public static readonly Reason ApiServerUnavailable = new("ApiServerUnavailable", ConditionTypes.Ready);

    /// <summary>The reconcile ended in a defect of the operator, which its log describes.</summary>
    public static readonly Reason InternalError = new("InternalError", ConditionTypes.Ready);

    /// <summary>A pass failed and is tried again.</summary>
    public static readonly Reason ProgressingWithRetry = new("ProgressingWithRetry", ConditionTypes.Reconciling);

    /// <summary>A step before this one failed, so this one was not looked at.</summary>
    public static readonly Reason NotChecked = new("NotChecked", ConditionTypes.Ready);

    // Reachable

    /// <summary>The server answers.</summary>
    public static readonly Reason Connected = new("Connected", ConditionTypes.Reachable);

    /// <summary>No connection: name, route, port, time-out.</summary>
    public static readonly Reason ServerUnreachable = new("ServerUnreachable", ConditionTypes.Reachable);

    /// <summary>The server's certificate is not trusted.</summary>
    public static readonly Reason TlsUntrusted = new("TlsUntrusted", ConditionTypes.Reachable);

    /// <summary>The server answers 5xx.</summary>
    public static readonly Reason ServerError = new("ServerError", ConditionTypes.Reachable);

    /// <summary>The server says that it is starting.</summary>
    public static readonly Reason ServerStarting = new("ServerStarting", ConditionTypes.Reachable);

    /// <summary>The server says that it is in maintenance.</summary>
    public static readonly Reason ServerInMaintenance = new("ServerInMaintenance", ConditionTypes.Reachable);

    /// <summary>What answers at spec.url is not a Bitbucket.</summary>
    public static readonly Reason NotBitbucket = new("NotBitbucket", ConditionTypes.Reachable);

    /// <summary>A web page or other unreadable text came where JSON was due.</summary>
    public static readonly Reason UnexpectedAnswer = new("UnexpectedAnswer", ConditionTypes.Reachable);

    /// <summary>The server sends us elsewhere; redirects are not followed.</summary>
    public static readonly Reason RedirectRefused = new("RedirectRefused", ConditionTypes.Reachable);

    /// <summary>The server is older than 7.14.</summary>
    public static readonly Reason VersionNotSupported = new("VersionNotSupported", ConditionTypes.Reachable);

    /// <summary>The server asks for fewer requests.</summary>
    public static readonly Reason RateLimited = new("RateLimited", ConditionTypes.Reachable);

    /// <summary>spec.url is not a usable URL.</summary>
    public static readonly Reason InvalidUrl = new("InvalidUrl", ConditionTypes.Reachable);

    /// <summary>spec.url is http and the operator was not told to allow that.</summary>
    public static readonly Reason InsecureUrl = new("InsecureUrl", ConditionTypes.Reachable);

    /// <summary>A field asks for something that this version cannot do.</summary>
    public static readonly Reason NotSupported = new("NotSupported", ConditionTypes.Reachable);

    /// <summary>The object or key of spec.tls.caBundleRef is missing.</summary>
    public static readonly Reason CaBundleNotFound = new("CaBundleNotFound", ConditionTypes.Reachable);

    /// <summary>What spec.tls.caBundleRef names holds no certificate.</summary>
    public static readonly Reason CaBundleInvalid = new("CaBundleInvalid", ConditionTypes.Reachable);

    /// <summary>--allowed-hosts of the operator does not list the host of spec.url or spec.proxy.url.</summary>
    public static readonly Reason HostNotAllowed = new("HostNotAllowed", ConditionTypes.Reachable);

    /// <summary>The name leads to an address that the operator refuses to connect to, such as a loopback one.</summary>
    public static readonly Reason AddressNotAllowed = new("AddressNotAllowed", ConditionTypes.Reachable);

    /// <summary>The proxy cannot be reached, or does not let the request through.</summary>
    public static readonly Reason ProxyFailed = new("ProxyFailed", ConditionTypes.Reachable);

    /// <summary>The proxy asks for a user name and password, or refuses those that it got.</summary>
    public static readonly Reason ProxyAuthenticationRequired = new("ProxyAuthenticationRequired", ConditionTypes.Reachable);

    /// <summary>The Secret of spec.proxy.secretRef is missing, or it or what is in it cannot be used.</summary>
    public static readonly Reason ProxySecretInvalid = new("ProxySecretInvalid", ConditionTypes.Reachable);

    /// <summary>Bitbucket Cloud has removed an endpoint that this version of the operator calls.</summary>
    public static readonly Reason EndpointRemoved = new("EndpointRemoved", ConditionTypes.Reachable);

    /// <summary>The annotation bitbucketoperator.dev/owner-id holds no owner id, or one that another connection uses.</summary>
    public static readonly Reason InvalidOwnerId = new("InvalidOwnerId", ConditionTypes.Reachable);

    /// <summary>An annotation that the operator reads is longer than 256 characters.</summary>
    public static readonly Reason AnnotationTooLong = new("AnnotationTooLong", ConditionTypes.Reachable);

    // CredentialValid

    /// <summary>The server takes the credential for somebody.</summary>
    public static readonly Reason Authenticated = new("Authenticated", ConditionTypes.CredentialValid);

    /// <summary>The Secret of spec.auth.secretRef does not exist.</summary>
    public static readonly Reason SecretNotFound = new("SecretNotFound", ConditionTypes.CredentialValid);

    /// <summary>The Secret lacks a key that the auth type needs.</summary>
    public static readonly Reason SecretKeyMissing = new("SecretKeyMissing", ConditionTypes.CredentialValid);

    /// <summary>The Secret is made for another purpose, or lacks the label that the operator was told to look for.</summary>
    public static readonly Reason SecretNotAllowed = new("SecretNotAllowed", ConditionTypes.CredentialValid);

    /// <summary>A value in the Secret is empty.</summary>
    public static readonly Reason SecretValueEmpty = new("SecretValueEmpty", ConditionTypes.CredentialValid);

    /// <summary>A value in the Secret begins or ends with white space, or holds characters that no header can carry.</summary>
    public static readonly Reason SecretValueMalformed = new("SecretValueMalformed", ConditionTypes.CredentialValid);

    /// <summary>The server refuses the credential: wrong, expired or revoked.</summary>
    public static readonly Reason CredentialRejected = new("CredentialRejected", ConditionTypes.CredentialValid);

    /// <summary>The server ignored the credential and served us as anonymous.</summary>
    public static readonly Reason AnonymousFallback = new("AnonymousFallback", ConditionTypes.CredentialValid);

    /// <summary>The account must solve a CAPTCHA in a browser first.</summary>
    public static readonly Reason CaptchaRequired = new("CaptchaRequired", ConditionTypes.CredentialValid);

    /// <summary>The credential is of another kind than spec.auth.type says.</summary>
    public static readonly Reason WrongCredentialKind = new("WrongCredentialKind", ConditionTypes.CredentialValid);

    /// <summary>Atlassian has switched app passwords off.</summary>
    public static readonly Reason AppPasswordRemoved = new("AppPasswordRemoved", ConditionTypes.CredentialValid);

    // CredentialExpiring

    /// <summary>The credential ends within 14 days.</summary>
    public static readonly Reason ExpiresSoon = new("ExpiresSoon", ConditionTypes.CredentialExpiring);

    /// <summary>The time at which the credential ends has passed.</summary>
    public static readonly Reason ExpiryPassed = new("ExpiryPassed", ConditionTypes.CredentialExpiring);

    /// <summary>The key expiresAt of the credential's Secret holds no time.</summary>
    public static readonly Reason ExpiryUnreadable = new("ExpiryUnreadable", ConditionTypes.CredentialExpiring);

    // RepositoriesDiscovered

    /// <summary>The listing is complete.</summary>
    public static readonly Reason Discovered = new("Discovered", ConditionTypes.RepositoriesDiscovered);

    /// <summary>The listing is complete and holds nothing, or nothing that the rules select.</summary>
    public static readonly Reason NothingSelected = new("NothingSelected", ConditionTypes.RepositoriesDiscovered);

    /// <summary>A pattern of spec.discovery.include matches no repository.</summary>
    public static readonly Reason PatternMatchesNothing = new("PatternMatchesNothing", ConditionTypes.RepositoriesDiscovered);

    /// <summary>A project of spec.discovery.projects does not exist or cannot be seen.</summary>
    public static readonly Reason ProjectNotFound = new("ProjectNotFound", ConditionTypes.RepositoriesDiscovered);

    /// <summary>A repository does not exist or cannot be seen.</summary>
    public static readonly Reason RepositoryNotFound = new("RepositoryNotFound", ConditionTypes.RepositoriesDiscovered);

    /// <summary>The credential is good, and may not read this.</summary>
    public static readonly Reason ReadPermissionDenied = new("ReadPermissionDenied", ConditionTypes.RepositoriesDiscovered);

    /// <summary>The workspace does not exist, or the credential does not reach it.</summary>
    public static readonly Reason WorkspaceNotFound = new("WorkspaceNotFound", ConditionTypes.RepositoriesDiscovered);

    /// <summary>A page of the listing is missing or contradicts the one before.</summary>
    public static readonly Reason ListingIncomplete = new("ListingIncomplete", ConditionTypes.RepositoriesDiscovered);

    /// <summary>There are more repositories than the operator takes in for one connection.</summary>
    public static readonly Reason TooManyRepositories = new("TooManyRepositories", ConditionTypes.RepositoriesDiscovered);

    /// <summary>The listing lost so many repositories at once that it is doubted: no webhook is removed.</summary>
    public static readonly Reason InventorySuspect = new("InventorySuspect", ConditionTypes.RepositoriesDiscovered);

    // WebhooksReady

    /// <summary>Every selected repository has exactly its webhooks.</summary>
    public static readonly Reason InSync = new("InSync", ConditionTypes.WebhooksReady);

    /// <summary>spec.mode is Plan, and some webhooks are not as desired.</summary>
    public static readonly Reason ChangesPlanned = new("ChangesPlanned", ConditionTypes.WebhooksReady);

    /// <summary>spec.webhooks is empty.</summary>
    public static readonly Reason NoneDesired = new("NoneDesired", ConditionTypes.WebhooksReady);

    /// <summary>The credential may not manage webhooks on some repositories.</summary>
    public static readonly Reason WebhookPermissionDenied = new("WebhookPermissionDenied", ConditionTypes.WebhooksReady);

    /// <summary>Bitbucket refuses the credential for webhooks, although the login works.</summary>
    public static readonly Reason WebhookCredentialRejected = new("WebhookCredentialRejected", ConditionTypes.WebhooksReady);

    /// <summary>The credential may not see any more the webhooks that were all as desired when it last could.</summary>
    public static readonly Reason VerifiedBeforeDowngrade = new("VerifiedBeforeDowngrade", ConditionTypes.WebhooksReady);

    /// <summary>The server keeps no webhooks at the level that spec.webhooks asks for.</summary>
    public static readonly Reason LevelNotSupported = new("LevelNotSupported", ConditionTypes.WebhooksReady);

    /// <summary>The server does not know an event key.</summary>
    public static readonly Reason UnknownEvent = new("UnknownEvent", ConditionTypes.WebhooksReady);

    /// <summary>The server refuses the webhook for another reason.</summary>
    public static readonly Reason WebhookRejected = new("WebhookRejected", ConditionTypes.WebhooksReady);

    /// <summary>A webhook URL is http and the operator was not told to allow that.</summary>
    public static readonly Reason WebhookUrlInsecure = new("WebhookUrlInsecure", ConditionTypes.WebhooksReady);

    /// <summary>The Secret of a webhook's secretRef does not exist.</summary>
    public static readonly Reason WebhookSecretNotFound = new("WebhookSecretNotFound", ConditionTypes.WebhooksReady);

    /// <summary>The Secret of a webhook lacks the key.</summary>
    public static readonly Reason WebhookSecretKeyMissing = new("WebhookSecretKeyMissing", ConditionTypes.WebhooksReady);

    /// <summary>The secret of a webhook is empty or malformed, or its Secret may not be used.</summary>
    public static readonly Reason WebhookSecretInvalid = new("WebhookSecretInvalid", ConditionTypes.WebhooksReady);

    /// <summary>Bitbucket does not store what was written to a webhook.</summary>
    public static readonly Reason WebhookNotKept = new("WebhookNotKept", ConditionTypes.WebhooksReady);

    /// <summary>Somebody else writes to a webhook of this connection, again and again.</summary>
    public static readonly Reason WebhookOverwritten = new("WebhookOverwritten", ConditionTypes.WebhooksReady);

    /// <summary>Two entries of spec.webhooks have the same URL.</summary>
    public static readonly Reason WebhookUrlDuplicate = new("WebhookUrlDuplicate", ConditionTypes.WebhooksReady);

    /// <summary>Another connection keeps a webhook with the same URL on the repository.</summary>
    public static readonly Reason WebhookConflict = new("WebhookConflict", ConditionTypes.WebhooksReady);

    /// <summary>Somebody else's webhook has the same URL, and the adoption rule says to leave it.</summary>
    public static readonly Reason WebhookNotAdopted = new("WebhookNotAdopted", ConditionTypes.WebhooksReady);

    /// <summary>
    /// The latest deliveries of a webhook failed. Told in failures and events, and makes Ready True with Degraded: the webhook
    /// itself is as desired.
    /// </summary>
    public static readonly Reason DeliveriesFailing = new("DeliveriesFailing", ConditionTypes.WebhooksReady);

    /// <summary>Several repositories fail for different reasons.</summary>
    public static readonly Reason SeveralFailures = new("SeveralFailures", ConditionTypes.WebhooksReady);
}
