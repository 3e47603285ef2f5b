using BitbucketOperator.Core;

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
    private ServerInfo? _server;

    public DataCenterBitbucket(RestSession session, BitbucketOptions options)
    {
        var pages = new Pages(session, options.MaxPages);
        _session = session;
        _probe = new(session);
        _examiner = new(session);
        _repositories = new(session, pages);
        _webhooks = new(session, pages, _repositories);
        _deliveries = new(session);
    }

    private ServerVersion? Version => ServerVersion.TryParse(_server?.Version, out var version) ? version : null;

    public async Task<ServerInfo> GetServerAsync(CancellationToken cancellationToken) =>
        _server = await _probe.GetServerAsync(cancellationToken);

    public async Task<Account> GetAccountAsync(CancellationToken cancellationToken)
    {
        if (_server is null) await GetServerAsync(cancellationToken);
        return await _probe.GetAccountAsync(cancellationToken);
    }

    public Task<CredentialReport> ExamineAsync(Repository? sample, CancellationToken cancellationToken) =>
        _examiner.ExamineAsync(sample?.Name, Version, cancellationToken);

    public IAsyncEnumerable<Repository> ListRepositoriesAsync(string? project, CancellationToken cancellationToken) =>
        _repositories.ListAsync(project, Version, cancellationToken);

    public Task<Repository> GetRepositoryAsync(RepositoryName name, CancellationToken cancellationToken) =>
        _repositories.GetAsync(name, cancellationToken);

    public Task<IReadOnlyList<Webhook>> ListWebhooksAsync(WebhookPlace place, CancellationToken cancellationToken) =>
        _webhooks.ListAsync(place, cancellationToken);

    public Task<IReadOnlyList<Webhook>?> ListInheritedWebhooksAsync(Repository repository, CancellationToken cancellationToken) =>
        _webhooks.ListInheritedAsync(repository, cancellationToken);

    public Task<Webhook> CreateWebhookAsync(WebhookPlace place, WebhookDefinition definition, CancellationToken cancellationToken) =>
        _webhooks.CreateAsync(place, definition, cancellationToken);

    public Task<Webhook> UpdateWebhookAsync(
        WebhookPlace place, string id, WebhookDefinition definition, CancellationToken cancellationToken) =>
        _webhooks.UpdateAsync(place, id, definition, cancellationToken);

    public Task DeleteWebhookAsync(WebhookPlace place, string id, CancellationToken cancellationToken) =>
        _webhooks.DeleteAsync(place, id, cancellationToken);

    public Task<DeliveryHealth?> GetDeliveryHealthAsync(WebhookPlace place, string id, CancellationToken cancellationToken) =>
        _deliveries.ReadAsync(place, id, cancellationToken);

    public Task<string?> TestWebhookAsync(WebhookPlace place, string id, WebhookDefinition definition, CancellationToken cancellationToken) =>
        _deliveries.TestAsync(place, id, definition, cancellationToken);

    public void Dispose() => _session.Dispose();
}
