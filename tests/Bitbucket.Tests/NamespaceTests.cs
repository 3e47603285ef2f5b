using BitbucketOperator.Bitbucket.Http;

namespace BitbucketOperator.Bitbucket.Tests;

public sealed class NamespaceTests
{
    // From the bottom up: a namespace uses those above it in this list only, and no flavour the other.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["RateLimiting"] = [],
        ["Http"] = ["RateLimiting"],
        ["Cloud"] = ["RateLimiting", "Http"],
        ["DataCenter"] = ["RateLimiting", "Http"],
        [""] = ["RateLimiting", "Http", "Cloud", "DataCenter"],
    };

    // The entry Core covers all rooms of it that have none of their own.
    private static readonly Dictionary<string, string[]> AllowedOfCore = new()
    {
        ["Core"] = [],
        ["Core.Api"] = [],
        ["Core.Api.V1Alpha1"] = [],
        ["Core.Port"] = [],
        ["Core.Credentials"] = [],
        ["Bitbucket"] = ["Core.Api", "Core.Port", "Core.Credentials"],
    };

    [Fact]
    public void Namespaces_AreTheFoldersAndUseOnlyWhatTheyMay() =>
        new NamespaceRules("BitbucketOperator.Bitbucket", Allowed)
            .Violations(typeof(BitbucketOptions).Assembly, SourceTree.PathOf("src", "Bitbucket"))
            .ShouldBeEmpty();

    [Fact]
    public void Clients_UseReasonsPortAndPermissionsOfCore() =>
        new NamespaceRules("BitbucketOperator", AllowedOfCore).Violations(typeof(BitbucketOptions).Assembly).ShouldBeEmpty();
}
