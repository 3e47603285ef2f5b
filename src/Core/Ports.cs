namespace BitbucketOperator.Core;

/// <summary>Opens Bitbucket servers. Implemented by the Bitbucket project; one for the whole program.</summary>
public interface IBitbucketConnector
{
    /// <summary>
    /// Prepares to talk to a server; sends nothing yet. The result is for one pass: it remembers that a credential was
    /// refused and does not send it again.
    /// </summary>
    /// <exception cref="FaultException">
    /// The CA bundle holds no certificate (<c>CaBundleInvalid</c>), or the operator allows no connections to the host or the
    /// proxy (<c>HostNotAllowed</c>).
    /// </exception>
    IBitbucket Connect(ConnectionTarget target);
}

/// <summary>
/// One Bitbucket as one credential sees it, in the operator's own words. Every call throws
/// <see cref="FaultException"/> when it cannot do what it says, and <see cref="OperationCanceledException"/> only when
/// the caller cancels.
/// </summary>
public interface IBitbucket : IDisposable
{
    /// <summary>Asks whether the server runs, and what it is. Proves nothing about the credential.</summary>
    Task<ServerInfo> GetServerAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Proves the credential. An expired token that the server quietly serves as anonymous is a fault
    /// (<c>AnonymousFallback</c>), never an account.
    /// </summary>
    Task<Account> GetAccountAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Finds out what the credential may do, by what the server says of it and by a few small requests that change nothing.
    /// To be asked after <see cref="GetAccountAsync"/>. A capability that could not be tried is no fault: it is unknown.
    /// </summary>
    /// <param name="sample">A repository to try on; null when there is none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<CredentialReport> ExamineAsync(Repository? sample, CancellationToken cancellationToken);

    /// <summary>
    /// The repositories that the credential can see, archived, forked and personal ones included; of one project when
    /// <paramref name="project"/> is given, else of the whole server. Each repository once, although the listing is not a
    /// snapshot. Ends with a fault when a page is missing or makes no sense: what came before is then incomplete.
    /// </summary>
    IAsyncEnumerable<Repository> ListRepositoriesAsync(string? project, CancellationToken cancellationToken);

    /// <summary>One repository, for tokens that may not list.</summary>
    Task<Repository> GetRepositoryAsync(RepositoryName name, CancellationToken cancellationToken);

    /// <summary>
    /// All webhooks of a place itself, over all pages; none of what lies above or below it. A server that keeps no webhooks
    /// at that level is a fault (<c>LevelNotSupported</c>).
    /// </summary>
    Task<IReadOnlyList<Webhook>> ListWebhooksAsync(WebhookPlace place, CancellationToken cancellationToken);

    /// <summary>
    /// The webhooks that a repository inherits from its project, for credentials that may not look at the project itself; null
    /// where the server does not tell.
    /// </summary>
    Task<IReadOnlyList<Webhook>?> ListInheritedWebhooksAsync(Repository repository, CancellationToken cancellationToken);

