using System.Text.Json.Nodes;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Packaging.Tests;

/// <summary>What <c>make e2e</c> and <c>make sbom</c> run, where there is no cluster with nodes.</summary>
public sealed class EndToEndTests(PackagingFixture fixture)
{
    [Fact]
    public async Task Scenarios_PassOnAnyClusterOfAKubeconfig()
    {
        await fixture.DeleteDefinitionAsync();
        var folder = Directory.CreateTempSubdirectory("e2e").FullName;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["CLUSTER"] = "current",
            ["KUBECONFIG"] = fixture.Cluster.KubeconfigPath,
            ["E2E_DIR"] = Path.Combine(folder, "run"),
        };

        var result = await DebianTool.RunScriptAsync("tests/e2e/run.sh", environment, OperatorProcess.Binary);

        result.ExitCode.ShouldBe(0, result.Output + result.Error);
        result.Output.ShouldContain("scenarios passed, the operator as a process");
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task BillOfMaterials_NamesThePackagesOfTheBinary_AndNoTestsOrTools()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("sbom").FullName, "sbom.json");

        var result = await DebianTool.RunScriptAsync("eng/sbom.sh", new Dictionary<string, string>(StringComparer.Ordinal), file);

        result.ExitCode.ShouldBe(0, result.Output + result.Error);
        var bill = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
        var packages = bill["components"]!.AsArray().Select(c => c!["purl"]!.GetValue<string>()).ToList();
        string[] expected = ["KubernetesClient.Aot", "YamlDotNet", "Polly.Core", "Serilog", "System.CommandLine"];
        expected.Where(e => !packages.Exists(p => p.StartsWith($"pkg:nuget/{e}@", StringComparison.Ordinal))).ShouldBeEmpty();
        packages.ShouldNotContain(p => p.Contains("xunit", StringComparison.OrdinalIgnoreCase) || p.Contains("Analyzer@", StringComparison.Ordinal));
        (await File.ReadAllTextAsync(file)).ShouldNotContain(SourceTree.Root);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }
}
