using System.Text.Json.Nodes;

namespace BitbucketOperator.Packaging.Tests.Charts;

/// <summary>What Chart.yaml tells registries and Artifact Hub.</summary>
public sealed class MetadataTests(PackagingFixture fixture)
{
    [Fact]
    public async Task Chart_SaysWhereItComesFrom()
    {
        var chart = await ReadAsync();
        foreach (var key in new[] { "home", "icon", "sources", "maintainers", "keywords", "kubeVersion", "description" })
        {
            chart[key].ShouldNotBeNull(key);
        }

        foreach (var key in new[] { "category", "license", "links" })
        {
            chart["annotations"]![$"artifacthub.io/{key}"].ShouldNotBeNull(key);
        }
    }

    [Fact]
    public async Task Icon_IsInTheRepository()
    {
        const string Branch = "/main/";
        var icon = (await ReadAsync())["icon"]!.GetValue<string>();
        var path = icon[(icon.IndexOf(Branch, StringComparison.Ordinal) + Branch.Length)..];
        File.Exists(BitbucketOperator.Testing.SourceTree.PathOf(path.Split('/'))).ShouldBeTrue(path);
    }

    [Fact]
    public async Task Definitions_AreTheChartsOwn()
    {
        var listed = await ListAsync("crds");
        var own = (await Chart.ObjectsAsync("default")).Where(o => o.Kind() == "CustomResourceDefinition").ToList();
        listed.Select(d => $"{d!["name"]} {d["kind"]} {d["version"]}").ShouldBe(
            own.Select(o => $"{o.Name()} {o["spec"]!["names"]!["kind"]} {o["spec"]!["versions"]![0]!["name"]}"), ignoreOrder: true);
    }

    [Fact]
    public async Task Examples_AreTakenByTheApiServer()
    {
        await fixture.KubectlAsync("apply", "--server-side", "--force-conflicts", "-f", BitbucketOperator.Testing.SourceTree.PathOf("config", "crd"));
        await fixture.KubectlAsync("wait", "crd/bitbucketconnections.bitbucketoperator.dev", "--for=condition=Established", "--timeout=180s");
        var examples = await ListAsync("crdsExamples");
        examples.ShouldNotBeEmpty();
        foreach (var example in examples)
        {
            (await fixture.Cluster.KubectlAsync(["apply", "--dry-run=server", "--validate=strict", "-f", "-"], example!.ToJsonString())).EnsureSuccess();
        }
    }

    // A list in a text: a document of its own would be no mapping.
    private static async Task<JsonArray> ListAsync(string annotation) =>
        Chart.Objects("items:\n" + (await ReadAsync())["annotations"]![$"artifacthub.io/{annotation}"]!.GetValue<string>())[0]["items"]!.AsArray();

    private static async Task<JsonObject> ReadAsync() => Chart.Objects(await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "Chart.yaml")))[0];
}
