using BitbucketOperator.Testing.Cluster;
using BitbucketOperator.ControlPlane;
using BitbucketOperator.Manifests.Tests;
using BitbucketOperator.Operator.Tests;

namespace BitbucketOperator.Cli.Tests;

/// <summary>
/// Each folder below Cases/Files is a file as people write it, and what <c>check --offline</c> says of it. A new folder is a
/// new case. What a cluster refuses must be refused in its words, unless the first line tells why it is not asked.
/// </summary>
public sealed class MistakeTests(ClusterFixture fixture)
{
    private const string NotAsked = "# Not asked of a cluster: ";

    public static TheoryData<string> Cases =>
        [.. Directory.GetDirectories(Path.Combine(Golden.Folder, "Files")).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task File_IsJudgedWithPlaceAndCure(string name)
    {
        var said = await CheckAsync(name);
        said.All.ShouldNotContain("s3cr3t");
        Golden.Check($"exit code {said.Code}\n{said.Output}{said.Error}", "Files", name, "expected.txt");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Cluster_RefusesInTheSameWords(string name)
    {
        var input = await File.ReadAllTextAsync(Path.Combine(FolderOf(name), "input.yaml"));
        if (input.StartsWith(NotAsked, StringComparison.Ordinal))
        {
            return;
        }

        await fixture.Cluster.KubectlAsync("create", "namespace", "ci");
        var kubectl = await fixture.Cluster.KubectlAsync(["apply", "--dry-run=server", "-f", "-"], input);
        var cluster = ServerAnswer.OfKubectl(kubectl);
        var said = await CheckAsync(name);
        if (!cluster.IsAccepted)
        {
            said.Code.ShouldBe(2, cluster.Text);
            cluster.Problems.ShouldNotBeEmpty(cluster.Text);
        }

        foreach (var problem in cluster.Problems)
        {
            said.Error.ShouldContain(problem);
        }
    }

    [Fact]
    public void Cases_AreFound() => Cases.Count.ShouldBeGreaterThanOrEqualTo(25);

    private static string FolderOf(string name) => Path.Combine(Golden.Folder, "Files", name);

    private static Task<Said> CheckAsync(string name)
    {
        var flags = Path.Combine(FolderOf(name), "flags.txt");
        string[] more = File.Exists(flags) ? File.ReadAllText(flags).Trim().Split(' ') : [];
        return Shell.RunAsync(OperatorProcess.Binary, ["check", "-f", "input.yaml", "--offline", .. more], folder: FolderOf(name));
    }
}
