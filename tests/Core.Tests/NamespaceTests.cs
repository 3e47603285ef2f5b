using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Tests;

public sealed class NamespaceTests
{
    private static readonly string[] Words = ["Api", "Port", "Model", "Messages"];
    private static readonly string[] Facts = ["Credentials", "Validation", "Discovery", "Inventory", "Ownership", .. Words];
    private static readonly string[] Decisions = ["Planning", "Levels", "Observation", .. Facts];

    // From the bottom up: a namespace uses those above it in this list only. The types of a version stay with those that
    // read and write resources.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Api"] = [],
        ["Api.V1Alpha1"] = ["Api"],
        ["Port"] = ["Api"],
        ["Model"] = ["Port"],
        ["Mapping"] = ["Api", "Api.V1Alpha1", "Port", "Model"],
        ["Messages"] = ["Api", "Port", "Model"],
        ["Credentials"] = Words,
        ["Validation"] = ["Credentials", .. Words],
        ["Discovery"] = Words,
        ["Inventory"] = Words,
        ["Ownership"] = ["Discovery", .. Words],
        ["Observation"] = Facts,
        ["Levels"] = ["Observation", .. Facts],
        ["Planning"] = ["Levels", "Observation", .. Facts],
        ["Schedule"] = Decisions,
        ["Status"] = ["Api.V1Alpha1", "Mapping", "Schedule", .. Decisions],
    };

    [Fact]
    public void Namespaces_AreTheFoldersAndUseOnlyWhatTheyMay() =>
        new NamespaceRules("BitbucketOperator.Core", Allowed)
            .Violations(typeof(IBitbucket).Assembly, SourceTree.PathOf("src", "Core"))
            .ShouldBeEmpty();
}
