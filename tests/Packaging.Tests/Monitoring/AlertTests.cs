using System.Text.Json.Nodes;
using BitbucketOperator.Packaging.Tests.Charts;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Packaging.Tests.Monitoring;

/// <summary>The alerts, as Prometheus takes them. Each has a file of its name in Cases, which says when it fires and when not.</summary>
public sealed class AlertTests
{
    private static readonly string Rules = Path.Combine(Chart.Folder, "files", "alerts.yaml");
    private static readonly string Cases = SourceTree.PathOf("tests", "Packaging.Tests", "Monitoring", "Cases");

    public static TheoryData<string> Alerts => [.. Read().Select(a => a["alert"]!.GetValue<string>())];

    [Theory]
    [MemberData(nameof(Alerts))]
    public async Task Alert_FiresWhenItShouldAndNotElse(string alert)
    {
        var file = Path.Combine(Cases, alert + ".yaml");
        var tests = Yaml(file)["tests"]!.AsArray().SelectMany(t => t!["alert_rule_test"]!.AsArray()).ToList();
        tests.ShouldAllBe(t => t!["alertname"]!.GetValue<string>() == alert);
        tests.ShouldContain(t => t!["exp_alerts"]!.AsArray().Count > 0, "a case in which it fires");
        tests.ShouldContain(t => t!["exp_alerts"]!.AsArray().Count == 0, "a case in which it does not");
        var result = await DebianTool.RunAsync("promtool", input: null, "test", "rules", file);
        result.ExitCode.ShouldBe(0, result.Output + result.Error);
    }

    [Fact]
    public async Task Rules_AreValidAndWithoutFlaws()
    {
        var result = await DebianTool.RunAsync("promtool", input: null, "check", "rules", "--lint=all", "--lint-fatal", Rules);
        result.ExitCode.ShouldBe(0, result.Output + result.Error);
    }

    [Fact]
    public async Task RenderedRule_HasTheGroupsOfTheFile()
    {
        var rule = (await Chart.ObjectsAsync("everything")).The("PrometheusRule");
        JsonNode.DeepEquals(rule["spec"], Yaml(Rules)).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Alerts))]
    public async Task Alert_SaysWhatToDo(string alert)
    {
        var rule = Read().Single(a => a["alert"]!.GetValue<string>() == alert);
        rule["labels"]!["severity"]!.GetValue<string>().ShouldBeOneOf("warning", "critical");
        var annotations = rule["annotations"]!;
        annotations["summary"]!.GetValue<string>().ShouldEndWith(".");
        annotations["description"]!.GetValue<string>().ShouldNotBeEmpty();
        const string Page = "https://github.com/bitbucket-operator/bitbucket-operator/blob/main/docs/metrics.md#";
        annotations["runbook_url"]!.GetValue<string>().ShouldBe(Page + alert.ToLowerInvariant());
        var lines = await File.ReadAllLinesAsync(SourceTree.PathOf("docs", "metrics.md"));
        var section = lines.SkipWhile(l => l != $"### {alert}").Skip(1).TakeWhile(l => !l.StartsWith("### ", StringComparison.Ordinal)).ToList();
        foreach (var part in new[] { "Meaning", "Causes", "What to do" })
        {
            section.ShouldContain(l => l.StartsWith($"- **{part}**: ", StringComparison.Ordinal), $"docs/metrics.md, {alert}");
        }
    }

    [Fact]
    public async Task Dashboard_IsInTheConfigMapAsItIs()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "files", "dashboard.json"));
        var map = (await Chart.ObjectsAsync("everything")).Single(o => o.Kind() == "ConfigMap" && o.Name().EndsWith("-dashboard", StringComparison.Ordinal));
        var rendered = JsonNode.Parse(map["data"]!["bitbucket-operator.json"]!.GetValue<string>());
        JsonNode.DeepEquals(rendered, JsonNode.Parse(text)).ShouldBeTrue();
        var panels = rendered!["panels"]!.AsArray();
        panels.Select(p => p!["id"]!.GetValue<int>()).ShouldBeUnique();
        panels.Where(p => p!["type"]!.GetValue<string>() != "row")
            .ShouldAllBe(p => p!["targets"]!.AsArray().Count > 0 && p["title"]!.GetValue<string>().Length > 0);
    }

    private static IEnumerable<JsonNode> Read() => Yaml(Rules)["groups"]!.AsArray().SelectMany(g => g!["rules"]!.AsArray()).Select(r => r!);

    private static JsonObject Yaml(string file) => Chart.Objects(File.ReadAllText(file))[0];
}
