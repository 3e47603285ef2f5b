using BitbucketOperator.Core;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>Webhooks of repositories and projects. Every call needs REPO_ADMIN or PROJECT_ADMIN, reading too.</summary>
internal sealed class WebhookEditor(RestSession session, Pages pages)
{
    public async Task<IReadOnlyList<Webhook>> ListAsync(WebhookPlace place, CancellationToken cancellationToken)
    {
        var call = CallOf(Operation.ListWebhooks, place);
        var found = new Dictionary<string, Webhook>(StringComparer.Ordinal);
        await foreach (var row in pages.ReadAsync(call, PathOf(place), WireJson.Default.WirePageJsonObject, cancellationToken))
        {
            if (!WebhookJson.IsAt(place.Level, row)) continue;
            var webhook = WebhookJson.Read(row) ?? throw Pages.Incomplete(call, "a webhook has no id");
            found.TryAdd(webhook.Id, webhook);
        }

        return [.. found.Values];
    }

    public Task<Webhook> CreateAsync(WebhookPlace place, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        var call = CallOf(Operation.CreateWebhook, place) with { Events = definition.Events };
        return WriteAsync(call, HttpMethod.Post, PathOf(place), WebhookJson.ToBytes(WebhookJson.Write(definition)), definition, cancellationToken);
    }

    public async Task<Webhook> UpdateAsync(
        WebhookPlace place, string id, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        var call = CallOf(Operation.UpdateWebhook, place) with { Events = definition.Events };
        var path = PathOf(place, id);
        var existing = await session.GetAsync(call, path, WireJson.Default.JsonObject, cancellationToken);
        var body = WebhookJson.ToBytes(WebhookJson.Write(definition, existing));
        return await WriteAsync(call, HttpMethod.Put, path, body, definition, cancellationToken);
    }

    public Task DeleteAsync(WebhookPlace place, string id, CancellationToken cancellationToken) =>
        session.SendAsync(
            CallOf(Operation.DeleteWebhook, place), HttpMethod.Delete, PathOf(place, id), body: null, cancellationToken);

    private async Task<Webhook> WriteAsync(
        RestCall call, HttpMethod method, string path, byte[] body, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        SecretText[] secrets = definition.Secret is { } secret ? [secret] : [];
        var answer = await session.SendAsync(call, method, path, body, cancellationToken, secrets);
        var json = RestSession.Read(call, answer, WireJson.Default.JsonObject);
        return WebhookJson.Read(json) ?? throw new FaultException(FaultTable.Unreadable(call));
    }

    private static RestCall CallOf(Operation operation, WebhookPlace place) => new(operation, ProjectOf(place), place.Repository?.Name);

    private static string ProjectOf(WebhookPlace place) => place.Repository?.Name.Project ?? place.Name;

    private static string PathOf(WebhookPlace place) => place switch
    {
        { Repository: { } repository } => $"{RepositoryReader.PathOf(repository.Name)}/webhooks",
        { Level: WebhookLevel.Project } => $"projects/{ServerUrls.Segment(place.Name)}/webhooks",
        _ => throw new NotSupportedException($"Data Center keeps no webhooks on a {place.Level}."),
    };

    private static string PathOf(WebhookPlace place, string id) => $"{PathOf(place)}/{ServerUrls.Segment(id)}";
}
