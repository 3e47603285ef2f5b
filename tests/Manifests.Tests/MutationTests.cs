using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using CsCheck;

namespace BitbucketOperator.Manifests.Tests;

/// <summary>
/// Connections with random mistakes: our verdict is the API server's, with the same fields and the same words. The same 400 in
/// every run; CsCheck_Iter tries as many random ones.
/// </summary>
public sealed class MutationTests(ClusterFixture fixture)
{
    private const string Valid = """
        {"apiVersion":"bitbucketoperator.dev/v1alpha1","kind":"BitbucketConnection","metadata":{"name":"platform","namespace":"default"},"spec":{
        "url":"https://bitbucket.example.com/bitbucket","hosting":"DataCenter",
        "auth":{"type":"HTTPAccessToken","expiresAt":"2027-01-31T00:00:00Z","secretRef":{"name":"t","keys":{"token":"tok"}}},
        "webhookAuth":{"type":"Basic","secretRef":{"name":"w"}},
        "tls":{"caBundleRef":{"kind":"Secret","name":"ca","key":"tls.crt"},"insecureSkipVerify":false},
        "proxy":{"url":"http://proxy:3128","secretRef":{"name":"p"}},
        "discovery":{"projects":["PLAT","~jdoe"],"include":["PLAT/*"],"exclude":["*/x-?"],"archived":true,"maxShrinkPercent":10},
        "webhooks":[{"name":"ci","url":"https://ci.example.com","events":["pr:opened","repo:refs_changed"],"secretRef":{"name":"h"},"level":"Repository",
        "active":true},
                    {"name":"two","url":"https://ci.example.com/2","generateSecret":true}],
        "mode":"Plan","adoption":"Never","deletionPolicy":"Retain","interval":"5m","webhookInterval":"2h","suspend":true}}
        """;

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "101", "50.5", "50.0",
        "3000000000", "1e20", "-9223372036854775809", "\"\"", "\" \"", "\"x\"", "\"PLAT\"", "\"PLAT/api\"", "\"10m\"",
        "\"1s\"", "\"30s\"", "\"1.5h\"", "\"25h\"", "\"soon\"", "\"99999999999h\"",
        "\"Cloud\"", "\"DataCenter\"", "\"Basic\"", "\"OAuth2\"", "\"Workspace\"", "\"https://bitbucket.org\"", "\"https://bitbucket.org/acme\"",
        "\"https://bitbucket.org/acme/\"", "\"ftp://x.example.com\"",
        "\"https://user:pw@x.example.com\"", "\"https://x.example.com?q=1\"", "\"https://x.example.com/#a\"", "\"https://x.example.com/rest/api\"",
        "\"/path\"", "\"http://\"", "\"http:///x\"", "\"http://[::1]:80/x\"",
        "\"http://[::1\"", "\"http://1.2.3.4:port\"", "\"http://a b.example.com\"", "\"http://ex%41mple.com\"", "\"http://x.example.com/%zz\"",
        "\"http://\\u00e9.example.com\"", "\"https:x.example.com\"",
        "\"HTTPS://X.EXAMPLE.COM\"", "\"2027-01-31T00:00:00Z\"", "\"2027-02-30T00:00:00Z\"", "\"2027-01-31\"", "\"2027-01-31t23:59:59.5+01:00\"",
        "\"a\\nb\"", "\"\\ud83d\\ude00\"", "\"PLAT\\n\"", "\"tab\\t\\u0001\\u00ad\\\"\\\\\"",
        "[]", "[\"a\"]", "[\"a\",\"a\"]", "[\"pr:opened\",\"pr:opened\"]", "[null]", "[1,1]", "[[]]", "[{}]", "[{},{}]",
        "[{\"name\":\"ci\"},{\"name\":\"ci\"}]", "{}", "{\"name\":\"x\"}",
        "{\"name\":\"x\",\"oops\":1}", "{\"url\":\"http://x\"}", "{\"type\":\"Basic\",\"secretRef\":{\"name\":\"x\"}}", "{\"a\":{\"b\":[{\"c\":1}]}}",
        $"\"{new string('a', 64)}\"", $"\"{new string('a', 254)}\"", $"\"https://{new string('a', 2040)}.example.com\"",
    ];

    [Fact]
    public Task Verdict_IsTheApiServers() => Samples.CheckAsync(Mutations(), 400, CompareAsync, json => json);

    private async Task CompareAsync(string json)
    {
        var ours = Given.Reader.Read("x.json", Encoding.UTF8.GetBytes(json));
        var cluster = await fixture.CreateAsync(json);
        var said = cluster.Comparable(ours.Problems);
        // The API server lets a list pass for a time, which nothing can read afterwards: that we do not.
        var beyond = said.Where(p => p.Contains("expiresAt in body must be of type string: \"array\"", StringComparison.Ordinal)).ToList();
        said.Except(beyond).ShouldBe(cluster.Problems, $"{json}\n{cluster.Text}");
        ours.HasErrors.ShouldBe(!cluster.IsAccepted || beyond.Count > 0, $"{json}\n{cluster.Text}");
        if (cluster.IsAccepted && beyond.Count == 0)
        {
            Spec(ours.Resources.ShouldHaveSingleItem().Resource)
                .ShouldBe(Spec(JsonSerializer.Deserialize(cluster.Text, ApiJsonContext.Default.BitbucketConnection)!), json);
        }
    }

    private static string Spec(BitbucketConnection connection) => JsonSerializer.Serialize(connection.Spec, ApiJsonContext.Default.BitbucketConnectionSpec);

    private static Gen<string> Mutations() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 1000], Gen.Int[0, Values.Length - 1]).Array[1, 3].Select(changes =>
        {
            var document = JsonNode.Parse(Valid)!;
            foreach (var (kind, place, value) in changes)
            {
                var places = Places(document["spec"]!).ToList();
                Change(document, kind, places.Count == 0 ? "spec" : places[place % places.Count], JsonNode.Parse(Values[value]));
            }

            return document.ToJsonString();
        });

    private static void Change(JsonNode document, int kind, string place, JsonNode? value)
    {
        switch (kind)
        {
            case 0:
                Drop(document, place);
                break;
            case 1 when At(document, place) is JsonObject map:
                map["zzz"] = value;
                break;
            case 2 when At(document, place) is JsonArray { Count: > 0 } list:
                list.Add(list[0]?.DeepClone());
                break;
            default:
                Set(document, place, value);
                break;
        }
    }

    // Below spec, such as spec/auth/type and spec/webhooks/0.
    private static IEnumerable<string> Places(JsonNode? node, string path = "spec") => node switch
    {
        JsonObject map => map.SelectMany(f => Places(f.Value, $"{path}/{f.Key}").Prepend($"{path}/{f.Key}")),
        JsonArray list => list.SelectMany((item, i) => Places(item, $"{path}/{i}").Prepend($"{path}/{i}")),
        _ => [],
    };

    private static JsonNode? At(JsonNode document, string place) =>
        place.Split('/').Aggregate((JsonNode?)document, (node, part) => node is JsonArray list ? list[int.Parse(part)] : node![part]);

    private static (JsonNode Parent, string Name) Split(JsonNode document, string place)
    {
        var cut = place.LastIndexOf('/');
        return cut < 0 ? (document, place) : (At(document, place[..cut])!, place[(cut + 1)..]);
    }

    private static void Drop(JsonNode document, string place)
    {
        switch (Split(document, place))
        {
            case (JsonArray list, var index):
                list.RemoveAt(int.Parse(index));
                break;
            case (var map, var name):
                map.AsObject().Remove(name);
                break;
        }
    }

    private static void Set(JsonNode document, string place, JsonNode? value)
    {
        switch (Split(document, place))
        {
            case (JsonArray list, var index):
                list[int.Parse(index)] = value;
                break;
            case (var map, var name):
                map[name] = value;
                break;
        }
    }
}
