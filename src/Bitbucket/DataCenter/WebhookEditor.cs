using BitbucketOperator.Core;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>Webhooks of repositories. Every call needs REPO_ADMIN, reading too.</summary>
internal sealed class WebhookEditor(RestSession session, Pages pages)
{
    public async Task<IReadOnlyList<Webhook>> ListAsync(RepositoryName repository, CancellationToken cancellationToken)
    {
        var call = new RestCall(Operation.ListWebhooks, repository.Project, repository);
        var found = new Dictionary<string, Webhook>(StringComparer.Ordinal);
        await foreach (var row in pages.ReadAsync(call, PathOf(repository), WireJson.Default.WirePageJsonObject, cancellationToken))
        {
            if (!WebhookJson.IsOfRepository(row)) continue;
            var webhook = WebhookJson.Read(row) ?? throw Pages.Incomplete(call, "a webhook has no id");
            found.TryAdd(webhook.Id, webhook);
        }

        return [.. found.Values];
    }

    public Task<Webhook> CreateAsync(RepositoryName repository, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        var call = new RestCall(Operation.CreateWebhook, repository.Project, repository) { Events = definition.Events };
        return WriteAsync(call, HttpMethod.Post, PathOf(repository), WebhookJson.ToBytes(WebhookJson.Write(definition)), definition, cancellationToken);
    }

    public async Task<Webhook> UpdateAsync(
        RepositoryName repository, string id, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        var call = new RestCall(Operation.UpdateWebhook, repository.Project, repository) { Events = definition.Events };
        var path = PathOf(repository, id);
        var existing = await session.GetAsync(call, path, WireJson.Default.JsonObject, cancellationToken);
        var body = WebhookJson.ToBytes(WebhookJson.Write(definition, existing));
        return await WriteAsync(call, HttpMethod.Put, path, body, definition, cancellationToken);
    }

    public Task DeleteAsync(RepositoryName repository, string id, CancellationToken cancellationToken) =>
        session.SendAsync(
            new(Operation.DeleteWebhook, repository.Project, repository), HttpMethod.Delete, PathOf(repository, id), body: null, cancellationToken);

    private async Task<Webhook> WriteAsync(
        RestCall call, HttpMethod method, string path, byte[] body, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        SecretText[] secrets = definition.Secret is { } secret ? [secret] : [];
        var answer = await session.SendAsync(call, method, path, body, cancellationToken, secrets);
        var json = RestSession.Read(call, answer, WireJson.Default.JsonObject);
        return WebhookJson.Read(json) ?? throw new FaultException(FaultTable.Unreadable(call));
    }

    private static string PathOf(RepositoryName repository) => $"{RepositoryReader.PathOf(repository)}/webhooks";

    private static string PathOf(RepositoryName repository, string id) => $"{PathOf(repository)}/{ServerUrls.Segment(id)}";
}
