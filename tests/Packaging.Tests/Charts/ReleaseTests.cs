using System.Text.Json.Nodes;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Packaging.Tests.Charts;

/// <summary>Releases of the chart, by helm, on a real API server.</summary>
public sealed class ReleaseTests(PackagingFixture fixture) : IAsyncLifetime
{
    private const string Crd = "bitbucketconnections.bitbucketoperator.dev";

    private const string Connection =
        """
        apiVersion: bitbucketoperator.dev/v1alpha1
        kind: BitbucketConnection
        metadata: { name: platform }
        spec:
          url: https://bitbucket.example.com
          auth: { type: HTTPAccessToken, secretRef: { name: bitbucket-token } }
        """;

    private readonly List<(string Name, string Namespace)> _releases = [];
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("packaging");

    public static TheoryData<string> Cases => Chart.Cases;

    public async ValueTask InitializeAsync() => await fixture.DeleteDefinitionAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var (name, ns) in _releases)
        {
            await fixture.HelmAsync("uninstall", name, "--namespace", ns, "--ignore-not-found", "--no-hooks");
        }

        _temporary.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task EveryObject_IsTakenByTheApiServer(string name)
    {
        // Custom resources of the Prometheus operator; and the development API server has neither admission policies nor Jobs.
        var hasPolicies = (await fixture.Cluster.KubectlAsync("get", "--raw", "/apis/admissionregistration.k8s.io/v1")).ExitCode == 0;
        string[] policies = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
        var hasJobs = (await fixture.Cluster.KubectlAsync("get", "--raw", "/apis/batch/v1")).ExitCode == 0;
        string[] notServed = ["ServiceMonitor", "PodMonitor", "PrometheusRule", .. hasPolicies ? [] : policies, .. hasJobs ? (string[])[] : ["Job"]];
        var objects = (await Chart.ObjectsAsync(name)).Where(o => !notServed.Contains(o.Kind())).ToList();
        foreach (var ns in objects.Select(o => o.Namespace()).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            await fixture.ApplyAsync($"apiVersion: v1\nkind: Namespace\nmetadata: {{ name: {ns} }}");
        }

        foreach (var manifest in objects)
        {
            var result = await DryRunAsync(manifest);
            result.ExitCode.ShouldBe(0, $"{manifest.Id()}: {result.Error}");
        }
    }

    [Fact]
    public async Task MisspeltField_IsNotTakenByTheApiServer()
    {
        var deployment = (await Chart.ObjectsAsync("default")).The("Deployment");
        deployment["metadata"]!["namespace"] = "default";
        deployment.PodSpec()!["terminationGracePeriod"] = 30;
        (await DryRunAsync(deployment)).Error.ShouldContain(".spec.template.spec.terminationGracePeriod: field not declared in schema");
    }

    [Fact]
    public async Task Upgrade_BringsTheNewDefinition_AndConnectionsStay()
    {
        var ns = await fixture.NewNamespaceAsync();
        await InstallAsync("one", ns, Chart.Folder);
        await fixture.ApplyAsync(Connection, ns);

        await fixture.HelmAsync("upgrade", "one", ChartWithAnotherColumn(), "--namespace", ns);

        (await fixture.KubectlAsync("get", "crd", Crd, "-o", "jsonpath={.spec.versions[0].additionalPrinterColumns[*].name}")).ShouldContain("Another");
        (await fixture.KubectlAsync("get", "bitbucketconnection", "platform", "--namespace", ns, "-o", "jsonpath={.spec.url}"))
            .ShouldBe("https://bitbucket.example.com");
    }

    [Fact]
    public async Task Uninstall_LeavesTheDefinitionAndTheConnections_AndAnotherInstallTakesThemUp()
    {
        var ns = await fixture.NewNamespaceAsync();
        await InstallAsync("one", ns, Chart.Folder);
        await fixture.ApplyAsync(Connection, ns);
        var uid = await fixture.KubectlAsync("get", "bitbucketconnection", "platform", "--namespace", ns, "-o", "jsonpath={.metadata.uid}");

        await fixture.HelmAsync("uninstall", "one", "--namespace", ns, "--no-hooks");

        (await fixture.KubectlAsync("get", "deployments,services,serviceaccounts,roles,rolebindings", "--namespace", ns, "-o", "name")).ShouldBeEmpty();
        (await fixture.KubectlAsync("get", "clusterroles,clusterrolebindings", "--selector", "app.kubernetes.io/instance=one", "-o", "name")).ShouldBeEmpty();
        await InstallAsync("one", ns, Chart.Folder);
        (await fixture.KubectlAsync("get", "bitbucketconnection", "platform", "--namespace", ns, "-o", "jsonpath={.metadata.uid}")).ShouldBe(uid);
    }

    [Fact]
    public async Task Uninstall_WithoutKeep_TakesTheDefinitionAlong()
    {
        var ns = await fixture.NewNamespaceAsync();
        await InstallAsync("one", ns, Chart.Folder, "--set", "crds.keep=false");
        await fixture.HelmAsync("uninstall", "one", "--namespace", ns, "--no-hooks");
        await fixture.KubectlAsync("wait", "--for=delete", $"crd/{Crd}", "--timeout=180s");
    }

    [Fact]
    public async Task DefinitionOfAnotherOrigin_IsTakenOverWhenAsked()
    {
        var ns = await fixture.NewNamespaceAsync();
        await fixture.KubectlAsync("apply", "-f", SourceTree.PathOf("config", "crd"));
        var refused = await fixture.Cluster.HelmAsync("install", "one", Chart.Folder, "--namespace", ns);
        refused.ExitCode.ShouldNotBe(0);
        refused.Error.ShouldContain("cannot be imported into the current release");

        await InstallAsync("one", ns, Chart.Folder, "--take-ownership");
        (await fixture.KubectlAsync("get", "crd", Crd, "-o", "jsonpath={.metadata.annotations.meta\\.helm\\.sh/release-name}")).ShouldBe("one");
    }

    [Fact]
    public async Task TwoReleases_ShareTheCluster()
    {
        var (a, b) = (await fixture.NewNamespaceAsync(), await fixture.NewNamespaceAsync());
        await InstallAsync("shard-a", a, Chart.Folder, "--set", "watchSelector=shard=a");
        await InstallAsync("shard-b", b, Chart.Folder, "--set", "watchSelector=shard=b", "--set", "crds.enabled=false");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Operator_WithTheRightsOfTheRelease_GetsReady(bool restricted)
    {
        var (ns, watched) = (await fixture.NewNamespaceAsync(), await fixture.NewNamespaceAsync("watched"));
        string[] values = restricted ? ["--set", $"watchNamespaces={{{watched}}}", "--set", "clusterName=east"] : [];
        await InstallAsync("bitbucket-operator", ns, Chart.Folder, values);
        await fixture.ApplyAsync(Connection, watched);
        var deployment = JsonNode.Parse(await fixture.KubectlAsync("get", "deployment", "bitbucket-operator", "--namespace", ns, "-o", "json"))!.AsObject();
        var account = deployment.PodSpec()!["serviceAccountName"]!.GetValue<string>();
        var kubeconfig = await fixture.Cluster.WriteKubeconfigForServiceAccountAsync(ns, account);

        await using var process = OperatorProcess.Start(deployment.Arguments(), kubeconfig, ns);
        await process.ShouldBecomeReadyAsync();

        // Written by the operator: nothing is behind the URL, and saying so needs every right of a pass.
        await fixture.KubectlAsync("wait", "bitbucketconnection/platform", "--namespace", watched, "--for=condition=Ready=False", "--timeout=180s");
        (await fixture.KubectlAsync("get", "lease", "bitbucket-operator", "--namespace", ns, "-o", "jsonpath={.spec.holderIdentity}")).ShouldNotBeEmpty();
    }

    private async Task InstallAsync(string name, string ns, string chart, params string[] more)
    {
        _releases.Add((name, ns));
        await fixture.HelmAsync(["install", name, chart, "--namespace", ns, .. more]);
    }

    private Task<ControlPlane.CommandResult> DryRunAsync(JsonObject manifest) =>
        fixture.Cluster.KubectlAsync(["apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-"], manifest.ToJsonString());

    private string ChartWithAnotherColumn()
    {
        var copy = Path.Combine(_temporary.FullName, "chart");
        Chart.CopyTo(copy);
        const string Columns = "additionalPrinterColumns:\n";
        var crd = Path.Combine(copy, "templates", "crd.yaml");
        var text = File.ReadAllText(crd);
        text.ShouldContain(Columns);
        File.WriteAllText(
            crd, text.Replace(Columns, Columns + "    - name: Another\n      type: string\n      jsonPath: .spec.mode\n", StringComparison.Ordinal));
        return copy;
    }
}
