using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>Webhooks of repositories and projects. Every call needs REPO_ADMIN or PROJECT_ADMIN, reading too.</summary>
internal sealed class WebhookEditor(RestSession session, Pages pages, RepositoryReader repositories)
{
    // Projects that have another key by now, by their old place.
    private readonly ConcurrentDictionary<WebhookScope, WebhookScope> _renamed = new();

    public async Task<IReadOnlyList<Webhook>> ListAsync(WebhookScope scope, CancellationToken cancellationToken)
    {
        var call = CallOf(Operation.ListWebhooks, scope);
        try
        {
            return await ListAsync(call, PathOf(scope), scope.Kind, cancellationToken);
        }
        catch (FaultException e) when (e.Fault.Reason == Reasons.RedirectRefused && scope.Kind == ScopeKind.Project)
        {
            if (await repositories.RenamedAsync(scope.Name, cancellationToken) is not { } key) throw;
            var now = _renamed[scope] = WebhookScope.OfProject(key);
            return await ListAsync(call, PathOf(now), scope.Kind, cancellationToken);
        }
    }

    /// <summary>What a repository inherits from its project; null on servers without the search.</summary>
    public async Task<IReadOnlyList<Webhook>?> ListInheritedAsync(Repository repository, CancellationToken cancellationToken)
    {
        var scope = WebhookScope.Of(repository);
        try
        {
            return await ListAsync(
                CallOf(Operation.ListInheritedWebhooks, scope), $"{PathOf(scope)}/search?scopeType=project", ScopeKind.Project, cancellationToken);
        }
        catch (FaultException e) when (e.Fault.Reason == Reasons.LevelNotSupported || e.Fault.Reason == Reasons.RepositoryNotFound)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<Webhook>> ListAsync(RestCall call, string path, ScopeKind level, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, Webhook>(StringComparer.Ordinal);
        await foreach (var row in pages.ReadAsync(call, path, WireJson.Default.WirePageJsonObject, cancellationToken))
        {
            if (!WebhookJson.IsAt(level, row)) continue;
            var webhook = WebhookJson.Read(row, session.Text) ?? throw Pages.Incomplete(call, "a webhook has no id that Bitbucket gives");
            found.TryAdd(webhook.Id, webhook);
        }

        return [.. found.Values];
    }

    public async Task<Webhook> CreateAsync(WebhookScope scope, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        var call = CallOf(Operation.CreateWebhook, scope) with { Events = definition.Events };
        var sent = WebhookJson.Write(definition);
        var stored = await WriteAsync(call, HttpMethod.Post, PathOf(scope), sent, definition, cancellationToken);
        if (LacksConfiguration(stored)) stored["configuration"] = sent["configuration"]!.DeepClone();
        return Read(call, stored);
    }

    public async Task<Webhook> UpdateAsync(
        WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        var call = CallOf(Operation.UpdateWebhook, scope) with { Events = definition.Events };
        var path = PathOf(scope, id);
        var existing = await session.GetAsync(call, path, WireJson.Default.JsonObject, cancellationToken);
        var stored = await WriteAsync(call, HttpMethod.Put, path, WebhookJson.Write(definition, existing), definition, cancellationToken);
        if (LacksConfiguration(stored)) stored = await session.GetAsync(call, path, WireJson.Default.JsonObject, cancellationToken);
        return Read(call, stored);
    }

    public Task DeleteAsync(WebhookScope scope, string id, CancellationToken cancellationToken) =>
        session.SendAsync(
            CallOf(Operation.DeleteWebhook, scope), HttpMethod.Delete, PathOf(_renamed.GetValueOrDefault(scope, scope), id), body: null, cancellationToken);

    private async Task<JsonObject> WriteAsync(
        RestCall call, HttpMethod method, string path, JsonObject body, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        var answer = await session.SendAsync(call, method, path, WebhookJson.ToBytes(body), cancellationToken, SecretsOf(definition));
        return RestSession.Read(call, answer, WireJson.Default.JsonObject);
    }

    private Webhook Read(RestCall call, JsonObject json) =>
        WebhookJson.Read(json, session.Text) ?? throw new FaultException(FaultTable.Unreadable(call));

    // Bitbucket 10 stores the configuration, and most often answers without it. What a new webhook was sent is what it has until it is
    // read again; what becomes of one that had another configuration has to be seen.
    private static bool LacksConfiguration(JsonObject json) => json["configuration"] is not JsonObject { Count: > 0 };

    /// <summary>What of a webhook an answer must not repeat.</summary>
    internal static SecretText[] SecretsOf(WebhookDefinition definition) =>
        [.. definition.Secret is { } secret ? [secret] : Array.Empty<SecretText>(), .. ShownUrl.SecretsOf(definition.Url)];

    internal static RestCall CallOf(Operation operation, WebhookScope scope) => new(operation, ProjectOf(scope), scope.Repository?.Name);

    private static string ProjectOf(WebhookScope scope) => scope.Repository?.Name.Project ?? scope.Name;

    internal static string PathOf(WebhookScope scope) => scope switch
    {
        { Repository: { } repository } => $"{RepositoryReader.PathOf(repository.Name)}/webhooks",
        { Kind: ScopeKind.Project } => $"projects/{ServerUrls.Segment(scope.Name)}/webhooks",
        _ => throw new NotSupportedException($"Data Center keeps no webhooks on a {scope.Kind}."),
    };

    internal static string PathOf(WebhookScope scope, string id) => $"{PathOf(scope)}/{ServerUrls.Segment(id)}";
}
