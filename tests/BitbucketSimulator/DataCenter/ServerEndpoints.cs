using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>What describes the server itself, and users.</summary>
internal static class ServerEndpoints
{
    public static void Map(Router router)
    {
        router.Add("GET", "/rest/capabilities", Capabilities);
        router.Add("GET", "/rest/webhooks/{webhooks:regex(^(1.0|latest)$)}/capabilities", WebhookCapabilities);
        router.AddApi("GET", "application-properties", ApplicationProperties);
        router.AddApi("GET", "profile/recent/repos", RecentRepositories);
        router.AddApi("GET", "users", Users);
        router.AddApi("GET", "users/{user}", SingleUser);
        router.Add("GET", "/plugins/servlet/applinks/whoami", WhoAmI);
    }

    /// <summary>Served before any authentication: state and HTTP status do not always agree.</summary>
    public static Answer Status(World world) => world.Status switch
    {
        ServerStatus.Starting => new Answer(503, new JsonObject { ["state"] = "STARTING" }),
        ServerStatus.FirstRun => Answer.Ok(new JsonObject { ["state"] = "FIRST_RUN" }),
        ServerStatus.Maintenance => Answer.Ok(new JsonObject { ["state"] = "MAINTENANCE" }),
        ServerStatus.Error => new Answer(500, new JsonObject { ["state"] = "ERROR" }),
        _ => Answer.Ok(new JsonObject { ["state"] = "RUNNING" }),
    };

    private static Answer ApplicationProperties(Call call) => Answer.Ok(new JsonObject
    {
        ["version"] = call.World.Version.ToString(),
        ["buildNumber"] = call.World.Version.BuildNumber,
        ["buildDate"] = "1616539597394",
        ["displayName"] = "Bitbucket",
    });

    private static Answer Capabilities(Call call) => Answer.Ok(new JsonObject
    {
        ["application"] = "stash",
        ["buildDate"] = "1616539597394",
        ["capabilities"] = new JsonObject { ["webhooks"] = $"{call.Backend.LinksBase}/rest/webhooks/latest/capabilities" },
    });

    private static Answer WebhookCapabilities(Call call) => Answer.Ok(new JsonObject
    {
        ["application-webhooks"] = new JsonArray([.. EventKeys.Advertised(call.World.Version).Select(e => JsonValue.Create(e))]),
    });

    private static Answer WhoAmI(Call call) => new(200) { Text = call.Caller.Login ?? "", ContentType = "text/plain;charset=UTF-8" };

    private static Answer RecentRepositories(Call call)
    {
        call.RequireLogin();
        if (call.Caller.User is null && !call.World.Quirks.RecentForServiceTokens) throw Errors.NotPermitted();
        var readable = call.World.Repositories.Where(r => Access.Granted(call.Caller, r) >= Level.Read).Take(100).ToArray();
        return Paging.Page(call, readable, _ => true, call.Shapes.Repository);
    }

    private static Answer Users(Call call)
    {
        call.RequireLogin();
        var filter = call.Query("filter")?.Trim();
        bool Matches(User u) => string.IsNullOrEmpty(filter)
            || new[] { u.Name, u.DisplayName, u.Email }.Any(text => text?.Contains(filter, StringComparison.OrdinalIgnoreCase) == true);
        return Paging.Page(call, call.World.Users.Where(Matches).ToArray(), _ => true, call.Shapes.User);
    }

    private static Answer SingleUser(Call call)
    {
        call.RequireLogin();
        var slug = call.Route("user");
        var user = call.World.Users.FirstOrDefault(u => string.Equals(u.Slug, slug, StringComparison.OrdinalIgnoreCase));
        return user is null ? throw Errors.NoSuchUser(slug) : Answer.Ok(call.Shapes.User(user));
    }
}
