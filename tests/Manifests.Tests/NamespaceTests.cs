using BitbucketOperator.Manifests.Reading;

namespace BitbucketOperator.Manifests.Tests;

public sealed class NamespaceTests
{
    // From the bottom up: a namespace uses those above it in this list only.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Documents"] = [],
        ["Cel"] = [],
        ["Json"] = ["Documents"],
        ["Yaml"] = ["Documents"],
        ["Objects"] = ["Documents"],
        ["Schemas"] = ["Documents", "Cel"],
        ["Reading"] = ["Documents", "Cel", "Json", "Yaml", "Objects", "Schemas"],
    };

    [Fact]
    public void Namespaces_AreTheFoldersAndUseOnlyWhatTheyMay() =>
        new NamespaceRules("BitbucketOperator.Manifests", Allowed)
            .Violations(typeof(ManifestReader<>).Assembly, SourceTree.PathOf("src", "Manifests"))
            .ShouldBeEmpty();
}
