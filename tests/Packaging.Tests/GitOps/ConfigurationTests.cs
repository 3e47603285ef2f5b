using BitbucketOperator.Packaging.Tests.Charts;

namespace BitbucketOperator.Packaging.Tests.GitOps;

/// <summary>What config/ holds can be applied.</summary>
public sealed class ConfigurationTests(PackagingFixture fixture)
{
    [Fact]
    public async Task ArgoCdConfigMap_HoldsTheHealthCheck()
    {
        var map = Chart.Objects(await File.ReadAllTextAsync(SourceTree.PathOf("config", "argocd", "argocd-cm.yaml")))[0];
        map["data"]!["resource.customizations.health.bitbucketoperator.dev_BitbucketConnection"]!.GetValue<string>()
            .ShouldBe(await File.ReadAllTextAsync(SourceTree.PathOf("config", "argocd", "health.lua")));
    }

    [Fact]
    public async Task KustomizeBase_IsApplied_AndDeleted()
    {
        var config = SourceTree.PathOf("config");
        await fixture.DeleteDefinitionAsync();
        await fixture.KubectlAsync("apply", "--server-side", "--validate=strict", "-k", config);
        (await fixture.KubectlAsync("get", "deployment", "bitbucket-operator", "--namespace", Chart.Namespace, "-o", "name")).ShouldContain("bitbucket-operator");
        (await fixture.KubectlAsync("api-resources", "--api-group", "bitbucketoperator.dev")).ShouldContain("bitbucketconnections");

        await fixture.KubectlAsync("delete", "-k", config, "--timeout=60s");
        (await fixture.Cluster.KubectlAsync("get", "namespace", Chart.Namespace)).Error.ShouldContain("not found");
    }
}
