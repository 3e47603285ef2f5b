using System.Runtime.CompilerServices;
using System.Text;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Manifests.Objects;
using BitbucketOperator.Manifests.Reading;

namespace BitbucketOperator.Manifests.Tests;

/// <summary>
/// Each folder below Cases is a mistake that people make, and the message it gets. A new folder is a new case;
/// UPDATE_GOLDEN=1 writes its expected.txt. What a cluster says of it is compared, unless its first line tells why not.
/// </summary>
public sealed class GoldenTests(ClusterFixture fixture)
{
    private const string NotAsked = "# Not asked of a cluster: ";

    public static TheoryData<string> Cases => [.. Directory.GetDirectories(CasesFolder).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    private static string CasesFolder { get; } = Path.Combine(Path.GetDirectoryName(Here())!, "Cases");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Mistake_IsToldWithPlaceAndCure(string name)
    {
        var actual = Report(Read(name));
        actual.ShouldNotContain("s3cr3t", customMessage: "a secret is told");
        var file = Path.Combine(CasesFolder, name, "expected.txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(file, actual);
        }

        actual.ShouldBe(File.Exists(file) ? File.ReadAllText(file) : "", $"{name}/expected.txt");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Cluster_SaysTheSame(string name)
    {
        var input = await File.ReadAllTextAsync(InputOf(name));
        var ours = Read(name);
        if (input.StartsWith(NotAsked, StringComparison.Ordinal))
        {
            return;
        }

        var cluster = await fixture.ApplyAsync(input);
        cluster.IsAccepted.ShouldBe(!ours.HasErrors, cluster.Text);
        cluster.Comparable(ours.Problems).ShouldBe(cluster.Problems, cluster.Text);
    }

    [Fact]
    public void Cases_AreFoundAndMostAreComparedWithACluster()
    {
        Cases.Count.ShouldBeGreaterThanOrEqualTo(40);
        Cases.Count(c => !File.ReadAllText(InputOf(c.Data)).StartsWith(NotAsked, StringComparison.Ordinal)).ShouldBeGreaterThanOrEqualTo(20);
    }

    private static string InputOf(string name) => Path.Combine(CasesFolder, name, "input.yaml");

    private static ManifestSet<BitbucketConnection> Read(string name) => Given.Reader.Read("input.yaml", File.ReadAllBytes(InputOf(name)));

    private static string Report(ManifestSet<BitbucketConnection> set)
    {
        var report = new StringBuilder();
        foreach (var line in set.Problems.Select(p => p.ToString())
            .Concat(set.Skipped.Select(s => s.ToString()))
            .Concat(set.Resources.Select(c => $"connection {c.Resource.Metadata.NamespaceProperty}/{c.Resource.Metadata.Name}, {c.At}"))
            .Concat(Objects("secret", set.Secrets))
            .Concat(Objects("configmap", set.ConfigMaps)))
        {
            report.Append(line).Append('\n');
        }

        return report.ToString();
    }

    private static IEnumerable<string> Objects(string kind, IReadOnlyDictionary<ObjectName, DataManifest> objects) =>
        objects.Select(o => $"{kind} {o.Key} with {string.Join(", ", o.Value.Data.Keys)}, {o.Value.At}");

    private static string Here([CallerFilePath] string path = "") => path;
}
