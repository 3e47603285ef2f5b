using System.Net;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Tests.Cloud;

/// <summary>A small, well-known Cloud and shorthand to talk to it.</summary>
internal static class CloudGiven
{
    public const string Hooks = "repositories/acme/api/hooks";
    public const string WorkspaceHooks = "workspaces/acme/hooks";

    public static readonly string[] ApiScopes =
    [
        "read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "read:repository:bitbucket", "read:pullrequest:bitbucket",
        "read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket",
    ];

    /// <summary>
    /// Workspace acme with projects PLAT (api, empty without commits, fork of api) and OPEN (public pub); workspace other
    /// with X (vault). ada owns acme, ci is a member who reads all of it and administers api, eve is in other. Tokens of ada
    /// and ci have all API scopes, those of api, PLAT and acme the legacy ones; consumer key is acme's.
    /// </summary>
    public static async Task<CloudSimulator> CloudAsync(CloudOptions? options = null, Action<CloudWorld>? change = null)
    {
        var cloud = await CloudSimulator.StartAsync(options, TestContext.Current.CancellationToken);
        cloud.Change(Fill);
        if (change is not null) cloud.Change(change);
        return cloud;
    }

    public static HttpClient Ada(this CloudSimulator cloud) => cloud.CreateClient(basic: ("ada@example.com", "ada-token"));

    public static HttpClient Ci(this CloudSimulator cloud) => cloud.CreateClient(basic: ("ci@example.com", "ci-token"));

    /// <summary>A client with a token fetched for the consumer.</summary>
    public static async Task<HttpClient> ConsumerAsync(this CloudSimulator cloud) =>
        cloud.CreateClient((string)(await cloud.TokenAsync()).Json!["access_token"]!);

    public static async Task<Reply> TokenAsync(
        this CloudSimulator cloud, string? id = "key", string secret = "secret", params (string Name, string Value)[] form)
    {
        using var client = cloud.CreateClient(basic: id is null ? null : (id, secret));
        var fields = form.Length > 0 ? form : [("grant_type", "client_credentials")];
        using var request = new HttpRequestMessage(HttpMethod.Post, cloud.TokenUrl)
        {
            Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))),
        };
        return await client.ReadAsync(request);
    }

    public static JsonObject Webhook(string url = "https://recv.example/hook", string? description = "ours", params string[] events) => new()
    {
        ["description"] = description,
        ["url"] = url,
        ["active"] = true,
        ["events"] = new JsonArray([.. (events.Length > 0 ? events : ["repo:push"]).Select(e => JsonValue.Create(e))]),
    };

    public static JsonObject With(this JsonObject json, string field, JsonNode? value)
    {
        json[field] = value;
        return json;
    }

    public static JsonObject Without(this JsonObject json, string field)
    {
        json.Remove(field);
        return json;
    }

    public static string Escaped(string? uuid) => Uri.EscapeDataString(uuid ?? "");

    /// <summary>The message of an error answer.</summary>
    public static string? Message(this Reply reply) => (string?)reply.Json?["error"]?["message"];

    public static string[] Slugs(this Reply reply) => reply.Names("slug");

    public static async Task<HttpStatusCode> StatusAsync(this HttpClient client, string path) => (await client.GetReplyAsync(path)).Status;

    /// <summary>Follows next from page to page.</summary>
    public static async Task<List<Reply>> AllPagesAsync(this HttpClient client, string path)
    {
        var pages = new List<Reply>();
        for (var next = path; next is not null; next = (string?)pages[^1].Json!["next"]) pages.Add(await client.GetReplyAsync(next));
        return pages;
    }

    private static void Fill(CloudWorld world)
    {
        world.AddWorkspace("acme", "Acme");
        var plat = world.AddProject("acme", "PLAT", "Platform");
        world.AddProject("acme", "OPEN");
        var api = world.AddRepository("acme", "PLAT", "api");
        world.AddRepository("acme", "PLAT", "empty").MainBranch = null;
        world.AddRepository("acme", "PLAT", "fork").Parent = api;
        world.AddRepository("acme", "OPEN", "pub").Private = false;
        world.AddWorkspace("other");
        world.AddProject("other", "X");
        world.AddRepository("other", "X", "vault");
        var ada = world.AddUser("ada", "ada@example.com", "acme", WorkspaceRole.Owner);
        var ci = world.AddUser("ci", "ci@example.com", "acme", permission: Level.Read).Grant(api, Level.Admin);
        var eve = world.AddUser("eve", "eve@example.com", "other", WorkspaceRole.Owner);
        world.AddApiToken(ada, "ada-token", ApiScopes, name: "ada");
        world.AddApiToken(ci, "ci-token", ApiScopes, name: "ci");
        world.AddApiToken(eve, "eve-token", ApiScopes, name: "eve");
        world.AddAccessToken(api, "repository-token", ["repository", "pullrequest", "webhook"], name: "repository");
        world.AddAccessToken(plat, "project-token", ["project", "webhook"], name: "project");
        world.AddAccessToken(world.WorkspaceAt("acme"), "workspace-token", ["account", "project", "pullrequest", "webhook"], name: "workspace");
        world.AddConsumer("acme", "key", "secret", ["account", "project", "pullrequest", "webhook"]);
    }
}
