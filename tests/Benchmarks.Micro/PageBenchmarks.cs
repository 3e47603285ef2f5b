using System.Text.Json;
using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using BitbucketOperator.Bitbucket.Cloud;
using DataCenter = BitbucketOperator.Bitbucket.DataCenter;

namespace BitbucketOperator.Benchmarks.Micro;

/// <summary>Parsing one page of repositories, and one of webhooks. Data Center sends up to 1,000 rows, Cloud up to 100.</summary>
public class PageBenchmarks
{
    private byte[] _dataCenter = [];
    private byte[] _cloud = [];
    private byte[] _webhooks = [];

    [Params(10, 100, 1_000)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _dataCenter = Page(DataCenterRepository, new JsonObject { ["isLastPage"] = true, ["size"] = Rows, ["start"] = 0 });
        _cloud = Page(CloudRepository, new JsonObject { ["pagelen"] = Rows, ["page"] = 1 });
        _webhooks = Page(CloudWebhook, new JsonObject { ["pagelen"] = Rows, ["page"] = 1 });
    }

    [Benchmark(Baseline = true)]
    public object? DataCenterRepositories() => JsonSerializer.Deserialize(_dataCenter, DataCenter.WireJson.Default.WirePageWireRepository);

    [Benchmark]
    public object? CloudRepositories() => JsonSerializer.Deserialize(_cloud, CloudJson.Default.WirePageWireRepository);

    [Benchmark]
    public object? CloudWebhooks() => JsonSerializer.Deserialize(_webhooks, CloudJson.Default.WirePageWireWebhook);

    private byte[] Page(Func<int, JsonObject> row, JsonObject page)
    {
        page["values"] = new JsonArray([.. Enumerable.Range(1, Rows).Select(row)]);
        return JsonSerializer.SerializeToUtf8Bytes(page);
    }

    private static JsonObject DataCenterRepository(int number) => JsonNode.Parse($$"""
        {
          "slug": "service-{{number}}", "id": {{number}}, "name": "service-{{number}}",
          "hierarchyId": "aaaaaaaaaaaaaaaaaaaa", "scmId": "git",
          "state": "AVAILABLE", "statusMessage": "Available", "forkable": true, "public": false, "archived": false,
          "project": { "key": "TEAM01", "id": 1, "name": "Team 1", "public": false, "type": "NORMAL",
            "links": { "self": [{ "href": "https://bitbucket.example.com/projects/TEAM01" }] } },
          "links": { "clone": [{ "href": "ssh://git@bitbucket.example.com:7999/team01/service-{{number}}.git", "name": "ssh" },
            { "href": "https://bitbucket.example.com/scm/team01/service-{{number}}.git", "name": "http" }],
            "self": [{ "href": "https://bitbucket.example.com/projects/TEAM01/repos/service-{{number}}/browse" }] }
        }
        """)!.AsObject();

    private static JsonObject CloudRepository(int number) => JsonNode.Parse($$"""
        {
          "type": "repository", "uuid": "{00000000-0000-0000-0000-{{number:000000000000}}}", "full_name": "acme/service-{{number}}",
          "slug": "service-{{number}}", "name": "service-{{number}}", "description": "A service", "is_private": true, "language": "c#",
          "project": { "type": "project", "key": "TEAM01", "uuid": "{00000000-0000-0000-0000-000000000001}", "name": "Team 1" },
          "mainbranch": { "type": "branch", "name": "main" },
          "links": { "self": { "href": "https://api.bitbucket.org/2.0/repositories/acme/service-{{number}}" },
            "html": { "href": "https://bitbucket.org/acme/service-{{number}}" } }
        }
        """)!.AsObject();

    private static JsonObject CloudWebhook(int number) => JsonNode.Parse($$"""
        {
          "type": "webhook_subscription", "uuid": "{00000000-0000-0000-0000-{{number:000000000000}}}", "active": true,
          "description": "bitbucket-operator/1 owner=3f9a1c2b7d8e9f00 hook=ci managed by ci/platform",
          "url": "https://ci.example.com/{{number}}",
          "events": ["repo:push", "pullrequest:created", "pullrequest:fulfilled"], "secret_set": true, "skip_cert_verification": false,
          "subject": { "type": "repository", "full_name": "acme/service-{{number}}" }
        }
        """)!.AsObject();
}
