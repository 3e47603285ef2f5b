using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Serving;
using Microsoft.AspNetCore.WebUtilities;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>The OAuth token endpoint, of which only the client credentials grant is left. Its codes are not those of RFC 6749.</summary>
internal static class TokenEndpoint
{
    public const string Path = "/site/oauth2/access_token";

    public static void Map(IEndpointRouteBuilder app, CloudBackend backend)
    {
        RequestDelegate run = RunAsync;
        app.Map(Path, run);

        Task RunAsync(HttpContext http) => RequestCall.RunAsync(http, body => Task.FromResult(backend.Locked(world => Grant(world, http, body))));
    }

    private static Answer Grant(CloudWorld world, HttpContext http, string body)
    {
        if (!HttpMethods.IsPost(http.Request.Method)) return new Answer(405) { Headers = { ["Allow"] = "POST" } };
        if (!http.Request.HasFormContentType) return Error(400, "invalid_request", "A form is expected");
        var form = QueryHelpers.ParseQuery(body);
        string? Field(string name) => form.TryGetValue(name, out var value) ? value.ToString() : null;
        var (id, secret) = AuthorizationHeader.Basic(http.Request.Headers.Authorization.ToString()) ?? (Field("client_id") ?? "", Field("client_secret") ?? "");
        if (world.FindConsumer(id) is not { } consumer || consumer.Secret != secret)
            return Error(400, "unauthorized_client", "Invalid OAuth client credentials");
        http.Features.Get<Exchange>()!.Login = consumer.ClientId;
        return Field("grant_type") switch
        {
            null or "" => Error(400, "invalid_request", "Missing grant_type"),
            "client_credentials" => Grant(world, consumer, Field("scope")),
            _ => Error(400, "unsupported_grant_type", "The specified grant_type is not supported"),
        };
    }

    private static Answer Grant(CloudWorld world, CloudConsumer consumer, string? asked)
    {
        if (!consumer.IsPrivate)
        {
            return Error(
                400,
                "invalid_grant",
                "Cannot use client_credentials with a consumer marked as \"public\". Calls for this grant type must be made by a private consumer.");
        }

        if (!consumer.HasCallback) return Error(400, "invalid_request", "No callback uri defined for the OAuth client.");
        var beyond = (asked ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Except(consumer.Scopes, StringComparer.Ordinal).ToArray();
        if (beyond.Length > 0) return Error(400, "invalid_scope", $"The consumer has not got: {string.Join(' ', beyond)}");
        var token = world.Mint(consumer);
        var answer = Answer.Ok(new JsonObject
        {
            ["token_type"] = "bearer",
            ["access_token"] = token.Secret,
            ["expires_in"] = world.Quirks.TokenLifetimeSeconds,
            ["scopes"] = string.Join(' ', token.Scopes),
            ["refresh_token"] = $"refresh-{token.Scopes.Count}",
            ["state"] = "client_credentials",
        });
        answer.Headers["Cache-Control"] = "no-store";
        return answer;
    }

    private static Answer Error(int status, string error, string description) =>
        new(status, new JsonObject { ["error"] = error, ["error_description"] = description });
}
