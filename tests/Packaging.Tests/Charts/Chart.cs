using System.Text.Json.Nodes;
using BitbucketOperator.ControlPlane;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Packaging.Tests.Charts;

/// <summary>The chart, and what helm makes of it without a cluster.</summary>
internal static class Chart
{
    public const string Release = "bitbucket-operator";
    public const string Namespace = "bitbucket-operator-system";

    public static string Folder { get; } = SourceTree.PathOf("charts", "bitbucket-operator");

    /// <summary>The sets of values that tests go through, each a folder.</summary>
    public static TheoryData<string> Cases => [.. Directory.GetDirectories(CasesFolder).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    public static string ValuesOf(string name) => Path.Combine(CasesFolder, name, "values.yaml");

    public static string ExpectedOf(string name) => Path.Combine(CasesFolder, name, "expected.yaml");

    private static string CasesFolder { get; } = SourceTree.PathOf("tests", "Packaging.Tests", "Charts", "Cases");

    public static async Task<CommandResult> HelmAsync(params string[] arguments) => await (await Tools.EnsureAsync()).HelmAsync(arguments);

    /// <summary>Renders the chart for a release in the namespace that the documentation uses.</summary>
    public static Task<CommandResult> TemplateAsync(params string[] arguments) =>
        HelmAsync(["template", Release, Folder, "--namespace", Namespace, .. arguments]);

    /// <summary>The objects of a set of values, hooks and tests included.</summary>
    public static async Task<IReadOnlyList<JsonObject>> ObjectsAsync(string name) =>
        Objects((await TemplateAsync("--values", ValuesOf(name))).EnsureSuccess().Output);

    /// <summary>Copies the chart into a folder, which is made.</summary>
    public static void CopyTo(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <summary>The objects in a text of several documents.</summary>
    public static IReadOnlyList<JsonObject> Objects(string text) => [.. Yaml.Documents(text).Select(d => Yaml.ToJson(d)!.AsObject())];
}
