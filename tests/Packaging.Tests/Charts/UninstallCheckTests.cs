using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Packaging.Tests.Charts;

/// <summary>
/// The hook before helm uninstall. The API server runs no Pods: the test installs the hook's account and roles as helm does, and
/// starts the binary as the hook's Job says, with the rights of that account. What helm makes of the Job is part of the end-to-end
/// test on a cluster with nodes.
/// </summary>
public sealed class UninstallCheckTests(PackagingFixture fixture) : IAsyncLifetime
{
    private const string Release = "guarded";
    private string _namespace = "";
    private string _watched = "";

    public async ValueTask InitializeAsync()
    {
        await fixture.DeleteDefinitionAsync();
        (_namespace, _watched) = (await fixture.NewNamespaceAsync(), await fixture.NewNamespaceAsync("watched"));
    }

    public async ValueTask DisposeAsync()
    {
        await fixture.HelmAsync("uninstall", Release, "--namespace", _namespace, "--ignore-not-found", "--no-hooks");
        await fixture.KubectlAsync("delete", "clusterroles,clusterrolebindings", "--selector", $"app.kubernetes.io/instance={Release}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhileAConnectionHasTheFinalizer_TheCheckFails(bool restricted)
    {
        await InstallAsync(restricted ? $"watchNamespaces={{{_watched}}},clusterName=east" : "workers=2");
        await ConnectAsync("platform", BitbucketConnection.Finalizer);

        var (exitCode, output) = await CheckAsync();

        exitCode.ShouldBe(1, output);
        output.ShouldContain($"1 BitbucketConnection has the finalizer {BitbucketConnection.Finalizer}");
        output.ShouldContain($"{_watched}/platform\n");
        output.ShouldContain("helm uninstall --no-hooks");

        await fixture.KubectlAsync(
            "patch", "bitbucketconnection", "platform", "--namespace", _watched, "--type=merge", """--patch={"metadata":{"finalizers":null}}""");
        (exitCode, output) = await CheckAsync();
        exitCode.ShouldBe(0, output);
    }

    // The development API server refuses the Job, and no cluster runs it in this time.
    [Fact]
    public async Task HookThatFails_LeavesEverything_AndTheReleaseIsRolledBackOrUninstalledWithoutHooks()
    {
        await InstallAsync("workers=2");

        (await fixture.Cluster.HelmAsync("uninstall", Release, "--namespace", _namespace, "--timeout=1s")).ExitCode.ShouldNotBe(0);

        await fixture.KubectlAsync("get", "deployment", "guarded-bitbucket-operator", "--namespace", _namespace);
        (await fixture.Cluster.HelmAsync("upgrade", Release, Chart.Folder, "--namespace", _namespace)).Error.ShouldContain("has no deployed releases");
        await fixture.HelmAsync("rollback", Release, "1", "--namespace", _namespace);
        await fixture.HelmAsync("upgrade", Release, Chart.Folder, "--namespace", _namespace);
        (await fixture.Cluster.HelmAsync("uninstall", Release, "--namespace", _namespace, "--timeout=1s")).ExitCode.ShouldNotBe(0);
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
        var (exitCode, output) = await CheckAsync();
        exitCode.ShouldBe(0, output);
    }

    [Fact]
    public async Task NoDefinition_NothingIsInTheWay()
    {
        await InstallAsync("workers=2");
        await fixture.DeleteDefinitionAsync();
        var (exitCode, output) = await CheckAsync();
        exitCode.ShouldBe(0, output);
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
        await fixture.KubectlAsync("create", "serviceaccount", "nobody", "--namespace", _namespace);
        var kubeconfig = await fixture.Cluster.WriteKubeconfigForServiceAccountAsync(_namespace, "nobody");
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
        var objects = await Chart.ObjectsAsync(name);
        var hooks = objects.Where(o => o["metadata"]!["annotations"]?["helm.sh/hook"]?.GetValue<string>() == "pre-delete").ToList();
        var account = hooks.The("ServiceAccount").Name();
        hooks.The("Job").PodSpec()!["serviceAccountName"]!.GetValue<string>().ShouldBe(account);
        var roles = hooks.Where(o => o["rules"] is not null).ToList();
        roles.ShouldNotBeEmpty();
        foreach (var role in roles)
        {
            role.Kind().ShouldBe(kind);
            role["rules"]!.ToJsonString().ShouldBe("""[{"apiGroups":["bitbucketoperator.dev"],"resources":["bitbucketconnections"],"verbs":["list"]}]""");
        }

        objects.Where(o => o["subjects"] is not null).Except(hooks).SelectMany(o => o["subjects"]!.AsArray())
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

    private async Task<(int ExitCode, string Output)> CheckAsync()
    {
        var hooks = Chart.Objects(await fixture.HelmAsync("get", "hooks", Release, "--namespace", _namespace))
            .Where(o => o["metadata"]!["annotations"]!["helm.sh/hook"]!.GetValue<string>() == "pre-delete").ToList();
        foreach (var hook in hooks.Where(o => o.Kind() != "Job"))
        {
            await fixture.ApplyAsync(hook.ToJsonString());
        }

        var job = hooks.The("Job");
        var kubeconfig = await fixture.Cluster.WriteKubeconfigForServiceAccountAsync(_namespace, job.PodSpec()!["serviceAccountName"]!.GetValue<string>());
        return await OperatorProcess.RunAsync([.. job.Arguments(), "--kubeconfig", kubeconfig]);
    }
}
