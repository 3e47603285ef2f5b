using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BitbucketOperator.Packaging.Tests.Charts;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Packaging.Tests.Docs;

/// <summary>The manifests that the pages show can be applied as they stand.</summary>
public sealed partial class ManifestsInDocsTests(PackagingFixture fixture)
{
    // The groups of tools that the development API server knows nothing of: read as YAML, and no more.
    private static readonly string[] Foreign =
    [
        "argoproj.io", "toolkit.fluxcd.io", "kustomize.config.k8s.io",
        "external-secrets.io", "bitnami.com", "monitoring.coreos.com", "admissionregistration.k8s.io",
    ];

    public static TheoryData<string> Pages =>
    [
        "README.md", "charts/bitbucket-operator/README.md",
        .. Directory.GetFiles(SourceTree.PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(SourceTree.Root, f)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Manifest_IsTakenByTheApiServer(string page)
    {
        await fixture.KubectlAsync("apply", "--server-side", "--force-conflicts", "-f", SourceTree.PathOf("config", "crd"));
        foreach (var manifest in ManifestsOf(page).Where(m => !IsForeign(m)))
        {
            var ns = manifest.Namespace() ?? "default";
            await fixture.ApplyAsync($"apiVersion: v1\nkind: Namespace\nmetadata: {{ name: {ns} }}");
            var result = await fixture.Cluster.KubectlAsync(
                ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "-f", "-"], manifest.ToJsonString());
            result.ExitCode.ShouldBe(0, $"{page}: {manifest.Id()}: {result.Error}");
        }
    }

    [Fact]
    public void PagesShowManifests()
    {
        var all = Pages.SelectMany(p => ManifestsOf(p.Data)).ToList();
        all.Count(m => !IsForeign(m)).ShouldBeGreaterThanOrEqualTo(5);
        all.Count(IsForeign).ShouldBeGreaterThan(5);
    }

    [Fact]
    public async Task ValuesInDocs_AreTakenByTheChart()
    {
        var values = Blocks("docs/install.md").Where(b => b.StartsWith("# values.yaml\n", StringComparison.Ordinal)).ToList();
        values.Count.ShouldBe(2);
        foreach (var text in values)
        {
            var file = Path.GetTempFileName();
            await File.WriteAllTextAsync(file, text);
            var result = await Chart.TemplateAsync("--values", file);
            File.Delete(file);
            result.ExitCode.ShouldBe(0, result.Error);
        }
    }

    private static bool IsForeign(JsonObject manifest) =>
        Array.Exists(Foreign, group => manifest["apiVersion"]!.GetValue<string>().Split('/')[0].EndsWith(group, StringComparison.Ordinal));

    /// <summary>What has a version and a kind; many blocks show a part of something only, such as a list of steps.</summary>
    private static IEnumerable<JsonObject> ManifestsOf(string page) => Blocks(page)
        .Where(b => !b.StartsWith("- ", StringComparison.Ordinal))
        .SelectMany(b => Yaml.Documents(b).Select(d => Yaml.ToJson(d)!.AsObject()))
        .Where(m => m.ContainsKey("apiVersion") && m.ContainsKey("kind"))
        .Select(WithName);

    // A kustomization has no metadata; tests name objects.
    private static JsonObject WithName(JsonObject manifest)
    {
        manifest["metadata"] ??= new JsonObject { ["name"] = "" };
        return manifest;
    }

    private static IEnumerable<string> Blocks(string page) =>
        YamlBlock().Matches(File.ReadAllText(SourceTree.PathOf(page))).Select(m => m.Groups["text"].Value);

    [GeneratedRegex("^```yaml\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex YamlBlock();
}
