using System.CommandLine;
using System.Text.Json.Nodes;
using BitbucketOperator.Cli;
using BitbucketOperator.Cli.Run;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Packaging.Tests.Charts;

/// <summary>What the chart renders. UPDATE_GOLDEN=1 writes the expected.yaml of each case.</summary>
public sealed class RenderingTests
{
    // The CRD has tests of its own, and would hide the rest.
    private static readonly string[] WithoutCrd = ["--set", "crds.enabled=false"];

    public static TheoryData<string> Cases => Chart.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case_IsAsExpected(string name)
    {
        var actual = (await Chart.TemplateAsync(["--values", Chart.ValuesOf(name), .. WithoutCrd])).EnsureSuccess().Output;
        var file = Chart.ExpectedOf(name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(file, actual);
        }

        var expected = File.Exists(file) ? await File.ReadAllTextAsync(file) : "";
        (expected == actual).ShouldBeTrue($"{file} differs (- expected, + actual):\n{LineDiff.Of(expected, actual)}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case_PassesLint(string name)
    {
        var lint = await Chart.HelmAsync("lint", "--strict", "--values", Chart.ValuesOf(name), Chart.Folder);
        lint.ExitCode.ShouldBe(0, lint.Output + lint.Error);
        lint.Output.ShouldNotContain("[WARNING]");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task EveryPod_SatisfiesTheRestrictedStandard(string name)
    {
        var pods = (await Chart.ObjectsAsync(name)).Where(o => o.PodSpec() is not null).ToList();
        pods.Count.ShouldBe(3, "the operator, the release's test and the check before an uninstall");
        foreach (var pod in pods)
        {
            var (spec, id) = (pod.PodSpec()!, pod.Id());
            var security = spec["securityContext"]!;
            security["runAsNonRoot"]!.GetValue<bool>().ShouldBeTrue(id);
            security["runAsUser"]!.GetValue<long>().ShouldBeGreaterThan(0, $"{id}: a name could be root, and the kubelet refuses to guess");
            security["seccompProfile"]!["type"]!.GetValue<string>().ShouldBe("RuntimeDefault", id);
            foreach (var container in spec["containers"]!.AsArray())
            {
                var own = container!["securityContext"]!;
                own["allowPrivilegeEscalation"]!.GetValue<bool>().ShouldBeFalse(id);
                own["readOnlyRootFilesystem"]!.GetValue<bool>().ShouldBeTrue(id);
                own["capabilities"]!["drop"]!.AsArray().Select(c => c!.GetValue<string>()).ShouldBe(["ALL"], id);
                container["resources"]!["limits"]!["memory"].ShouldNotBeNull(id);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task EveryPod_IsStartedAsTheCommandLineUnderstandsIt(string name)
    {
        var root = new RootCommand { RunCommand.Create("run", ""), ProbeCommand.Create(), UninstallCheckCommand.Create() };
        foreach (var pod in (await Chart.ObjectsAsync(name)).Where(o => o.PodSpec() is not null))
        {
            root.Parse(pod.Arguments()).Errors.Select(e => e.Message).ShouldBeEmpty($"{pod.Id()}: {string.Join(' ', pod.Arguments())}");
        }
    }

    [Fact]
    public async Task EveryFlagOfRun_CanBeSetByAValue()
    {
        // What a Pod has no use for: it runs in the cluster that it watches.
        string[] outside = ["--kubeconfig", "--context"];
        // Comes from the Pod's own namespace.
        string[] fromThePod = ["--operator-namespace"];
        var given = (await Chart.ObjectsAsync("everything")).Concat(await Chart.ObjectsAsync("namespaced"))
            .Where(o => o.Kind() == "Deployment").SelectMany(d => d.Arguments()).Select(a => a.Split('=')[0]).ToHashSet(StringComparer.Ordinal);
        var flags = RunCommand.Create("run", "").Options.Select(o => o.Name);
        flags.Except(outside).Except(fromThePod).Where(f => !given.Contains(f)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("clusterName=prod:", "--cluster-name=prod:")]
    [InlineData("watchSelector=!legacy", "--watch-selector=!legacy")]
    [InlineData("cloud.apiUrl=https://cloud.example.com/a:", "--cloud-api-url=https://cloud.example.com/a:")]
    [InlineData("otlp.endpoint=http://collector:", "--otlp-endpoint=http://collector:")]
    public async Task TextThatYamlMightTakeForMore_ReachesTheOperatorAsItIs(string set, string argument)
    {
        var rendered = (await Chart.TemplateAsync([.. WithoutCrd, "--set", set])).EnsureSuccess().Output;
        Chart.Objects(rendered).The("Deployment").Arguments().ShouldContain(argument);
    }

    [Fact]
    public async Task AnnotationOfTheChart_CanBeReplaced()
    {
        var rendered = (await Chart.TemplateAsync([.. WithoutCrd, "--set", @"podAnnotations.kubectl\.kubernetes\.io/default-container=proxy"]))
            .EnsureSuccess().Output;
        rendered.Split('\n').Where(l => l.Contains("default-container", StringComparison.Ordinal)).ShouldHaveSingleItem().Trim()
            .ShouldBe("kubectl.kubernetes.io/default-container: proxy");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task SelectorsOfServicesAndPolicies_FindThePodAndNothingElse(string name)
    {
        var objects = await Chart.ObjectsAsync(name);
        var deployment = objects.The("Deployment");
        var labels = deployment["spec"]!["template"]!["metadata"]!["labels"]!.AsObject();
        JsonObject[] others =
        [
            objects.The("Pod")["metadata"]!["labels"]!.AsObject(),
            objects.The("Job")["spec"]!["template"]!["metadata"]!["labels"]!.AsObject(),
        ];
        JsonNode?[] selectors =
        [
            deployment["spec"]!["selector"]!["matchLabels"],
            .. objects.Where(o => o.Kind() == "Service").Select(o => o["spec"]!["selector"]),
            .. objects.Where(o => o.Kind() == "PodDisruptionBudget").Select(o => o["spec"]!["selector"]!["matchLabels"]),
            .. objects.Where(o => o.Kind() == "NetworkPolicy").Select(o => o["spec"]!["podSelector"]!["matchLabels"]),
        ];
        foreach (var selector in selectors)
        {
            selector!.AsObject().Select(l => l.Key).ShouldBe(["app.kubernetes.io/name", "app.kubernetes.io/instance"], "an upgrade may not change a selector");
            selector.AsObject().ShouldAllBe(l => JsonNode.DeepEquals(labels[l.Key], l.Value));
            others.ShouldAllBe(o => selector.AsObject().Any(l => !JsonNode.DeepEquals(o[l.Key], l.Value)), "neither the test nor the check is a replica");
        }
    }

    [Fact]
    public async Task RestrictedToNamespaces_HasNoRightElsewhere()
    {
        var objects = await Chart.ObjectsAsync("namespaced");
        objects.ShouldNotContain(o => o.Kind() == "ClusterRole" || o.Kind() == "ClusterRoleBinding");
        objects.Where(o => o.Kind() is "Role" or "RoleBinding").Select(o => $"{o.Namespace()} {o.Name()}").Distinct().Order(StringComparer.Ordinal).ShouldBe(
        [
            $"{Chart.Namespace} bitbucket-operator-leader-election",
            "team-a bitbucket-operator", "team-a bitbucket-operator-generate-secret", "team-a bitbucket-operator-uninstall-check",
            "team-b bitbucket-operator", "team-b bitbucket-operator-generate-secret", "team-b bitbucket-operator-uninstall-check",
        ]);
    }

    [Fact]
    public async Task Crd_IsTheGeneratedOne()
    {
        foreach (var plural in new[] { "bitbucketconnections", "bitbucketinventories" })
        {
            var crd = await DefinitionAsync("default", plural);
            var generated = Chart.Objects(await File.ReadAllTextAsync(SourceTree.PathOf("config", "crd", $"{plural}.yaml")))[0];
            JsonNode.DeepEquals(crd["spec"], generated["spec"]).ShouldBeTrue("the chart's definition is not config/crd's: run make generate");
            crd["metadata"]!["annotations"]!["helm.sh/resource-policy"]!.GetValue<string>().ShouldBe("keep");
            (await DefinitionAsync("everything", plural))["metadata"]!["annotations"].ShouldBeNull();
        }

        static async Task<JsonNode> DefinitionAsync(string @case, string plural) => (await Chart.ObjectsAsync(@case))
            .Single(o => o.Kind() == "CustomResourceDefinition" && o["metadata"]!["name"]!.GetValue<string>().StartsWith(plural, StringComparison.Ordinal));
    }

    [Fact]
    public async Task KustomizeBase_IsWhatTheChartRendersWithItsDefaults()
    {
        var built = (await (await ControlPlane.Tools.EnsureAsync()).KubectlAsync(["kustomize", SourceTree.PathOf("config")])).EnsureSuccess().Output;
        var actual = Chart.Objects(built).Where(o => o.Kind() != "Namespace").ToDictionary(o => o.Id(), StringComparer.Ordinal);
        var expected = (await Chart.ObjectsAsync("default")).Where(o => o["metadata"]!["annotations"]?["helm.sh/hook"] is null)
            .ToDictionary(o => o.Id(), StringComparer.Ordinal);
        actual.Keys.Order(StringComparer.Ordinal).ShouldBe(expected.Keys.Order(StringComparer.Ordinal));
        foreach (var (id, chart) in expected)
        {
            var (a, e) = (WithoutHelm(actual[id]), WithoutHelm(chart));
            JsonNode.DeepEquals(a, e).ShouldBeTrue($"{id} in config/ differs from the chart (- chart, + config):\n{LineDiff.Of(Text(e), Text(a))}");
        }
    }

    private static string Text(JsonNode node) => Yaml.Write(Yaml.FromJson(node));

    // Marks of a release, which a kustomize base has not; and the labels of a definition, which config/crd has fewer of.
    private static JsonObject WithoutHelm(JsonObject manifest)
    {
        var copy = manifest.DeepClone().AsObject();
        foreach (var metadata in new[] { copy["metadata"], copy["spec"]?["template"]?["metadata"] }.OfType<JsonObject>())
        {
            (metadata["labels"] as JsonObject)?.Remove("helm.sh/chart");
            (metadata["labels"] as JsonObject)?.Remove("app.kubernetes.io/managed-by");
        }

        if (copy.Kind() == "CustomResourceDefinition")
        {
            copy["metadata"] = new JsonObject { ["name"] = copy.Name() };
        }

        return copy;
    }
}
