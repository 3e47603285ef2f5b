using System.Text.Json.Nodes;
using BitbucketOperator.ControlPlane;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Packaging.Tests.Charts;

/// <summary>
/// helm uninstall while connections have the finalizer. The API server runs no Pods: the test starts the binary as the hook's Job
/// says, with the rights of the Job's account, and writes what came of it to the Job's status.
/// </summary>
public sealed class UninstallCheckTests(PackagingFixture fixture) : IAsyncLifetime
{
    private const string Release = "guarded";
    private const string Job = "guarded-bitbucket-operator-uninstall-check";
    private const string Timeout = "--timeout=180s";
    private string _namespace = "";
    private string _watched = "";

    public async ValueTask InitializeAsync()
    {
        await fixture.DeleteDefinitionAsync();
        (_namespace, _watched) = (await fixture.NewNamespaceAsync(), await fixture.NewNamespaceAsync("watched"));
    }

    public async ValueTask DisposeAsync() =>
        await fixture.HelmAsync("uninstall", Release, "--namespace", _namespace, "--ignore-not-found", "--no-hooks");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhileAConnectionHasTheFinalizer_UninstallIsRefused(bool restricted)
    {
        await InstallAsync(restricted ? $"watchNamespaces={{{_watched}}},clusterName=east" : "workers=2");
        await ConnectAsync("platform", BitbucketConnection.Finalizer);

        var (refused, check) = await UninstallAsync();

        check.ExitCode.ShouldBe(1, check.Output);
        check.Output.ShouldContain($"1 BitbucketConnection has the finalizer {BitbucketConnection.Finalizer}");
        check.Output.ShouldContain($"{_watched}/platform\n");
        check.Output.ShouldContain("helm uninstall --no-hooks");
        refused.ExitCode.ShouldNotBe(0, refused.Output);
        await fixture.KubectlAsync("get", "deployment", "guarded-bitbucket-operator", "--namespace", _namespace);

        await fixture.KubectlAsync("delete", "bitbucketconnection", "platform", "--namespace", _watched, "--wait=false");
        await fixture.KubectlAsync("patch", "bitbucketconnection", "platform", "--namespace", _watched, "--type=merge", """--patch={"metadata":{"finalizers":null}}""");
        await fixture.KubectlAsync("wait", "--for=delete", "bitbucketconnection/platform", "--namespace", _watched, Timeout);
        var (uninstalled, again) = await UninstallAsync();

        again.ExitCode.ShouldBe(0, again.Output);
        uninstalled.EnsureSuccess();
        (await fixture.KubectlAsync("get", "deployments,jobs,serviceaccounts,roles,rolebindings", "--selector", $"app.kubernetes.io/instance={Release}", "-A", "-o", "name")).ShouldBeEmpty();
        (await fixture.KubectlAsync("get", "clusterroles,clusterrolebindings", "--selector", $"app.kubernetes.io/instance={Release}", "-o", "name")).ShouldBeEmpty();
    }

