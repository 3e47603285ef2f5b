using System.Text.Json.Nodes;

namespace BitbucketOperator.Packaging.Tests.Charts;

/// <summary>Values that say where objects and Pods are, and on what they run.</summary>
public sealed class PlacementTests
{
    private static readonly string[] Monitoring = ["ServiceMonitor", "PodMonitor"];

    [Theory]
    [InlineData("auto", true, false)]
    [InlineData("auto", false, true)]
    [InlineData("force", false, false)]
    [InlineData("disabled", true, true)]
    public async Task OnOpenShift_TheUserIsLeftToTheCluster(string adapt, bool openShift, bool fixedUser)
    {
        const string Security = "podSecurityContext.fsGroup=65532,containerSecurityContext.runAsUser=65532,containerSecurityContext.runAsGroup=65532";
        string[] versions = openShift ? ["--api-versions", "security.openshift.io/v1"] : [];
        var objects = await RenderAsync(["--set", $"{Security},global.compatibility.openshift.adaptSecurityContext={adapt}", .. versions]);
        var pods = objects.Select(o => o.PodSpec()).OfType<JsonObject>().ToList();
        pods.Count.ShouldBe(3);
        foreach (var security in pods.SelectMany(p => new[] { p["securityContext"]!, p["containers"]![0]!["securityContext"]! }).Select(s => s.AsObject()))
        {
            security.ContainsKey("runAsUser").ShouldBe(fixedUser);
            security.ContainsKey("runAsGroup").ShouldBe(fixedUser);
        }

        foreach (var security in pods.Select(p => p["securityContext"]!.AsObject()))
        {
            security.ContainsKey("fsGroup").ShouldBe(fixedUser);
            security["runAsNonRoot"]!.GetValue<bool>().ShouldBeTrue();
            security["seccompProfile"]!["type"]!.GetValue<string>().ShouldBe("RuntimeDefault");
        }
    }

    [Theory]
    [InlineData("hostNetwork=true", "ClusterFirstWithHostNet")]
    [InlineData("hostNetwork=true,dnsPolicy=Default", "Default")]
    [InlineData("dnsPolicy=Default", "Default")]
    [InlineData("hostNetwork=false", null)]
    public async Task NetworkOfTheNode_StillKnowsTheClustersNames(string set, string? dnsPolicy)
    {
        foreach (var pod in (await RenderAsync("--set", set)).Select(o => o.PodSpec()).OfType<JsonObject>())
        {
            pod["dnsPolicy"]?.GetValue<string>().ShouldBe(dnsPolicy);
            (pod["dnsPolicy"] is null).ShouldBe(dnsPolicy is null);
        }
    }

    [Fact]
    public async Task NetworkOfTheNode_IsLeftBeforeTheNextPodTakesItsPorts()
    {
        var update = (await RenderAsync("--set", "hostNetwork=true")).The("Deployment")["spec"]!["strategy"]!["rollingUpdate"]!;
        update["maxSurge"]!.GetValue<long>().ShouldBe(0);
        update["maxUnavailable"]!.GetValue<long>().ShouldBe(1);
    }

    [Fact]
    public async Task OtherNamespace_HasEveryObjectAndTheAccountOfEveryBinding()
    {
        var objects = await RenderAsync(
            "--set",
            "namespaceOverride=elsewhere,generateSecret.enabled=true,networkPolicy.enabled=true,podDisruptionBudget.enabled=true,"
            + "metrics.dashboard.enabled=true,metrics.prometheusRule.enabled=true,metrics.serviceMonitor.enabled=true");
        objects.Select(o => o.Namespace()).OfType<string>().Distinct(StringComparer.Ordinal).ShouldBe(["elsewhere"]);
        objects.Where(o => o["subjects"] is not null).SelectMany(o => o["subjects"]!.AsArray())
            .ShouldAllBe(s => s!["namespace"]!.GetValue<string>() == "elsewhere");
        objects.The("ValidatingAdmissionPolicy")["spec"]!["matchConditions"]![0]!["expression"]!.GetValue<string>()
            .ShouldContain("system:serviceaccount:elsewhere:bitbucket-operator");
    }

    [Theory]
    [InlineData("ServiceMonitor", "serviceMonitor", "endpoints")]
    [InlineData("PodMonitor", "podMonitor", "podMetricsEndpoints")]
    public async Task MonitorInAnotherNamespace_LooksIntoTheOperators(string kind, string value, string endpoints)
    {
        var objects = await RenderAsync(
            "--set", $"metrics.{value}.enabled=true,metrics.{value}.namespace=monitoring,metrics.{value}.labels.release=prometheus");
        var monitor = objects.Single(o => Monitoring.Contains(o.Kind()));
        monitor.Kind().ShouldBe(kind);
        monitor.Namespace().ShouldBe("monitoring");
        monitor["metadata"]!["labels"]!["release"]!.GetValue<string>().ShouldBe("prometheus");
        monitor["spec"]!["namespaceSelector"]!["matchNames"]!.AsArray().Select(n => n!.GetValue<string>()).ShouldBe([Chart.Namespace]);
        monitor["spec"]![endpoints]![0]!["port"]!.GetValue<string>().ShouldBe("metrics");
        var selected = monitor["spec"]!["selector"]!["matchLabels"]!.AsObject();
        var target = kind == "PodMonitor" ? objects.The("Deployment")["spec"]!["template"]! : objects.Single(o => o.Name() == "bitbucket-operator-metrics");
        selected.ShouldAllBe(l => JsonNode.DeepEquals(target["metadata"]!["labels"]![l.Key], l.Value));
    }

    [Fact]
    public async Task OwnStrategy_ReplacesTheDefault()
    {
        var objects = await RenderAsync("--set", "strategy.type=RollingUpdate,strategy.rollingUpdate.maxUnavailable=1");
        var strategy = objects.The("Deployment")["spec"]!["strategy"]!;
        strategy.ToJsonString().ShouldBe("""{"rollingUpdate":{"maxUnavailable":1},"type":"RollingUpdate"}""");
    }

    private static async Task<IReadOnlyList<JsonObject>> RenderAsync(params string[] arguments) =>
        Chart.Objects((await Chart.TemplateAsync(["--set", "crds.enabled=false", .. arguments])).EnsureSuccess().Output);
}
