using BitbucketOperator.Chaos.Schedules;

namespace BitbucketOperator.Chaos.Tests;

public sealed class NamespaceTests
{
    // From the bottom up: a namespace uses those above it in this list only.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["World"] = [],
        ["Rules"] = ["World"],
        ["Schedules"] = ["World"],
        ["Runs"] = ["World", "Rules", "Schedules"],
        [""] = ["World", "Runs"],
    };

    [Fact]
    public void Namespaces_AreTheFoldersAndUseOnlyWhatTheyMay() =>
        new NamespaceRules("BitbucketOperator.Chaos", Allowed)
            .Violations(typeof(Step).Assembly, SourceTree.PathOf("tests", "Chaos"))
            .ShouldBeEmpty();
}
