using System.Text.RegularExpressions;
using BitbucketOperator.Packaging.Tests.Charts;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Packaging.Tests.GitOps;

/// <summary>What config/ and .github/ hold is usable.</summary>
public sealed partial class ConfigurationTests(PackagingFixture fixture)
{
    public static TheoryData<string> Workflows => [.. Directory.GetFiles(SourceTree.PathOf(".github", "workflows")).Select(f => Path.GetFileName(f)!)];

    [Fact]
    public async Task ArgoCdConfigMap_HoldsTheHealthCheck()
    {
        var map = Chart.Objects(await File.ReadAllTextAsync(SourceTree.PathOf("config", "argocd", "argocd-cm.yaml")))[0];
        map["data"]!["resource.customizations.health.bitbucketoperator.dev_BitbucketConnection"]!.GetValue<string>()
            .ShouldBe(await File.ReadAllTextAsync(SourceTree.PathOf("config", "argocd", "health.lua")));
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Workflow_RunsMakeTargetsThatExist_AndActionsThatArePinned(string file)
    {
        var workflow = Yaml.ToJson(Yaml.Documents(File.ReadAllText(SourceTree.PathOf(".github", "workflows", file)))[0])!;
        var targets = File.ReadAllLines(SourceTree.PathOf("Makefile"))
            .Where(l => l.StartsWith(".PHONY: ", StringComparison.Ordinal)).Select(l => l[8..]).ToList();
        var steps = workflow["jobs"]!.AsObject().SelectMany(j => j.Value!["steps"]!.AsArray()).ToList();
        steps.ShouldNotBeEmpty();
        steps.Select(s => s!["uses"]?.GetValue<string>()).OfType<string>().ShouldAllBe(u => Regex.IsMatch(u, "^[a-z/-]+@[0-9a-f]{40}$"));
        steps.Select(s => s!["run"]?.GetValue<string>()).OfType<string>().Where(r => r.StartsWith("make ", StringComparison.Ordinal))
            .Select(r => r[5..]).Except(targets).ShouldBeEmpty();
    }

    // A lock file holds packages of the SDK, and each workflow that restores in locked mode needs that SDK.
    [Fact]
    public void LockFiles_AreOfTheSdkThatWorkflowsInstall()
    {
        var locked = SdkVersion().Match(File.ReadAllText(SourceTree.PathOf("Directory.Build.targets"))).Groups["version"].Value;
        locked.ShouldNotBeEmpty();
        var installed = Workflows.SelectMany(w => SdkVersion().Matches(File.ReadAllText(SourceTree.PathOf(".github", "workflows", w.Data))))
            .Select(m => m.Groups["version"].Value).ToList();
        installed.Count.ShouldBe(2);
        installed.ShouldAllBe(v => v == locked);
    }

    [Fact]
    public void EveryProject_HasALockFile()
    {
        var projects = new[] { "src", "tests", "eng" }
            .SelectMany(d => Directory.GetFiles(SourceTree.PathOf(d), "*.csproj", SearchOption.AllDirectories)).ToList();
        projects.Count.ShouldBeGreaterThan(20);
        projects.Where(p => !File.Exists(Path.Combine(Path.GetDirectoryName(p)!, "packages.lock.json"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task KustomizeBase_IsApplied_AndDeleted()
    {
        var config = SourceTree.PathOf("config");
        await fixture.DeleteDefinitionAsync();
        await fixture.KubectlAsync("apply", "--server-side", "--validate=strict", "-k", config);
        (await fixture.KubectlAsync("get", "deployment", "bitbucket-operator", "--namespace", Chart.Namespace, "-o", "name"))
            .ShouldContain("bitbucket-operator");
        (await fixture.KubectlAsync("api-resources", "--api-group", "bitbucketoperator.dev")).ShouldContain("bitbucketconnections");

        // What is in the namespace may go with it first.
        await fixture.KubectlAsync("delete", "-k", config, "--ignore-not-found", "--timeout=180s");
        (await fixture.Cluster.KubectlAsync("get", "namespace", Chart.Namespace)).Error.ShouldContain("not found");
    }

    [GeneratedRegex("(?:<LockedSdkVersion>|dotnet-version: )(?<version>[0-9.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SdkVersion();
}
