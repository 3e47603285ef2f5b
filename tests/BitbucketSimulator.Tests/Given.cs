using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Tests;

/// <summary>One answer, read to its end.</summary>
internal sealed record Reply(HttpStatusCode Status, JsonNode? Json, string Text, HttpResponseMessage Message)
{
    public string? Login => Header("X-AUSERNAME");

    public string? Exception => (string?)Json?["errors"]?[0]?["exceptionName"];

    public string? Error => (string?)Json?["errors"]?[0]?["message"];

    public JsonArray Values => Json!["values"]!.AsArray();

    public string? Header(string name) => Message.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;

    public string[] Names(string field) => [.. Values.Select(v => (string)v![field]!)];
}

/// <summary>A small, well-known world and shorthand to talk to it.</summary>
internal static class Given
{
    public const string Hooks = "rest/api/1.0/projects/PLAT/repos/api/webhooks";
    public const string ProjectHooks = "rest/api/1.0/projects/PLAT/webhooks";

    /// <summary>
    /// Users admin (everything) and ci (PLAT read, PLAT/api admin); projects PLAT (api, old archived, fork of api),
    /// OPEN (public pub) and SECRET (hidden).
    /// </summary>
    public static async Task<Simulator> SimulatorAsync(SimulatorOptions? options = null, Action<World>? change = null)
    {
        var simulator = await Simulator.StartAsync(options, TestContext.Current.CancellationToken);
        simulator.Change(Fill);
        if (change is not null) simulator.Change(change);
        return simulator;
    }

    public static async Task<Reply> SendAsync(this HttpClient client, string method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : JsonContent.Create(body) };
        return await client.ReadAsync(request);
    }

    public static async Task<Reply> ReadAsync(this HttpClient client, HttpRequestMessage request)
    {
        var message = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await message.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var json = message.Content.Headers.ContentType?.MediaType == "application/json" && text.Length > 0 ? JsonNode.Parse(text) : null;
        return new Reply(message.StatusCode, json, text, message);
    }

    public static Task<Reply> GetReplyAsync(this HttpClient client, string path) => client.SendAsync("GET", path);

    public static HttpClient Admin(this Simulator simulator) => simulator.CreateClient(basic: ("admin", "admin-pw"));

    public static JsonObject Webhook(string name = "hook", string url = "https://recv.example/hook", string? secret = null, params string[] events)
    {
        var json = new JsonObject { ["name"] = name, ["url"] = url, ["active"] = true };
        json["events"] = new JsonArray([.. (events.Length > 0 ? events : ["repo:refs_changed"]).Select(e => JsonValue.Create(e))]);
        if (secret is not null) json["configuration"] = new JsonObject { ["secret"] = secret };
        return json;
    }

    public static StringContent Form() => new("a=b", Encoding.UTF8, "application/x-www-form-urlencoded");

    private static void Fill(World world)
    {
        world.AddUser("admin", "admin-pw", GlobalRight.Admin);
        var ci = world.AddUser("ci", "ci-pw");
        var plat = world.AddProject("PLAT", "Platform");
        var api = world.AddRepository("PLAT", "api");
        world.AddRepository("PLAT", "old").Archived = true;
        world.AddRepository("PLAT", "fork").Origin = api;
        world.AddProject("OPEN", "Open source");
        world.AddRepository("OPEN", "pub").Public = true;
        world.AddProject("SECRET");
        world.AddRepository("SECRET", "vault");
        ci.ProjectGrants[plat.Id] = Level.Read;
        ci.RepositoryGrants[api.Id] = Level.Admin;
        world.AddToken("user", ci, ["PROJECT_READ", "REPO_ADMIN"], "user-token");
        world.AddToken("project", plat, ["PROJECT_ADMIN", "REPO_ADMIN"], "project-token");
        world.AddToken("repository", api, ["REPO_ADMIN"], "repository-token");
    }
}
