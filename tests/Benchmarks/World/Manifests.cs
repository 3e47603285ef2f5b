using System.Text;
using System.Text.Json.Nodes;

namespace BitbucketOperator.Benchmarks.World;

/// <summary>The objects that people would write.</summary>
internal static class Manifests
{
    public const string HookUrl = "https://ci.example.com/hooks/bitbucket";
    private const string CaName = "corp-ca";
    private const string HookSecret = "ci-hook";

    public static JsonObject Namespace(string name) =>
        new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } };

    /// <summary>What the connections of a namespace share: the authority's certificate and the webhooks' secret.</summary>
    public static IEnumerable<JsonObject> Shared(string ns, string? caPem) =>
    [
        Secret(ns, HookSecret, ("secret", "bench-hmac-secret")),
        .. caPem is null ? (JsonObject[])[] : [ConfigMap(ns, CaName, "ca.crt", caPem)],
    ];

    public static JsonObject Secret(string ns, string name, params (string Key, string Value)[] data) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = Meta(ns, name),
        ["data"] = new JsonObject(data.Select(d => KeyValuePair.Create<string, JsonNode?>(d.Key, Encoded(d.Value)))),
    };

    public static JsonObject Connection(string ns, string name, JsonObject spec) => new()
    {
        ["apiVersion"] = "bitbucketoperator.dev/v1alpha1",
        ["kind"] = "BitbucketConnection",
        ["metadata"] = Meta(ns, name),
        ["spec"] = spec,
    };

    /// <summary>A connection to a Data Center.</summary>
    /// <param name="url">The server's.</param>
    /// <param name="secret">The Secret with the token.</param>
    /// <param name="level">Where the webhook lives.</param>
    /// <param name="hookUrl">Where it delivers.</param>
    public static JsonObject DataCenterSpec(string url, string secret, string level, string hookUrl = HookUrl) => new()
    {
        ["url"] = url,
        ["auth"] = Auth("HTTPAccessToken", secret),
        ["tls"] = Tls(),
        ["webhooks"] = Webhooks(hookUrl, ["repo:refs_changed", "pr:opened"], level),
    };

    /// <summary>A connection to the simulated Cloud.</summary>
    public static JsonObject CloudSpec(string secret) => new()
    {
        ["url"] = $"https://bitbucket.org/{Seeds.Workspace}",
        ["auth"] = Auth("APIToken", secret),
        ["tls"] = Tls(),
        ["webhooks"] = Webhooks(HookUrl, ["repo:push", "pullrequest:created"], "Auto"),
    };

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static JsonObject Auth(string type, string secret) =>
        new() { ["type"] = type, ["secretRef"] = new JsonObject { ["name"] = secret } };

    private static JsonObject Tls() => new() { ["caBundleRef"] = new JsonObject { ["name"] = CaName } };

    private static JsonArray Webhooks(string url, string[] events, string level) => new(new JsonObject
    {
        ["name"] = "ci",
        ["url"] = url,
        ["events"] = new JsonArray([.. events.Select(e => JsonValue.Create(e))]),
        ["secretRef"] = new JsonObject { ["name"] = HookSecret },
        ["level"] = level,
    });

    private static JsonObject ConfigMap(string ns, string name, string key, string value) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = Meta(ns, name),
        ["data"] = new JsonObject { [key] = value },
    };

    private static JsonObject Meta(string ns, string name) => new() { ["name"] = name, ["namespace"] = ns };
}