    [Fact]
    public async Task RefusedOnce_IsRolledBackOrUninstalledWithoutHooks()
    {
        await InstallAsync("workers=2");
        await ConnectAsync("platform", BitbucketConnection.Finalizer);
        (await UninstallAsync()).Helm.ExitCode.ShouldNotBe(0);
        (await fixture.Cluster.HelmAsync("upgrade", Release, Chart.Folder, "--namespace", _namespace)).Error.ShouldContain("has no deployed releases");
        await fixture.HelmAsync("rollback", Release, "1", "--namespace", _namespace);
        await fixture.HelmAsync("upgrade", Release, Chart.Folder, "--namespace", _namespace);

        await fixture.HelmAsync("uninstall", Release, "--namespace", _namespace, "--no-hooks");

        (await fixture.KubectlAsync("get", "deployments", "--namespace", _namespace, "-o", "name")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("workers=2", "example.com/another")]
    [InlineData("watchSelector=shard=b", BitbucketConnection.Finalizer)]
    public async Task ConnectionsOfOthers_DoNotCount(string set, string finalizer)
    {
        await InstallAsync(set);
        await ConnectAsync("platform", finalizer);
        var (uninstalled, check) = await UninstallAsync();
        check.ExitCode.ShouldBe(0, check.Output);
        uninstalled.EnsureSuccess();
    }

    [Fact]
    public async Task NoDefinition_NothingIsInTheWay()
    {
        await InstallAsync("workers=2");
        await fixture.DeleteDefinitionAsync();
        var (uninstalled, check) = await UninstallAsync();
        check.ExitCode.ShouldBe(0, check.Output);
        uninstalled.EnsureSuccess();
    }

    [Fact]
    public async Task ManyConnections_AreCounted()
    {
        await InstallAsync("workers=2");
        foreach (var i in Enumerable.Range(0, 12))
        {
            await ConnectAsync($"platform-{i:00}", BitbucketConnection.Finalizer);
        }

        var kubeconfig = fixture.Cluster.KubeconfigPath;
        var (exitCode, output) = await OperatorProcess.RunAsync("uninstall-check", "--kubeconfig", kubeconfig);
        exitCode.ShouldBe(1);
        output.ShouldContain($"12 BitbucketConnections have the finalizer {BitbucketConnection.Finalizer}");
        output.ShouldContain($"{_watched}/platform-09 and 2 more\n");
        (await OperatorProcess.RunAsync("uninstall-check", "--kubeconfig", kubeconfig, "--watch-namespaces", _namespace)).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task WithoutTheRight_ItRefuses()
    {
        await InstallAsync("uninstallCheck.enabled=false");
        var kubeconfig = await fixture.Cluster.WriteKubeconfigForServiceAccountAsync(_namespace, "default");
        var (exitCode, output) = await OperatorProcess.RunAsync("uninstall-check", "--kubeconfig", kubeconfig);
        exitCode.ShouldBe(1);
        output.ShouldContain("error: ");
        output.ShouldContain("cannot list resource \"bitbucketconnections\"");
    }

    [Fact]
    public async Task SwitchedOff_NothingIsAsked()
    {
        await InstallAsync("uninstallCheck.enabled=false");
        await ConnectAsync("platform", BitbucketConnection.Finalizer);
        await fixture.HelmAsync("uninstall", Release, "--namespace", _namespace);
    }

    [Theory]
    [InlineData("default", "ClusterRole")]
    [InlineData("namespaced", "Role")]
    public async Task Account_MayListConnectionsAndNothingElse(string name, string kind)
    {
        var hooks = (await Chart.ObjectsAsync(name)).Where(o => o["metadata"]!["annotations"]?["helm.sh/hook"]?.GetValue<string>() == "pre-delete").ToList();
        var account = hooks.The("ServiceAccount").Name();
        hooks.The("Job").PodSpec()!["serviceAccountName"]!.GetValue<string>().ShouldBe(account);
        var roles = hooks.Where(o => o["rules"] is not null).ToList();
        roles.ShouldNotBeEmpty();
        foreach (var role in roles)
        {
            role.Kind().ShouldBe(kind);
            role["rules"]!.ToJsonString().ShouldBe("""[{"apiGroups":["bitbucketoperator.dev"],"resources":["bitbucketconnections"],"verbs":["list"]}]""");
        }

        (await Chart.ObjectsAsync(name)).Where(o => o["subjects"] is not null).Except(hooks).SelectMany(o => o["subjects"]!.AsArray())
            .ShouldAllBe(s => s!["name"]!.GetValue<string>() != account);
    }

    [Theory]
    [InlineData("rbac.create=false", "bitbucket-operator")]
    [InlineData("serviceAccount.create=false,serviceAccount.name=given", "given")]
    public async Task WithoutRolesOfTheChart_TheCheckHasTheOperatorsAccount(string set, string account)
    {
        var objects = Chart.Objects((await Chart.TemplateAsync("--set", set)).EnsureSuccess().Output);
        objects.The("Job").PodSpec()!["serviceAccountName"]!.GetValue<string>().ShouldBe(account);
        objects.ShouldNotContain(o => o.Kind() != "Job" && o.Name().EndsWith("-uninstall-check", StringComparison.Ordinal));
    }

    private Task<string> InstallAsync(string set) => fixture.HelmAsync("install", Release, Chart.Folder, "--namespace", _namespace, "--set", set);

    private Task ConnectAsync(string name, string finalizer) => fixture.ApplyAsync(
        $$"""
        apiVersion: bitbucketoperator.dev/v1alpha1
        kind: BitbucketConnection
        metadata: { name: {{name}}, finalizers: ["{{finalizer}}"] }
        spec:
          url: https://bitbucket.example.com
          auth: { type: HTTPAccessToken, secretRef: { name: bitbucket-token } }
        """,
        _watched);

    private async Task<(CommandResult Helm, (int ExitCode, string Output) Check)> UninstallAsync()
    {
        var uninstall = fixture.Cluster.HelmAsync("uninstall", Release, "--namespace", _namespace, Timeout);
        // A hook that is left from an earlier try is replaced: only the new one has no end.
        await fixture.KubectlAsync("wait", "--for=create", $"job/{Job}", "--namespace", _namespace, Timeout);
        await fixture.KubectlAsync("wait", "--for=jsonpath={.status}={}", $"job/{Job}", "--namespace", _namespace, Timeout);
        var job = JsonNode.Parse(await fixture.KubectlAsync("get", "job", Job, "--namespace", _namespace, "-o", "json"))!.AsObject();
        var kubeconfig = await fixture.Cluster.WriteKubeconfigForServiceAccountAsync(_namespace, job.PodSpec()!["serviceAccountName"]!.GetValue<string>());
        var check = await OperatorProcess.RunAsync([.. job.Arguments(), "--kubeconfig", kubeconfig]);
        var status = new JsonObject { ["status"] = StatusOf(check.ExitCode == 0) };
        await fixture.KubectlAsync("patch", "job", Job, "--namespace", _namespace, "--subresource=status", "--type=merge", $"--patch={status.ToJsonString()}");
        return (await uninstall, check);
    }

    private static JsonObject StatusOf(bool succeeded)
    {
        var now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        JsonNode Condition(string type) => new JsonObject { ["type"] = type, ["status"] = "True", ["reason"] = "Test", ["lastTransitionTime"] = now };
        return succeeded
            ? new JsonObject { ["startTime"] = now, ["completionTime"] = now, ["succeeded"] = 1, ["conditions"] = new JsonArray(Condition("SuccessCriteriaMet"), Condition("Complete")) }
            : new JsonObject { ["startTime"] = now, ["failed"] = 1, ["conditions"] = new JsonArray(Condition("FailureTarget"), Condition("Failed")) };
    }
}
