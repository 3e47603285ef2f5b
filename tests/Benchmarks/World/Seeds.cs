using System.Globalization;
using System.Text.Json.Nodes;

namespace BitbucketOperator.Benchmarks.World;

/// <summary>What the simulated servers hold.</summary>
internal static class Seeds
{
    public const string Workspace = "acme";

    private static readonly string[] CloudScopes =
    [
        "read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "read:repository:bitbucket",
        "read:pullrequest:bitbucket", "read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket",
    ];

    /// <summary>A Data Center whose bot is admin of every project.</summary>
    public static JsonObject DataCenter(int projects, int repositoriesEach) => new()
    {
        ["users"] = new JsonArray(new JsonObject { ["name"] = "bot", ["password"] = "not-used" }),
        ["generate"] = new JsonObject
        {
            ["projects"] = projects,
            ["repositories"] = repositoriesEach,
            ["archivedEvery"] = 0,
            ["forkEvery"] = 0,
            ["grants"] = new JsonObject { ["bot"] = new JsonArray("PROJECT_ADMIN") },
        },
        ["tokens"] = new JsonArray(new JsonObject
        {
            ["name"] = "bot", ["user"] = "bot", ["token"] = TokenOf("bot"), ["permissions"] = new JsonArray("PROJECT_ADMIN", "REPO_ADMIN"),
        }),
    };

    /// <summary>A Data Center with a project and a project's token for each tenant.</summary>
    public static JsonObject Tenants(int tenants) => new()
    {
        ["projects"] = Each(tenants, i => new JsonObject
        {
            ["key"] = ProjectOf(i),
            ["repositories"] = new JsonArray(new JsonObject { ["name"] = "api" }, new JsonObject { ["name"] = "web" }),
        }),
        ["tokens"] = Each(tenants, i => new JsonObject
        {
            ["name"] = ProjectOf(i),
            ["project"] = ProjectOf(i),
            ["token"] = TokenOf(ProjectOf(i)),
            ["permissions"] = new JsonArray("PROJECT_ADMIN", "REPO_ADMIN"),
        }),
    };

    /// <summary>A workspace whose bot is admin of every repository, and of the workspace no more than a member.</summary>
    public static JsonObject Cloud(int projects, int repositoriesEach) => new()
    {
        ["rateLimit"] = new JsonObject { ["enabled"] = true },
        ["workspaces"] = new JsonArray(new JsonObject { ["slug"] = Workspace }),
        ["generate"] = new JsonObject
        {
            ["workspace"] = Workspace,
            ["projects"] = projects,
            ["repositories"] = repositoriesEach,
            ["emptyEvery"] = 0,
            ["forkEvery"] = 0,
        },
        ["users"] = new JsonArray(new JsonObject
        {
            ["name"] = "bot",
            ["email"] = "bot@example.com",
            ["roles"] = new JsonObject { [Workspace] = "Member" },
            ["workspaces"] = new JsonObject { [Workspace] = "Admin" },
        }),
        ["tokens"] = new JsonArray(new JsonObject
        {
            ["name"] = "bot",
            ["user"] = "bot",
            ["token"] = TokenOf("bot"),
            ["scopes"] = new JsonArray([.. CloudScopes.Select(s => JsonValue.Create(s))]),
        }),
    };

    /// <summary>The token of a made-up name. It opens nothing but the simulator.</summary>
    public static string TokenOf(string name) => $"bench-token-of-{name}";

    public static string ProjectOf(int tenant) => "T" + tenant.ToString("0000", CultureInfo.InvariantCulture);

    private static JsonArray Each(int count, Func<int, JsonNode> make) => new([.. Enumerable.Range(1, count).Select(make)]);
}
