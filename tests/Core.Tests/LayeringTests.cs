using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace BitbucketOperator.Core.Tests;

/// <summary>Who may refer to whom. A project reference is the one wall that C# has.</summary>
public sealed class LayeringTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Core"] = [],
        ["Runtime"] = [],
        ["Manifests"] = [],
        ["Bitbucket"] = ["Core"],
        ["Operator"] = ["Core", "Bitbucket", "Runtime", "Manifests"],
    };

    // The only packages and frameworks of the projects that talk to nobody.
    private static readonly Dictionary<string, string[]> AllowedPackages = new(StringComparer.Ordinal)
    {
        ["Core"] = ["KubernetesClient.Aot"],
        ["Manifests"] = ["YamlDotNet"],
    };

    [Theory]
    [InlineData("Core")]
    [InlineData("Runtime")]
    [InlineData("Bitbucket")]
    [InlineData("Manifests")]
    [InlineData("Operator")]
    public void Project_RefersToWhatItsLayerMay(string project) =>
        Offences(project, File.ReadAllText(Path.Combine(Root, "src", project, project + ".csproj"))).ShouldBeEmpty();

    [Fact]
    public void EveryProjectBelowSrc_HasItsLayer() =>
        Directory.GetDirectories(Path.Combine(Root, "src")).Select(d => Path.GetFileName(d)!).ShouldBe(Allowed.Keys, ignoreOrder: true);

    [Fact]
    public void ForbiddenReferences_AreNamed() => Offences("Runtime", """
        <Project><ItemGroup>
          <ProjectReference Include="../Core/Core.csproj" />
        </ItemGroup></Project>
        """).ShouldBe(["src/Runtime must not refer to Core"]);

    [Fact]
    public void ClientPackagesInCore_AreNamed() => Offences("Core", """
        <Project><ItemGroup>
          <FrameworkReference Include="Microsoft.AspNetCore.App" />
          <PackageReference Include="KubernetesClient.Aot" />
          <PackageReference Include="Polly.Core" />
        </ItemGroup></Project>
        """).ShouldBe(["src/Core must not use Microsoft.AspNetCore.App", "src/Core must not use Polly.Core"]);

    [Fact]
    public void ClientPackagesInManifests_AreNamed() => Offences("Manifests", """
        <Project><ItemGroup>
          <PackageReference Include="KubernetesClient.Aot" />
          <PackageReference Include="YamlDotNet" />
          <ProjectReference Include="../Core/Core.csproj" />
        </ItemGroup></Project>
        """).ShouldBe(["src/Manifests must not refer to Core", "src/Manifests must not use KubernetesClient.Aot"]);

    private static List<string> Offences(string project, string text)
    {
        var document = XDocument.Parse(text);
        IEnumerable<string> Included(string element) => document.Descendants(element).Select(e => e.Attribute("Include")!.Value);
        var projects = Included("ProjectReference").Select(p => Path.GetFileNameWithoutExtension(p)).Except(Allowed[project])
            .Select(p => $"src/{project} must not refer to {p}");
        var packages = AllowedPackages.TryGetValue(project, out var allowed)
            ? Included("FrameworkReference").Concat(Included("PackageReference")).Except(allowed).Select(p => $"src/{project} must not use {p}")
            : [];
        return [.. projects, .. packages];
    }

    private static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", ".."));

    private static string Here([CallerFilePath] string path = "") => path;
}
