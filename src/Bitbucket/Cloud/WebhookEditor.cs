using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>Webhooks of repositories and of the workspace. Every call needs the right to administer the place, reading too.</summary>
internal sealed class WebhookEditor(ApiSession session, Pages pages, string workspace)
{
    public async Task<IReadOnlyList<Webhook>> ListAsync(WebhookScope scope, CancellationToken cancellationToken)
    {
        var call = CallOf(Operation.ListWebhooks, scope);
        var found = new Dictionary<string, Webhook>(StringComparer.Ordinal);
        await foreach (var row in pages.ReadAsync(call, session.Urls.Webhooks(scope), CloudJson.Default.WirePageWireWebhook, cancellationToken))
        {
            if (!WebhookJson.IsAt(scope.Kind, row)) continue;
            var webhook = WebhookJson.Read(row, session.Text) ?? throw Pages.Incomplete(call, "a webhook has no uuid that Bitbucket gives");
            found.TryAdd(webhook.Id, webhook);
        }

        return [.. found.Values];
    }

    public Task<Webhook> CreateAsync(WebhookScope scope, WebhookDefinition definition, CancellationToken cancellationToken) =>
        WriteAsync(
            CallOf(Operation.CreateWebhook, scope),
            HttpMethod.Post,
            session.Urls.NewWebhook(scope),
            WebhookJson.Write(definition),
            definition,
            cancellationToken);

    /// <summary>The secret cannot be read, so it is always written; to take one away, it has to be known that there is one.</summary>
    public async Task<Webhook> UpdateAsync(
        WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        var call = CallOf(Operation.UpdateWebhook, scope);
        var uri = session.Urls.Webhook(scope, id);
        var body = definition.Secret is null && await HasSecretAsync(call, uri, cancellationToken)
            ? WebhookJson.WriteWithoutSecret(definition)
            : WebhookJson.Write(definition);
        return await WriteAsync(call, HttpMethod.Put, uri, body, definition, cancellationToken);
    }

    public Task DeleteAsync(WebhookScope scope, string id, CancellationToken cancellationToken) =>
        session.SendAsync(
            CallOf(Operation.DeleteWebhook, scope), HttpMethod.Delete, session.Urls.Webhook(scope, id), body: null, cancellationToken);

    private async Task<bool> HasSecretAsync(RestCall call, Uri uri, CancellationToken cancellationToken) =>
        (await session.GetAsync(call, uri, CloudJson.Default.WireWebhook, cancellationToken)).SecretSet ?? false;

    private async Task<Webhook> WriteAsync(
        RestCall call, HttpMethod method, Uri uri, byte[] body, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        SecretText[] secrets =
            [.. definition.Secret is { } secret ? [secret] : Array.Empty<SecretText>(), .. ShownUrl.SecretsOf(definition.Url)];
        var answer = await session.SendAsync(call, method, uri, body, cancellationToken, secrets);
        var row = ApiSession.Read(call, answer, CloudJson.Default.WireWebhook);
        return WebhookJson.Read(row, session.Text) ?? throw new FaultException(FaultTable.Unreadable(call));
    }

    private RestCall CallOf(Operation operation, WebhookScope scope) => new(operation, workspace, scope.Repository?.Name.Project, scope.Repository?.Name);
}
