using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>Bitbucket Data Center and Server, 7.14 and later. What a newcomer reads first in this folder.</summary>
internal sealed class DataCenterBitbucket : IBitbucket
{
    private readonly RestSession _session;
    private readonly ServerProbe _probe;
    private readonly CredentialExaminer _examiner;
    private readonly RepositoryReader _repositories;
    private readonly WebhookEditor _webhooks;
    private readonly DeliveryReader _deliveries;
    private readonly BitbucketOptions _options;
    private readonly HostPrivacy _privacy;
    private readonly Uri? _proxy;
    private ServerInfo? _server;

    public DataCenterBitbucket(RestSession session, BitbucketOptions options, HostPrivacy privacy, Uri? proxy)
    {
        (_session, _options, _privacy, _proxy) = (session, options, privacy, proxy);
        _probe = new(session);
        _examiner = new(session);
        _repositories = new(session, new Pages(session, options.MaxPages));
        _webhooks = new(session, new Pages(session, options.MaxWebhookPages), _repositories);
        _deliveries = new(session);
    }

    private ServerVersion? Version => ServerVersion.TryParse(_server?.Version, out var version) ? version : null;

    public async Task<ServerInfo> GetServerAsync(CancellationToken cancellationToken) =>
        _server = await _privacy.AskAsync(_session.Urls.Status, _proxy, () => _probe.GetServerAsync(cancellationToken), cancellationToken);

    public async Task<Account> GetAccountAsync(CancellationToken cancellationToken)
    {
        if (_server is null) await GetServerAsync(cancellationToken);
        return await _probe.GetAccountAsync(cancellationToken);
    }

    public Task<CredentialReport> ExamineAsync(Repository? sample, CancellationToken cancellationToken) =>
        _examiner.ExamineAsync(sample?.Name, Version, cancellationToken);

    public IRepositoryPages ListRepositories(string? project) => _repositories.List(project, Version);

    public Task<Repository> GetRepositoryAsync(RepositoryName name, CancellationToken cancellationToken) =>
        _repositories.GetAsync(name, cancellationToken);

    public Task<IReadOnlyList<Webhook>> ListWebhooksAsync(WebhookScope scope, CancellationToken cancellationToken) =>
        _webhooks.ListAsync(scope, cancellationToken);

    public Task<IReadOnlyList<Webhook>?> ListInheritedWebhooksAsync(Repository repository, CancellationToken cancellationToken) =>
        _webhooks.ListInheritedAsync(repository, cancellationToken);

    public Task<Webhook> CreateWebhookAsync(WebhookScope scope, WebhookDefinition definition, CancellationToken cancellationToken) =>
        _webhooks.CreateAsync(scope, definition, cancellationToken);

    public Task<Webhook> UpdateWebhookAsync(
        WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken) =>
        _webhooks.UpdateAsync(scope, id, definition, cancellationToken);

    public Task DeleteWebhookAsync(WebhookScope scope, string id, CancellationToken cancellationToken) =>
        _webhooks.DeleteAsync(scope, id, cancellationToken);

    public Task<DeliveryHealth?> GetDeliveryHealthAsync(WebhookScope scope, string id, CancellationToken cancellationToken) =>
        _deliveries.ReadAsync(scope, id, cancellationToken);

    public Task<string?> TestWebhookAsync(WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken) =>
        _deliveries.TestAsync(scope, id, definition, cancellationToken);

    public IBitbucket? TryReserve(RequestCost cost, WorkClass workClass, out TimeSpan wait) =>
        _session.TryReserve(cost, workClass, out wait) is { } reserved
            ? new DataCenterBitbucket(reserved, _options, _privacy, _proxy) { _server = _server }
            : null;

    public Outlook Foresee(string connection, Workload work) => _session.Foresee(connection, work);

    public void Dispose() => _session.Dispose();
}
