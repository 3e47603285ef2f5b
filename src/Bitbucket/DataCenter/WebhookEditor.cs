using System.Collections.Concurrent;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>Webhooks of repositories and projects. Every call needs REPO_ADMIN or PROJECT_ADMIN, reading too.</summary>
internal sealed class WebhookEditor(RestSession session, Pages pages, RepositoryReader repositories)
{
    // Projects that have another key by now, by their old place.
    private readonly ConcurrentDictionary<WebhookPlace, WebhookPlace> _renamed = new();

    public async Task<IReadOnlyList<Webhook>> ListAsync(WebhookPlace place, CancellationToken cancellationToken)
    {
        var call = CallOf(Operation.ListWebhooks, place);
        try
        {
            return await ListAsync(call, PathOf(place), place.Level, cancellationToken);
        }
        catch (FaultException e) when (e.Fault.Reason == Reasons.RedirectRefused && place.Level == WebhookLevel.Project)
        {
            if (await repositories.RenamedAsync(place.Name, cancellationToken) is not { } key) throw;
            var now = _renamed[place] = WebhookPlace.OfProject(key);
            return await ListAsync(call, PathOf(now), place.Level, cancellationToken);
        }
    }

    /// <summary>What a repository inherits from its project; null on servers without the search, which answer 404.</summary>
    public async Task<IReadOnlyList<Webhook>?> ListInheritedAsync(Repository repository, CancellationToken cancellationToken)
    {
        var place = WebhookPlace.Of(repository);
        try
        {
            return await ListAsync(CallOf(Operation.ListWebhooks, place), $"{PathOf(place)}/search?scopeType=project", WebhookLevel.Project, cancellationToken);
        }
        catch (FaultException e) when (e.Fault.Reason == Reasons.RepositoryNotFound)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<Webhook>> ListAsync(RestCall call, string path, WebhookLevel level, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, Webhook>(StringComparer.Ordinal);
        await foreach (var row in pages.ReadAsync(call, path, WireJson.Default.WirePageJsonObject, cancellationToken))
        {
            if (!WebhookJson.IsAt(level, row)) continue;
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
            CallOf(Operation.DeleteWebhook, place), HttpMethod.Delete, PathOf(_renamed.GetValueOrDefault(place, place), id), body: null, cancellationToken);

    private async Task<Webhook> WriteAsync(
        RestCall call, HttpMethod method, string path, byte[] body, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        SecretText[] secrets = definition.Secret is { } secret ? [secret] : [];
        var answer = await session.SendAsync(call, method, path, body, cancellationToken, secrets);
        var json = RestSession.Read(call, answer, WireJson.Default.JsonObject);
        return WebhookJson.Read(json) ?? throw new FaultException(FaultTable.Unreadable(call));
    }

    internal static RestCall CallOf(Operation operation, WebhookPlace place) => new(operation, ProjectOf(place), place.Repository?.Name);

    private static string ProjectOf(WebhookPlace place) => place.Repository?.Name.Project ?? place.Name;

    internal static string PathOf(WebhookPlace place) => place switch
    {
        { Repository: { } repository } => $"{RepositoryReader.PathOf(repository.Name)}/webhooks",
        { Level: WebhookLevel.Project } => $"projects/{ServerUrls.Segment(place.Name)}/webhooks",
        _ => throw new NotSupportedException($"Data Center keeps no webhooks on a {place.Level}."),
    };

    internal static string PathOf(WebhookPlace place, string id) => $"{PathOf(place)}/{ServerUrls.Segment(id)}";
}
