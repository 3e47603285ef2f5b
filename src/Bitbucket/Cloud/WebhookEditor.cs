using BitbucketOperator.Core;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>Webhooks of repositories. Every call needs the right to administer the repository, reading too.</summary>
internal sealed class WebhookEditor(ApiSession session, Pages pages, string workspace)
{
    public async Task<IReadOnlyList<Webhook>> ListAsync(RepositoryName repository, CancellationToken cancellationToken)
    {
        var call = CallOf(Operation.ListWebhooks, repository);
        var found = new Dictionary<string, Webhook>(StringComparer.Ordinal);
        await foreach (var row in pages.ReadAsync(call, session.Urls.Webhooks(repository.Slug), CloudJson.Default.WirePageWireWebhook, cancellationToken))
        {
            if (!WebhookJson.IsOfRepository(row)) continue;
            var webhook = WebhookJson.Read(row) ?? throw Pages.Incomplete(call, "a webhook has no uuid");
            found.TryAdd(webhook.Id, webhook);
        }

        return [.. found.Values];
    }

    public Task<Webhook> CreateAsync(RepositoryName repository, WebhookDefinition definition, CancellationToken cancellationToken) =>
        WriteAsync(
            CallOf(Operation.CreateWebhook, repository), HttpMethod.Post, session.Urls.NewWebhook(repository.Slug), WebhookJson.Write(definition), definition, cancellationToken);

    /// <summary>The secret cannot be read, so it is always written; to take one away, it has to be known that there is one.</summary>
    public async Task<Webhook> UpdateAsync(
        RepositoryName repository, string id, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        var call = CallOf(Operation.UpdateWebhook, repository);
        var uri = session.Urls.Webhook(repository.Slug, id);
        var body = definition.Secret is null && await HasSecretAsync(call, uri, cancellationToken)
            ? WebhookJson.WriteWithoutSecret(definition)
            : WebhookJson.Write(definition);
        return await WriteAsync(call, HttpMethod.Put, uri, body, definition, cancellationToken);
    }

    public Task DeleteAsync(RepositoryName repository, string id, CancellationToken cancellationToken) =>
        session.SendAsync(
            CallOf(Operation.DeleteWebhook, repository), HttpMethod.Delete, session.Urls.Webhook(repository.Slug, id), body: null, cancellationToken);

    private async Task<bool> HasSecretAsync(RestCall call, Uri uri, CancellationToken cancellationToken) =>
        (await session.GetAsync(call, uri, CloudJson.Default.WireWebhook, cancellationToken)).SecretSet ?? false;

    private async Task<Webhook> WriteAsync(
        RestCall call, HttpMethod method, Uri uri, byte[] body, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        SecretText[] secrets = definition.Secret is { } secret ? [secret] : [];
        var answer = await session.SendAsync(call, method, uri, body, cancellationToken, secrets);
        var row = ApiSession.Read(call, answer, CloudJson.Default.WireWebhook);
        return WebhookJson.Read(row) ?? throw new FaultException(FaultTable.Unreadable(call));
    }

    private RestCall CallOf(Operation operation, RepositoryName repository) => new(operation, workspace, repository.Project, repository);
}