    /// <summary>Creates a webhook. Not repeated after an unclear failure: the next pass looks first.</summary>
    Task<Webhook> CreateWebhookAsync(WebhookPlace place, WebhookDefinition definition, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a webhook be as defined, whatever it was; what the definition does not speak of (such as stored receiver
    /// credentials) is kept.
    /// </summary>
    Task<Webhook> UpdateWebhookAsync(WebhookPlace place, string id, WebhookDefinition definition, CancellationToken cancellationToken);

    /// <summary>Deletes a webhook; one that is gone already is no fault.</summary>
    Task DeleteWebhookAsync(WebhookPlace place, string id, CancellationToken cancellationToken);

    /// <summary>How the deliveries of a webhook went; null where the server does not tell, or knows no such webhook.</summary>
    Task<DeliveryHealth?> GetDeliveryHealthAsync(WebhookPlace place, string id, CancellationToken cancellationToken);

    /// <summary>
    /// Has the server send a test to a webhook's receiver. Yields why it failed, safe to show; null when the receiver answered
    /// well, and where the server has no such test.
    /// </summary>
    Task<string?> TestWebhookAsync(WebhookPlace place, string id, WebhookDefinition definition, CancellationToken cancellationToken);
}

/// <summary>All it takes to talk to a server.</summary>
/// <param name="Url">The server's root, with its context path; no trailing slash needed.</param>
/// <param name="Hosting">The flavour.</param>
/// <param name="Credential">What to log in with.</param>
/// <param name="CaBundle">PEM certificates to trust besides the system's; null for the system's alone.</param>
/// <param name="InsecureSkipVerify">Accept any server certificate.</param>
public sealed record ConnectionTarget(
    Uri Url,
    Api.V1Alpha1.Hosting Hosting,
    Credential Credential,
    string? CaBundle = null,
    bool InsecureSkipVerify = false)
{
    /// <summary>Cloud: the workspace's slug; null on Data Center.</summary>
    public string? Workspace { get; init; }

    /// <summary>The proxy to go through; null for the one of the operator's environment, or none.</summary>
    public ProxyTarget? Proxy { get; init; }

    /// <summary>The field of the resource that names the credential, for messages: <c>spec.auth</c> or <c>spec.webhookAuth</c>.</summary>
    public string CredentialField { get; init; } = "spec.auth";
}

/// <summary>An HTTP proxy.</summary>
/// <param name="Url">Its address.</param>
/// <param name="Username">Whom it knows us as; null when it asks nobody.</param>
/// <param name="Password">With the user name.</param>
public sealed record ProxyTarget(Uri Url, string? Username = null, SecretText? Password = null);

/// <summary>A server's own account of itself.</summary>
/// <param name="Version">Such as <c>9.4.2</c>; null on Cloud.</param>
/// <param name="DisplayName">The product name that it gives; <c>Bitbucket</c> unless an administrator changed it.</param>
public sealed record ServerInfo(string? Version, string? DisplayName);

/// <summary>Whom the server takes the credential for.</summary>
/// <param name="Name">The name as the server gives it; null when it proves a login but names nobody.</param>
public sealed record Account(string? Name);

/// <summary>A repository's address. Slugs and project keys compare without regard to case.</summary>
/// <param name="Project">The project key; <c>~name</c> for a personal one.</param>
/// <param name="Slug">The repository slug.</param>
public sealed record RepositoryName(string Project, string Slug)
{
    /// <summary>Reads <c>PROJECT/slug</c>; null when the text has another form.</summary>
    public static RepositoryName? Parse(string text) =>
        text.Split('/') is [{ Length: > 0 } project, { Length: > 0 } slug] ? new(project, slug) : null;

    /// <inheritdoc/>
    public bool Equals(RepositoryName? other) =>
        other is not null
        && string.Equals(Project, other.Project, StringComparison.OrdinalIgnoreCase)
        && string.Equals(Slug, other.Slug, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(
        StringComparer.OrdinalIgnoreCase.GetHashCode(Project), StringComparer.OrdinalIgnoreCase.GetHashCode(Slug));

    /// <summary><c>PROJECT/slug</c>.</summary>
    public override string ToString() => $"{Project}/{Slug}";
}

/// <summary>A repository as discovered.</summary>
/// <param name="Id">Stable over renames and moves.</param>
/// <param name="Name">Where it is now.</param>
/// <param name="Archived">Read-only for everybody.</param>
/// <param name="Fork">Has an origin.</param>
/// <param name="Personal">Lives in a user's own project.</param>
/// <param name="SelfLink">The first <c>self</c> link, to tell a misconfigured base URL; never called.</param>
public sealed record Repository(
    string Id, RepositoryName Name, bool Archived = false, bool Fork = false, bool Personal = false, string? SelfLink = null);

/// <summary>A webhook as found on the server.</summary>
/// <param name="Id">The server's id.</param>
/// <param name="Title">The name that people see.</param>
/// <param name="Marker">The text that the maker left; null when there is none.</param>
/// <param name="Url">Where deliveries go.</param>
/// <param name="Events">Event keys; a set, without order.</param>
/// <param name="Active">False when switched off.</param>
/// <param name="SslVerification">Whether the receiver's certificate is checked; null when the server does not say.</param>
/// <param name="Secret">What is known of its secret.</param>
public sealed record Webhook(
    string Id,
    string Title,
    string? Marker,
    string Url,
    IReadOnlySet<string> Events,
    bool Active,
    bool? SslVerification,
    WebhookSecret Secret);

/// <summary>What a server tells of a webhook's secret.</summary>
/// <param name="IsSet">There is one.</param>
/// <param name="Value">The secret in clear where the server shows it (Data Center); null where it does not.</param>
public sealed record WebhookSecret(bool IsSet, SecretText? Value)
{
    /// <summary>The webhook has no secret.</summary>
    public static WebhookSecret None { get; } = new(IsSet: false, Value: null);
}

/// <summary>A webhook as it must be.</summary>
/// <param name="Title">The name that people see.</param>
/// <param name="Marker">The text by which the operator knows its own.</param>
/// <param name="Url">Where deliveries go.</param>
/// <param name="Events">Native event keys.</param>
/// <param name="Active">False to keep it switched off.</param>
/// <param name="SslVerification">Whether the receiver's certificate is checked.</param>
/// <param name="Secret">The HMAC secret; null for none.</param>
public sealed record WebhookDefinition(
    string Title,
    string Marker,
    string Url,
    IReadOnlySet<string> Events,
    bool Active,
    bool SslVerification,
    SecretText? Secret);
