using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests.Api;

/// <summary>What the API server takes, what it fills in, and what a person is told of what it does not take.</summary>
public sealed class AcceptanceTests(ClusterFixture fixture)
{
    public static TheoryData<string> Samples => [.. Directory.GetFiles(SourceTree.PathOf("config", "samples"), "*.yaml").Select(f => Path.GetFileName(f)!)];

    public static TheoryData<string, string> Bad => new()
    {
        { """{"url":"bitbucket.example.com"}""", "url must be an absolute http or https URL" },
        { """{"url":"ftp://bitbucket.example.com"}""", "url must be an absolute http or https URL" },
        { """{"url":"https://bot:pw@bitbucket.example.com"}""", "put credentials into the Secret that auth.secretRef names" },
        { """{"url":"https://bitbucket.example.com?x=1"}""", "url must hold no user name, query or fragment" },
        { """{"url":"https://bitbucket.example.com/rest/api/1.0"}""", "url must be the server's root: remove /rest" },
        { """{"url":"https://bitbucket.example.com/projects/PLAT"}""", "url must be the server's root" },
        { """{"url":""}""", "spec.url" },
        { """{"auth":{"type":"OAuth2","secretRef":{"name":"x"}}}""", "auth.type does not exist on this server" },
        { """{"url":"https://bitbucket.org/acme","auth":{"type":"HTTPAccessToken","secretRef":{"name":"x"}}}""", "auth.type does not exist on this server" },
        { """{"url":"https://bitbucket.org","auth":{"type":"OAuth2","secretRef":{"name":"x"}}}""", "workspace is required on Bitbucket Cloud" },
        { """{"url":"https://bitbucket.org/acme","workspace":"other","auth":{"type":"OAuth2","secretRef":{"name":"x"}}}""",
            "url and workspace name different workspaces: keep one of them" },
        { """{"url":"https://bitbucket.org","workspace":"Acme Inc","auth":{"type":"OAuth2","secretRef":{"name":"x"}}}""",
            "spec.workspace in body should match" },
        { """{"url":"https://bitbucket.org/acme"}""", "auth.type does not exist on this server: Data Center knows HTTPAccessToken and Basic" },
        { """{"auth":{"type":"AccessToken","secretRef":{"name":"x"}}}""", "auth.type does not exist on this server" },
        { """{"webhookAuth":{"type":"OAuth2","secretRef":{"name":"x"}}}""", "webhookAuth.type does not exist on this server" },
        { """{"proxy":{"url":"http://me:secret@proxy:3128"}}""", "user name and password go into the Secret of proxy.secretRef" },
        { """{"auth":{"type":"Basic","secretRef":{"name":"x"},"expiresAt":"next year"}}""", "spec.auth.expiresAt" },
        { """{"workspace":"acme"}""", "workspace exists on Bitbucket Cloud only" },
        { """{"hosting":"Cloud"}""", "hosting does not fit url" },
        { """{"hosting":"Server"}""", """supported values: "DataCenter", "Cloud" """ },
        { """{"auth":{"type":"Password","secretRef":{"name":"x"}}}""", "spec.auth.type: Unsupported value" },
        { """{"auth":{"type":"Basic","secretRef":{}}}""", "spec.auth.secretRef.name: Required value" },
        { """{"auth":{"type":"Basic","secretRef":{"name":""}}}""", "spec.auth.secretRef.name" },
        { """{"auth":{"type":"Basic"}}""", "spec.auth.secretRef: Required value" },
        { """{"proxy":{"url":"http://user:pw@proxy:3128"}}""", "proxy.url must be an absolute http or https URL without user name" },
        { """{"discovery":{"repositories":["PLAT/api"],"projects":["PLAT"]}}""", "discovery.repositories is an exact list and cannot be combined" },
        { """{"discovery":{"repositories":["api"]}}""", "spec.discovery.repositories[0]" },
        { """{"discovery":{"projects":["PL AT"]}}""", "spec.discovery.projects[0]" },
        { """{"discovery":{"maxShrinkPercent":101}}""", "spec.discovery.maxShrinkPercent" },
        { """{"webhooks":[{"name":"ci"}]}""", "spec.webhooks[0].url: Required value" },
        { """{"webhooks":[{"name":"ci","url":"ci.example.com"}]}""", "webhooks[].url must be an absolute http or https URL" },
        { """{"webhooks":[{"name":"CI","url":"https://ci.example.com"}]}""", "spec.webhooks[0].name" },
        { """{"webhooks":[{"name":"ci","url":"https://a.example.com"},{"name":"ci","url":"https://b.example.com"}]}""", "Duplicate value" },
        { """{"webhooks":[{"name":"ci","url":"https://ci.example.com","events":["Push"]}]}""", "spec.webhooks[0].events[0]" },
        { """{"webhooks":[{"name":"ci","url":"https://ci.example.com","level":"Workspace"}]}""", "webhooks[].level does not exist on this server" },
        { """{"webhooks":[{"name":"ci","url":"https://ci.example.com","generateSecret":true,"secretRef":{"name":"x"}}]}""",
            "set secretRef or generateSecret, not both" },
        { """{"interval":"5s"}""", "interval must lie between 30s and 24h" },
        { """{"interval":"soon"}""", "spec.interval" },
        { """{"webhookInterval":"10s"}""", "webhookInterval must lie between 1m and 168h" },
        { """{"mode":"DryRun"}""", "spec.mode: Unsupported value" },
        { """{"deletionPolicy":"Orphan"}""", "spec.deletionPolicy: Unsupported value" },
        { """{"intervall":"10m"}""", """unknown field "spec.intervall" """ },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Sample_IsAccepted(string sample)
    {
        var ns = await fixture.NewNamespaceAsync();
        await fixture.KubectlAsync("apply", "--namespace", ns, "--validate=strict", "-f", SourceTree.PathOf("config", "samples", sample));
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Mistake_IsRefusedWithTheFieldAndTheCure(string change, string message)
    {
        var result = await fixture.Cluster.KubectlAsync(["apply", "--validate=strict", "-f", "-"], Connection("default", "bad", change).ToJsonString());
        result.ExitCode.ShouldNotBe(0);
        result.Error.ShouldContain(message.Trim());
    }

    [Fact]
    public async Task Defaults_AreFilledIn()
    {
        var ns = await fixture.NewNamespaceAsync();
        await fixture.ApplyAsync(
            Connection(ns, "small", """{"webhooks":[{"name":"ci","url":"https://ci.example.com","secretRef":{"name":"x"}}]}""").ToJsonString());
        var stored = await ReadAsync(ns, "small");
        var expected = new BitbucketConnectionSpec();
        stored.Spec.Interval.ShouldBe(expected.Interval);
        stored.Spec.WebhookInterval.ShouldBe(expected.WebhookInterval);
        stored.Spec.Mode.ShouldBe(expected.Mode);
        stored.Spec.Adoption.ShouldBe(expected.Adoption);
        stored.Spec.DeletionPolicy.ShouldBe(expected.DeletionPolicy);
        var raw = JsonNode.Parse(await fixture.KubectlAsync("get", "bitbucketconnection", "small", "--namespace", ns, "-o", "json"))!;
        raw["spec"]!["discovery"]!["forks"]!.GetValue<bool>().ShouldBeTrue();
        raw["spec"]!["discovery"]!["maxShrinkPercent"]!.GetValue<int>().ShouldBe(50);
        raw["spec"]!["webhooks"]![0]!.AsObject().ContainsKey("sslVerification").ShouldBeFalse("fields of list items have no default in the cluster");
        stored.Spec.Webhooks[0].SslVerification.ShouldBeTrue("the code applies it");
        stored.Spec.Webhooks[0].SecretRef!.Key.ShouldBe("secret");
        raw["spec"]!.AsObject().ContainsKey("hosting").ShouldBeFalse();
    }

    [Fact]
    public async Task Status_IsWrittenThroughItsSubresourceOnly()
    {
        var ns = await fixture.NewNamespaceAsync();
        var connection = Connection(ns, "plain", "{}");
        connection["status"] = new JsonObject { ["observedGeneration"] = 7 };
        await fixture.ApplyAsync(connection.ToJsonString());
        (await ReadAsync(ns, "plain")).Status.ShouldBeNull();
    }

    [Fact]
    public async Task EveryField_SurvivesTheRoundTrip()
    {
        var ns = await fixture.NewNamespaceAsync();
        var connection = Connection(ns, "full", """
            {"hosting":"DataCenter","webhookAuth":{"type":"Basic","secretRef":{"name":"w","keys":{"username":"u","password":"p"}}},
             "tls":{"caBundleRef":{"kind":"Secret","name":"ca","key":"tls.crt"},"insecureSkipVerify":true},"proxy":{"url":"http://proxy:3128"},
             "discovery":{"projects":["PLAT","~jdoe"],"include":["PLAT/*"],"exclude":["*/x-?"],"archived":true,"forks":false,"personal":true,
             "maxShrinkPercent":10},
             "webhooks":[{"name":"ci","url":"https://ci.example.com","events":["pr:opened"],"secretRef":{"name":"h","key":"k"},"generateSecret":false,
             "level":"Repository","sslVerification":false,"active":false}],
             "mode":"Plan","adoption":"Never","deletionPolicy":"Retain","interval":"5m","webhookInterval":"2h","suspend":true}
            """);
        await fixture.ApplyAsync(connection.ToJsonString());
        var read = await ReadAsync(ns, "full");
        var again = JsonSerializer.SerializeToNode(read.Spec, ApiJsonContext.Default.BitbucketConnectionSpec)!.AsObject();
        foreach (var (field, value) in connection["spec"]!.AsObject())
        {
            Contains(again[field], value).ShouldBeTrue($"spec.{field}: {again[field]} instead of {value}");
        }
    }

    [Fact]
    public async Task Explain_DescribesTheFields()
    {
        var text = await fixture.KubectlAsync("explain", "bitbucketconnection.spec.webhooks");
        text.ShouldContain("Where Bitbucket delivers to");
        text.ShouldContain("HMAC-SHA256");
    }

    private async Task<BitbucketConnection> ReadAsync(string ns, string name) => JsonSerializer.Deserialize(
        await fixture.KubectlAsync("get", "bitbucketconnection", name, "--namespace", ns, "-o", "json"), ApiJsonContext.Default.BitbucketConnection)!;

    private static JsonObject Connection(string ns, string name, string change)
    {
        var spec = new JsonObject
        {
            ["url"] = "https://bitbucket.example.com/bitbucket",
            ["auth"] = new JsonObject { ["type"] = "HTTPAccessToken", ["secretRef"] = new JsonObject { ["name"] = "bitbucket-token" } },
        };
        foreach (var (field, value) in JsonNode.Parse(change)!.AsObject())
        {
            spec[field] = value?.DeepClone();
        }

        return new JsonObject
        {
            ["apiVersion"] = "bitbucketoperator.dev/v1alpha1",
            ["kind"] = "BitbucketConnection",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["spec"] = spec,
        };
    }

    // Defaults may add fields; nothing that was written may be missing or different.
    private static bool Contains(JsonNode? actual, JsonNode? expected) => (actual, expected) switch
    {
        (JsonObject a, JsonObject e) => e.All(f => Contains(a[f.Key], f.Value)),
        (JsonArray a, JsonArray e) => a.Count == e.Count && a.Zip(e).All(p => Contains(p.First, p.Second)),
        _ => JsonNode.DeepEquals(actual, expected),
    };
}
