using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Control;

/// <summary>Changes users and tokens.</summary>
internal static class ControlOfAccess
{
    public static void Map(WebApplication app, Backend backend)
    {
        app.MapMethods("/users/{name}", ["PATCH"], (string name, UserPatch patch) => ControlApplication.Locked(backend, w =>
            StateView.User(Change(w, w.UserNamed(name), patch))));
        app.MapGet("/tokens", () => ControlApplication.Locked(backend, w => w.Tokens.Select(StateView.Token).ToArray()));
        app.MapPost("/tokens", (SeedToken input) => ControlApplication.Locked(backend, w =>
            Results.Json(StateView.Token(SeedApplier.AddToken(w, input)), statusCode: 201)));
        app.MapMethods("/tokens/{name}", ["PATCH"], (string name, TokenPatch patch) => ControlApplication.Locked(backend, w =>
            StateView.Token(Change(w.TokenNamed(name), patch, backend.Clock))));
    }

    private static User Change(World world, User user, UserPatch patch)
    {
        user.Password = patch.Password ?? user.Password;
        user.Active = patch.Active ?? user.Active;
        user.Global = patch.Global ?? user.Global;
        if (patch.Unlock) user.FailedLogins = 0;
        foreach (var (key, right) in patch.Projects ?? []) Grant(user.ProjectGrants, world.ProjectAt(key).Id, right, onProject: true);
        foreach (var (path, right) in patch.Repositories ?? []) Grant(user.RepositoryGrants, world.RepositoryAt(path).Id, right, onProject: false);
        return user;
    }

    private static void Grant(Dictionary<int, Level> grants, int id, string? right, bool onProject)
    {
        if (right is null or "NONE") grants.Remove(id);
        else grants[id] = SeedApplier.Read(right, onProject);
    }

    private static Token Change(Token token, TokenPatch patch, TimeProvider clock)
    {
        token.Revoked = patch.Revoked ?? token.Revoked;
        token.ExpiresAt = patch.Expired ? clock.GetUtcNow() : patch.Expires ?? token.ExpiresAt;
        if (patch.Permissions is not null) World.SetPermissions(token, patch.Permissions);
        return token;
    }

    private sealed record UserPatch(
        string? Password = null,
        bool? Active = null,
        GlobalRight? Global = null,
        bool Unlock = false,
        Dictionary<string, string?>? Projects = null,
        Dictionary<string, string?>? Repositories = null);

    private sealed record TokenPatch(bool? Revoked = null, DateTimeOffset? Expires = null, bool Expired = false, List<string>? Permissions = null);
}
