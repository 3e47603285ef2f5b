using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>One workspace of Bitbucket Cloud. What a newcomer reads first in this folder.</summary>
internal sealed class CloudBitbucket : IBitbucket
{
    private readonly ApiSession _session;
    private readonly CredentialProbe _probe;
    private readonly CredentialExaminer _examiner;
    private readonly RepositoryReader _repositories;
    private readonly WebhookEditor _webhooks;
    private readonly string _workspace;
    private readonly BitbucketOptions _options;
    private ServerInfo? _server;

    public CloudBitbucket(ApiSession session, string workspace, BitbucketOptions options)
    {
        (_session, _workspace, _options) = (session, workspace, options);
        _probe = new(session, workspace);
        _examiner = new(session, _probe, workspace);
        _repositories = new(session, new Pages(session, options.MaxPages), workspace);
        _webhooks = new(session, new Pages(session, options.MaxWebhookPages), workspace);
    }

    public async Task<ServerInfo> GetServerAsync(CancellationToken cancellationToken) =>
        _server = await _probe.GetServerAsync(cancellationToken);

    public async Task<Account> GetAccountAsync(CancellationToken cancellationToken)
    {
        if (_server is null) await GetServerAsync(cancellationToken);
        return await _probe.GetAccountAsync(cancellationToken);
    }

    public Task<CredentialReport> ExamineAsync(Repository? sample, CancellationToken cancellationToken) =>
        _examiner.ExamineAsync(sample, cancellationToken);

    public IRepositoryPages ListRepositories(string? project) => _repositories.List(project);

    public Task<Repository> GetRepositoryAsync(RepositoryName name, CancellationToken cancellationToken) =>
        _repositories.GetAsync(name, cancellationToken);

    public Task<IReadOnlyList<Webhook>> ListWebhooksAsync(WebhookScope scope, CancellationToken cancellationToken) =>
        _webhooks.ListAsync(scope, cancellationToken);

    /// <summary>A repository does not tell what its workspace has.</summary>
    public Task<IReadOnlyList<Webhook>?> ListInheritedWebhooksAsync(Repository repository, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Webhook>?>(null);

    public Task<Webhook> CreateWebhookAsync(WebhookScope scope, WebhookDefinition definition, CancellationToken cancellationToken) =>
        _webhooks.CreateAsync(scope, definition, cancellationToken);

    public Task<Webhook> UpdateWebhookAsync(
        WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken) =>
        _webhooks.UpdateAsync(scope, id, definition, cancellationToken);

    public Task DeleteWebhookAsync(WebhookScope scope, string id, CancellationToken cancellationToken) =>
        _webhooks.DeleteAsync(scope, id, cancellationToken);

    /// <summary>The API tells nothing of deliveries.</summary>
    public Task<DeliveryHealth?> GetDeliveryHealthAsync(WebhookScope scope, string id, CancellationToken cancellationToken) =>
        Task.FromResult<DeliveryHealth?>(null);

    /// <summary>There is no such test.</summary>
    public Task<string?> TestWebhookAsync(WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(null);

    public IBitbucket? TryReserve(RequestCost cost, WorkClass workClass, out TimeSpan wait) =>
        _session.TryReserve(cost, workClass, out wait) is { } reserved ? new CloudBitbucket(reserved, _workspace, _options) { _server = _server } : null;

    public Outlook Foresee(string connection, Workload work) => _session.Foresee(connection, work);

    public void Dispose() => _session.Dispose();
}
