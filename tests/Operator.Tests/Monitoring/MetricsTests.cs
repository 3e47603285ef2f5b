using System.Net;
using System.Text.Json.Nodes;
using BitbucketOperator.ControlPlane;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests.Monitoring;

/// <summary>The metrics of the published binary, scraped by Prometheus.</summary>
public sealed class MetricsTests(ClusterFixture fixture)
{
    // What a world without trouble does not tell, and why.
    private static readonly Dictionary<string, string> NotHere = new(StringComparer.Ordinal)
    {
        ["bitbucket_operator_bitbucket_budget_refusals_total"] = "no budget is used up",
        ["bitbucket_operator_queue_retries_total"] = "no pass fails",
        ["bitbucket_operator_events_dropped_total"] = "no event is dropped",
        ["bitbucket_operator_reconcile_panics_total"] = "there is no defect",
        ["bitbucket_operator_watch_restarts_total"] = "a watch lasts for minutes",
        ["code=\"429\""] = "nobody throttles",
    };

    [Fact]
    public async Task Scrape_IsWhatTheTableSays()
    {
        await using var world = await MonitoredWorld.StartAsync(fixture);
        var text = await world.ScrapeAsync();

        var lint = await DebianTool.RunAsync("promtool", text, "check", "metrics");
        var own = Exposition.Read(text).Where(m => m.Name.StartsWith("bitbucket_operator_", StringComparison.Ordinal)).ToList();
        foreach (var metric in own)
        {
            var row = Exposition.Documented().Where(m => m.Name == metric.Name).ShouldHaveSingleItem($"{metric.Name} in docs/metrics.md");
            metric.Type.ShouldBe(row.Type, metric.Name);
            metric.Labels.ShouldBe(row.Labels, metric.Name);
            metric.Help.ShouldStartWith(row.Help);
        }

        Exposition.Documented().Select(m => m.Name).Except(own.Select(m => m.Name)).ShouldBeSubsetOf(NotHere.Keys);
        (lint.Output + lint.Error).Split('\n').Where(l => l.Contains("bitbucket_operator_", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Prometheus_AnswersEveryQueryOfDashboardAndAlerts()
    {
        await using var world = await MonitoredWorld.StartAsync(fixture);
        await using var prometheus = await Prometheus.StartAsync([.. world.Addresses]);
        await world.Scenario.UntilAsync("Prometheus", prometheus.IsReadyAsync, () => "not ready");
        await world.Scenario.UntilAsync(
            "three scrapes", async () => await prometheus.QueryAsync("count_over_time(bitbucket_operator_leader[1m]) > 3") is [_, ..], () => "fewer");

        foreach (var query in DashboardQueries())
        {
            var found = await prometheus.QueryAsync(query);
            (found.Count > 0 || NotHere.Keys.Any(n => query.Contains(n, StringComparison.Ordinal))).ShouldBeTrue($"nothing is found by {query}");
        }

        await world.Scenario.UntilAsync(
            "the evaluation of all rules", async () => (await prometheus.RulesAsync()).All(r => r["health"]!.GetValue<string>() == "ok"),
            () => "not all healthy");
        foreach (var rule in await prometheus.RulesAsync())
        {
            rule["state"]!.GetValue<string>().ShouldBe("inactive", rule["name"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task DeletedConnection_HasNoSeriesAnyMore()
    {
        await using var world = await MonitoredWorld.StartAsync(fixture);
        (await world.ScrapeAsync()).ShouldContain("name=\"acme\"");

        await world.Scenario.KubectlAsync("delete", "bitbucketconnection", MonitoredWorld.Cloud, "--timeout=180s");

        var text = "";
        await world.Scenario.UntilAsync(
            "the end of the series", async () => !(text = await world.ScrapeAsync()).Contains("name=\"acme\"", StringComparison.Ordinal), () => text);
        text.ShouldContain("name=\"platform\"");
    }

    [Fact]
    public async Task Standby_TellsThatItDoesNotLeadAndNothingOfConnections()
    {
        await using var world = await MonitoredWorld.StartAsync(fixture);
        world.StartOperator();
        var standby = "";
        await world.Scenario.UntilAsync(
            "the standby's metrics",
            async () =>
            {
                try
                {
                    standby = await world.ScrapeAsync(1);
                    return true;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            () => "they are not served");

        standby.ShouldContain("bitbucket_operator_leader{} 0");
        standby.ShouldNotContain("bitbucket_operator_connection_");
        (await world.ScrapeAsync()).ShouldContain("bitbucket_operator_leader{} 1");
    }

    [Fact]
    public async Task EachPort_ServesItsOwnPathsAlone()
    {
        using var health = FreePorts.Reserve();
        await using var world = await MonitoredWorld.StartAsync(fixture, "--health-address", health.ToString());
        using var http = new HttpClient();
        (await StatusAsync(http, $"http://{health}/readyz")).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(http, $"http://{health}/metrics")).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync(http, $"http://{world.Addresses[0]}/metrics")).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(http, $"http://{world.Addresses[0]}/livez")).ShouldBe(HttpStatusCode.NotFound);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string url)
    {
        using var answer = await http.GetAsync(new Uri(url));
        return answer.StatusCode;
    }

    private static IEnumerable<string> DashboardQueries() =>
        JsonNode.Parse(File.ReadAllText(SourceTree.PathOf("charts", "bitbucket-operator", "files", "dashboard.json")))!["panels"]!.AsArray()
            .SelectMany(p => p!["targets"]?.AsArray() ?? [])
            .Select(t => t!["expr"]!.GetValue<string>()
                .Replace("$__rate_interval", "30s", StringComparison.Ordinal)
                .Replace("$namespace", ".*", StringComparison.Ordinal)
                .Replace("$job", ".*", StringComparison.Ordinal));
}
