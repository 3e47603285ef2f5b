using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>Bitbucket Data Center and Server, 7.14 and later.</summary>
internal sealed class DataCenterBitbucket(RestSession session, BitbucketOptions options) : IBitbucket
{
    private static readonly ServerVersion ProjectKeyFilter = new(8, 0, 0);
    private const string Server = "the server";
    private readonly Pages _pages = new(session, options.MaxPages);
    private HttpAnswer? _properties;
    private ServerVersion? _version;

    public async Task<ServerInfo> GetServerAsync(CancellationToken cancellationToken)
    {
        await CheckStatusAsync(cancellationToken);
        var answer = await session.SendAsync(HttpMethod.Get, "application-properties", body: null, cancellationToken);
        _properties = answer;
        if (answer.Status == HttpStatusCode.Unauthorized)
        {
            answer = await session.SendAnonymouslyAsync(session.Urls.Rest("application-properties"), cancellationToken);
        }

        if (!answer.Succeeded && answer.Status != HttpStatusCode.Unauthorized)
        {
            throw new FaultException(session.FaultOf(answer, Operation.Properties, Server));
        }

        var properties = RestSession.TryRead(answer, WireJson.Default.WireProperties);
        if (answer.Succeeded && string.IsNullOrEmpty(properties?.Version))
        {
            throw session.Unreadable(answer, Operation.Properties, Server);
        }

        _version = ServerVersion.TryParse(properties?.Version, out var version) ? version : null;
        return new ServerInfo(properties?.Version, properties?.DisplayName);
    }

    public async Task<Account> GetAccountAsync(CancellationToken cancellationToken)
    {
        var properties = _properties ??= await session.SendAsync(HttpMethod.Get, "application-properties", body: null, cancellationToken);
        if (properties.Status == HttpStatusCode.Unauthorized && RestSession.UserOf(properties) is null)
        {
            throw new FaultException(session.FaultOf(properties, Operation.Properties, Server));
        }

        if (RestSession.UserOf(properties) is { } name)
        {
            return new Account(name);
        }

        // No name: a proxy may strip the header, or the server took us for anonymous. Only a login may ask this.
        var recent = await session.SendAsync(HttpMethod.Get, "profile/recent/repos?limit=1", body: null, cancellationToken);
        if (recent.Status == HttpStatusCode.Unauthorized && RestSession.UserOf(recent) is null)
        {
            _ = session.FaultOf(recent, Operation.Identity, Server);
            throw new FaultException(Fault.Waiting(
                Reasons.AnonymousFallback,
                "the server treats the credential of spec.auth.secretRef as anonymous: it is expired or revoked. Put a new one into the Secret"));
        }

        session.Read(recent, WireJson.Default.JsonObject, Operation.Identity, Server);
        return new Account(RestSession.UserOf(recent));
    }

    public async IAsyncEnumerable<Repository> ListRepositoriesAsync(
        string? project, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var byFilter = _version >= ProjectKeyFilter;
        var path = project switch
        {
            null => "repos?archived=ALL",
            _ when byFilter => $"repos?archived=ALL&projectkey={Uri.EscapeDataString(project)}",
            _ => $"{ServerUrls.Project(project)}/repos",
        };
        var subject = project is null ? "the repositories" : $"project {project}";
        var seen = new HashSet<long>();
        await foreach (var wire in _pages.ReadAsync(path, WireJson.Default.WirePageWireRepository, Operation.ListRepositories, subject, cancellationToken))
        {
            // A server that does not know the filter lists everything.
            var wanted = project is null || string.Equals(wire.Project?.Key, project, StringComparison.OrdinalIgnoreCase);
            if (wanted && IsUsable(wire) && seen.Add(wire.Id))
            {
                yield return ToRepository(wire);
            }
        }

        if (project is not null && byFilter && seen.Count == 0)
        {
            await session.GetAsync(ServerUrls.Project(project), WireJson.Default.JsonObject, Operation.ReadProject, subject, cancellationToken);
        }
    }

    public async Task<Repository> GetRepositoryAsync(RepositoryName name, CancellationToken cancellationToken) =>
        ToRepository(await session.GetAsync(
            ServerUrls.Repository(name), WireJson.Default.WireRepository, Operation.ReadRepository, $"repository {name}", cancellationToken));

    public async Task<IReadOnlyList<Webhook>> ListWebhooksAsync(RepositoryName repository, CancellationToken cancellationToken)
    {
        var webhooks = new Dictionary<long, Webhook>();
        var pages = _pages.ReadAsync(ServerUrls.Webhooks(repository), WireJson.Default.WirePageWireWebhook, Operation.ReadWebhooks, repository.ToString(), cancellationToken);
        await foreach (var wire in pages)
        {
            webhooks.TryAdd(wire.Id, ToWebhook(wire));
        }

        return [.. webhooks.Values];
    }

