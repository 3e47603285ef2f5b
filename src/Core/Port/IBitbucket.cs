namespace BitbucketOperator.Core.Port;

/// <summary>Opens Bitbucket servers. Implemented by the Bitbucket project; one for the whole program.</summary>
public interface IBitbucketConnector
{
    /// <summary>
    /// Prepares to talk to a server; sends nothing yet. The result is for one reconcile: it remembers that a credential was
    /// refused and does not send it again. A refusal for webhooks counts only if the login is refused too; else it is a fault of
    /// its scope (<c>WebhookCredentialRejected</c>).
    /// </summary>
    /// <exception cref="FaultException">
    /// The CA bundle holds no certificate (<c>CaBundleInvalid</c>), or the operator allows no connections to the host or the
    /// proxy (<c>HostNotAllowed</c>).
    /// </exception>
    /// <param name="target">The server, and as whom.</param>
    /// <param name="other">Another credential of the same connection, which answers must not repeat either; null for none.</param>
    IBitbucket Connect(ConnectionTarget target, Credential? other = null);
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
    /// To be asked after <see cref="GetAccountAsync"/>. A capability that could not be tried is unknown, which is not an error.
    /// </summary>
    /// <param name="sample">A repository to try on; null when there is none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<CredentialReport> ExamineAsync(Repository? sample, CancellationToken cancellationToken);

    /// <summary>
    /// The repositories that the credential can see, archived, forked and personal ones included; of one project when
    /// <paramref name="project"/> is given, else of the whole server. Nothing is sent before a page is asked for.
    /// </summary>
    IRepositoryPages ListRepositories(string? project);

    /// <summary>One repository, for tokens that may not list.</summary>
    Task<Repository> GetRepositoryAsync(RepositoryName name, CancellationToken cancellationToken);

    /// <summary>
    /// All webhooks of a scope itself, over all pages; none of what lies above or below it. A server that keeps no webhooks
    /// at that level is a fault (<c>LevelNotSupported</c>).
    /// </summary>
    Task<IReadOnlyList<Webhook>> ListWebhooksAsync(WebhookScope scope, CancellationToken cancellationToken);

    /// <summary>
    /// The webhooks that a repository inherits from its project, for credentials that may not look at the project itself; null
    /// where the server does not tell.
    /// </summary>
    Task<IReadOnlyList<Webhook>?> ListInheritedWebhooksAsync(Repository repository, CancellationToken cancellationToken);

    /// <summary>Creates a webhook. Not repeated after an unclear failure: the next reconcile looks first.</summary>
    Task<Webhook> CreateWebhookAsync(WebhookScope scope, WebhookDefinition definition, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a webhook be as defined, whatever it was; what the definition does not speak of (such as stored receiver
    /// credentials) is kept.
    /// </summary>
    Task<Webhook> UpdateWebhookAsync(WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken);

    /// <summary>Deletes a webhook. Succeeds when it does not exist.</summary>
    Task DeleteWebhookAsync(WebhookScope scope, string id, CancellationToken cancellationToken);

    /// <summary>How the deliveries of a webhook went; null where the server does not tell, or knows no such webhook.</summary>
    Task<DeliveryHealth?> GetDeliveryHealthAsync(WebhookScope scope, string id, CancellationToken cancellationToken);

    /// <summary>
    /// Has the server send a test to a webhook's receiver. Returns why it failed, safe to show; null when the receiver answered
    /// well, and where the server has no such test.
    /// </summary>
    Task<string?> TestWebhookAsync(WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken);

    /// <summary>
    /// Reserves requests with the server's rate limiter, all of them at once or none, without waiting. Requests beyond the
    /// reservation are charged and not held up, unless the server answers 429 meanwhile. Everything that is sent without a
    /// reservation is charged as <see cref="WorkClass.Discovery"/> and fails with <c>RateLimited</c> when no request is left.
    /// </summary>
    /// <param name="cost">How many requests the work may need, such as all reads and writes of one scope.</param>
    /// <param name="workClass">What the work is for.</param>
    /// <param name="wait">With null: how long until asking again is worth it, never zero. Else zero.</param>
    /// <returns>
    /// The same server, whose requests the reservation pays for; disposing it gives back what was not sent and leaves this one
    /// open, which must live longer. Null when the requests are not available now.
    /// </returns>
    IBitbucket? TryReserve(RequestCost cost, WorkClass workClass, out TimeSpan wait);

    /// <summary>
    /// Tells the server's rate limiter what a connection asks of the account, and what the limit makes of it. Holds until it is
    /// told again, or a long time has passed. Sends nothing.
    /// </summary>
    /// <param name="connection">Which, by a name of its own.</param>
    /// <param name="work">What it asks.</param>
    Outlook Foresee(string connection, Workload work);
}
