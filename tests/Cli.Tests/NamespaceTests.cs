using BitbucketOperator.Cli.Run;

namespace BitbucketOperator.Cli.Tests;

public sealed class NamespaceTests
{
    private static readonly string[] Libraries = ["Core", "Runtime", "Bitbucket", "Manifests"];

    // From the bottom up: a namespace uses those above it in this list only.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Core"] = [],
        ["Runtime"] = [],
        ["Bitbucket"] = [],
        ["Manifests"] = [],
        ["Controllers"] = ["Core", "Runtime", "Bitbucket"],
        ["Cli.Settings"] = Libraries,
        ["Cli.DryRun"] = ["Cli.Settings", "Controllers", .. Libraries],
        ["Cli.Output"] = ["Cli.DryRun", .. Libraries],
        ["Cli.Check"] = ["Cli.Settings", "Cli.DryRun", "Cli.Output", "Controllers", .. Libraries],
        ["Cli.Plugin"] = ["Cli.Settings", "Cli.DryRun", "Cli.Output", "Cli.Check", "Controllers", .. Libraries],
        ["Cli.Run"] = ["Cli.Settings", "Controllers", .. Libraries],
        ["Cli"] = ["Cli.Settings", "Cli.DryRun", "Cli.Output", "Cli.Check", "Cli.Plugin", "Cli.Run", "Controllers", .. Libraries],
    };

    [Fact]
    public void Namespaces_AreTheFoldersAndUseOnlyWhatTheyMay() =>
        new NamespaceRules("BitbucketOperator", Allowed)
            .Violations(typeof(RunCommand).Assembly, SourceTree.PathOf("src", "Operator"))
            .ShouldBeEmpty();
}