    public Task<Webhook> CreateWebhookAsync(RepositoryName repository, WebhookDefinition definition, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Post, ServerUrls.Webhooks(repository), new JsonObject(), repository, definition, cancellationToken);

    public async Task<Webhook> UpdateWebhookAsync(
        RepositoryName repository, string id, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        // PUT replaces: what is not sent back is lost.
        var path = $"{ServerUrls.Webhooks(repository)}/{Uri.EscapeDataString(id)}";
        var current = await session.GetAsync(path, WireJson.Default.JsonObject, Operation.ReadWebhooks, repository.ToString(), cancellationToken);
        return await WriteAsync(HttpMethod.Put, path, current, repository, definition, cancellationToken);
    }

    public async Task DeleteWebhookAsync(RepositoryName repository, string id, CancellationToken cancellationToken)
    {
        var path = $"{ServerUrls.Webhooks(repository)}/{Uri.EscapeDataString(id)}";
        var answer = await session.SendAsync(HttpMethod.Delete, path, body: null, cancellationToken);
        if (answer.Status != HttpStatusCode.NotFound)
        {
            session.Check(answer, Operation.WriteWebhook, repository.ToString());
        }
    }

    public void Dispose()
    {
        // The connections belong to the client factory.
    }

    private async Task CheckStatusAsync(CancellationToken cancellationToken)
    {
        var answer = await session.SendAnonymouslyAsync(session.Urls.Status, cancellationToken);
        var fault = RestSession.TryRead(answer, WireJson.Default.WireStatus)?.State switch
        {
            "STARTING" or "FIRST_RUN" => Fault.Transient(Reasons.ServerStarting, "the server says that it is starting"),
            "MAINTENANCE" => Fault.Transient(Reasons.ServerInMaintenance, "the server says that it is in maintenance"),
            "ERROR" => Fault.Transient(Reasons.ServerError, "the server says that it is in error: its administrator finds more in its log"),
            _ => null,
        };
        if (fault is not null)
        {
            throw new FaultException(fault);
        }
    }

    private async Task<Webhook> WriteAsync(
        HttpMethod method, string path, JsonObject body, RepositoryName repository, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        Fill(body, definition);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, WireJson.Default.JsonObject);
        var answer = await session.SendAsync(method, path, bytes, cancellationToken);
        return ToWebhook(session.Read(answer, WireJson.Default.WireWebhook, Operation.WriteWebhook, repository.ToString(), definition.Secret));
    }

    private static void Fill(JsonObject body, WebhookDefinition definition)
    {
        body["name"] = definition.Title;
        body["url"] = definition.Url;
        body["active"] = definition.Active;
        body["sslVerificationRequired"] = definition.SslVerification;
        body["events"] = new JsonArray([.. definition.Events.Order(StringComparer.Ordinal).Select(e => (JsonNode)JsonValue.Create(e))]);
        if (body["configuration"] is not JsonObject configuration)
        {
            body["configuration"] = configuration = new JsonObject();
        }

        configuration["createdBy"] = definition.Marker;

        // An empty secret is answered with 500: none means that the field is not there.
        configuration.Remove("secret");
        if (definition.Secret is { } secret)
        {
            configuration["secret"] = secret.Reveal();
        }
    }

    // One that is still being made, or could not be made, has no webhooks to manage yet.
    private static bool IsUsable(WireRepository wire) =>
        wire is { Slug: not null, Project.Key: not null } && wire.State is null or "AVAILABLE" or "OFFLINE";

    private static Repository ToRepository(WireRepository wire) => new(
        wire.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
        new RepositoryName(wire.Project?.Key ?? "", wire.Slug ?? ""),
        wire.Archived ?? false,
        wire.Origin is { ValueKind: JsonValueKind.Object },
        wire.Project?.Type == "PERSONAL" || (wire.Project?.Key?.StartsWith('~') ?? false),
        wire.Links?.Self is [{ Href: { } href }, ..] ? href : null);

    private static Webhook ToWebhook(WireWebhook wire) => new(
        wire.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
        wire.Name ?? "",
        wire.Configuration?.CreatedBy,
        wire.Url ?? "",
        (wire.Events ?? []).ToHashSet(StringComparer.Ordinal),
        wire.Active ?? true,
        wire.SslVerificationRequired,
        string.IsNullOrEmpty(wire.Configuration?.Secret) ? WebhookSecret.None : new WebhookSecret(IsSet: true, new SecretText(wire.Configuration.Secret)));
}
