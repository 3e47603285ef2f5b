using System.Globalization;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Cli.DryRun;

/// <summary>
/// The webhooks that connections of one run would create and change: the connections that are looked at after them find these, as in
/// a cluster. Nothing is written.
/// </summary>
internal sealed class PlannedWebhooks
{
    private readonly Dictionary<(string Server, string Scope), List<Webhook>> _planned = [];
    private int _ids;

    /// <summary>Takes in what a connection would do.</summary>
    public void Add(ReconcileOutcome outcome)
    {
        var server = outcome.Connection.Spec.ServerKey;
        foreach (var change in outcome.Observed.Checks.Values.SelectMany(c => c.Planned).Where(c => c.Desired is not null))
        {
            var key = (server, change.Scope.Id);
            if (!_planned.TryGetValue(key, out var webhooks))
            {
                _planned[key] = webhooks = [];
            }

            var webhook = ToWebhook(change);
            webhooks.RemoveAll(w => w.Id == webhook.Id);
            webhooks.Add(webhook);
        }
    }

    /// <summary>The webhooks of a scope as they would be.</summary>
    public IReadOnlyList<Webhook> Over(ConnectionSpec spec, WebhookScope scope, IReadOnlyList<Webhook> found)
    {
        if (!_planned.TryGetValue((spec.ServerKey, scope.Id), out var planned))
        {
            return found;
        }

        var changed = planned.Select(w => w.Id).ToHashSet(StringComparer.Ordinal);
        return [.. found.Where(w => !changed.Contains(w.Id)), .. planned];
    }

    private Webhook ToWebhook(WebhookChange change)
    {
        var desired = change.Desired!;
        var id = change.Current?.Id ?? string.Create(CultureInfo.InvariantCulture, $"planned-{++_ids}");
        return new Webhook(
            id, desired.Title, desired.Marker, desired.Url, desired.Events, desired.Active, desired.SslVerification,
            new WebhookSecret(desired.Secret is not null, desired.Secret))
        {
            CreatedAt = change.Current?.CreatedAt,
        };
    }
}

/// <summary>A connector whose servers have the planned webhooks too.</summary>
internal sealed class PlannedConnector(IBitbucketConnector connector, ConnectionSpec spec, PlannedWebhooks planned) : IBitbucketConnector
{
    public IBitbucket Connect(ConnectionTarget target, Credential? other = null) =>
        new PlannedBitbucket(connector.Connect(target, other), spec, planned);

    private sealed class PlannedBitbucket(IBitbucket bitbucket, ConnectionSpec spec, PlannedWebhooks planned) : IBitbucket
    {
        public Task<ServerInfo> GetServerAsync(CancellationToken cancellationToken) => bitbucket.GetServerAsync(cancellationToken);

        public Task<Account> GetAccountAsync(CancellationToken cancellationToken) => bitbucket.GetAccountAsync(cancellationToken);

        public Task<CredentialReport> ExamineAsync(Repository? sample, CancellationToken cancellationToken) =>
            bitbucket.ExamineAsync(sample, cancellationToken);

        public IRepositoryPages ListRepositories(string? project) => bitbucket.ListRepositories(project);

        public Task<Repository> GetRepositoryAsync(RepositoryName name, CancellationToken cancellationToken) =>
            bitbucket.GetRepositoryAsync(name, cancellationToken);

        public async Task<IReadOnlyList<Webhook>> ListWebhooksAsync(WebhookScope scope, CancellationToken cancellationToken) =>
            planned.Over(spec, scope, await bitbucket.ListWebhooksAsync(scope, cancellationToken));

        public async Task<IReadOnlyList<Webhook>?> ListInheritedWebhooksAsync(Repository repository, CancellationToken cancellationToken) =>
            await bitbucket.ListInheritedWebhooksAsync(repository, cancellationToken) is { } found
                && WebhookScope.ProjectLevelOf(repository, spec.Workspace) is { } scope
                ? planned.Over(spec, scope, found)
                : null;

        public Task<Webhook> CreateWebhookAsync(WebhookScope scope, WebhookDefinition definition, CancellationToken cancellationToken) =>
            bitbucket.CreateWebhookAsync(scope, definition, cancellationToken);

        public Task<Webhook> UpdateWebhookAsync(WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken) =>
            bitbucket.UpdateWebhookAsync(scope, id, definition, cancellationToken);

        public Task DeleteWebhookAsync(WebhookScope scope, string id, CancellationToken cancellationToken) =>
            bitbucket.DeleteWebhookAsync(scope, id, cancellationToken);

        public Task<DeliveryHealth?> GetDeliveryHealthAsync(WebhookScope scope, string id, CancellationToken cancellationToken) =>
            bitbucket.GetDeliveryHealthAsync(scope, id, cancellationToken);

        public Task<string?> TestWebhookAsync(WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken) =>
            bitbucket.TestWebhookAsync(scope, id, definition, cancellationToken);

        public IBitbucket? TryReserve(RequestCost cost, WorkClass workClass, out TimeSpan wait) =>
            bitbucket.TryReserve(cost, workClass, out wait) is { } reserved ? new PlannedBitbucket(reserved, spec, planned) : null;

        public Outlook Foresee(string connection, Workload work) => bitbucket.Foresee(connection, work);

        public void Dispose() => bitbucket.Dispose();
    }
}
