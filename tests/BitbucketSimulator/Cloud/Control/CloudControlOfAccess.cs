using BitbucketOperator.BitbucketSimulator.Cloud.Api;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Control;

/// <summary>Changes users, tokens and consumers.</summary>
internal static class CloudControlOfAccess
{
    public static void Map(WebApplication app, CloudBackend backend)
    {
        app.MapMethods("/users/{name}", ["PATCH"], (string name, UserPatch patch) => backend.Locked(w =>
            CloudStateView.User(Change(w, w.UserNamed(name), patch))));
        app.MapGet("/tokens", () => backend.Locked(w => w.Tokens.Select(CloudStateView.Token).ToArray()));
        app.MapPost("/tokens", (SeedCloudToken input) => backend.Locked(w =>
            Results.Json(CloudStateView.Token(CloudSeedApplier.AddToken(w, input)), statusCode: 201)));
        app.MapMethods("/tokens/{name}", ["PATCH"], (string name, TokenPatch patch) => backend.Locked(w =>
            CloudStateView.Token(Change(w, w.TokenNamed(name), patch))));
        app.MapMethods("/consumers/{clientId}", ["PATCH"], (string clientId, ConsumerPatch patch) => backend.Locked(w =>
            CloudStateView.Consumer(Change(w, w.ConsumerNamed(clientId), patch))));
    }

    private static CloudUser Change(CloudWorld world, CloudUser user, UserPatch patch)
    {
        (user.Active, user.Email) = (patch.Active ?? user.Active, patch.Email ?? user.Email);
        foreach (var (slug, role) in patch.Roles ?? []) user.Roles[world.WorkspaceAt(slug)] = role;
        foreach (var (slug, level) in patch.Workspaces ?? []) user.WorkspaceGrants[world.WorkspaceAt(slug)] = level;
        foreach (var (path, level) in patch.Repositories ?? []) user.Grant(world.RepositoryAt(path), level);
        return user;
    }

    private static CloudToken Change(CloudWorld world, CloudToken token, TokenPatch patch)
    {
        token.Revoked = patch.Revoked ?? token.Revoked;
        token.ExpiresAt = patch.Expires ?? token.ExpiresAt;
        if (patch.Expired) world.Expire(token);
        if (patch.Scopes is not null) CloudWorld.SetScopes(token, patch.Scopes);
        return token;
    }

    private static CloudConsumer Change(CloudWorld world, CloudConsumer consumer, ConsumerPatch patch)
    {
        (consumer.Secret, consumer.IsPrivate) = (patch.Secret ?? consumer.Secret, patch.Private ?? consumer.IsPrivate);
        consumer.HasCallback = patch.Callback ?? consumer.HasCallback;
        (consumer.Role, consumer.Permission) = (patch.Role ?? consumer.Role, patch.Permission ?? consumer.Permission);
        if (patch.Scopes is not null) CloudWorld.SetScopes(consumer, patch.Scopes);
        if (patch.RevokeTokens) world.RevokeTokens(consumer);
        if (patch.ExpireTokens) world.ExpireTokens(consumer);
        return consumer;
    }

    private sealed record UserPatch(
        bool? Active = null,
        string? Email = null,
        Dictionary<string, WorkspaceRole>? Roles = null,
        Dictionary<string, Level>? Workspaces = null,
        Dictionary<string, Level>? Repositories = null);

    private sealed record TokenPatch(bool? Revoked = null, DateTimeOffset? Expires = null, bool Expired = false, List<string>? Scopes = null);

    private sealed record ConsumerPatch(
        string? Secret = null,
        bool? Private = null,
        bool? Callback = null,
        WorkspaceRole? Role = null,
        Level? Permission = null,
        List<string>? Scopes = null,
        bool RevokeTokens = false,
        bool ExpireTokens = false);
}
