using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Tests;

public sealed class NameRulesTests
{
    public static TheoryData<string> AllPoisons => [.. Poisons.All.Keys.Where(k => k is not ("base64 without padding" or "base64 for URLs"))];

    [Theory]
    [InlineData("PLAT", true)]
    [InlineData("plat_2-x", true)]
    [InlineData("~jdoe", true)]
    [InlineData("~j.doe_example.com", true)]
    [InlineData("", false)]
    [InlineData("~", false)]
    [InlineData("~..", false)]
    [InlineData("A/B", false)]
    [InlineData("~a~b", false)]
    public void ProjectKey_IsAsBitbucketGivesIt(string key, bool isOne) => NameRules.IsProjectKey(key).ShouldBe(isOne);

    [Theory]
    [InlineData("api", Flavour.DataCenter, true)]
    [InlineData("a-b---c_d.e", Flavour.DataCenter, true)]
    [InlineData(".github", Flavour.Cloud, true)]
    [InlineData("---", Flavour.Cloud, true)]
    [InlineData(".", Flavour.Cloud, false)]
    [InlineData("..", Flavour.DataCenter, false)]
    [InlineData("a b", Flavour.DataCenter, false)]
    [InlineData("ä", Flavour.DataCenter, false)]
    public void Slug_IsAsBitbucketGivesIt(string slug, Flavour flavour, bool isOne) => NameRules.IsSlug(slug, flavour).ShouldBe(isOne);

    [Fact]
    public void Lengths_AreBitbuckets()
    {
        NameRules.IsProjectKey(new string('K', 128)).ShouldBeTrue();
        NameRules.IsProjectKey(new string('K', 129)).ShouldBeFalse();
        NameRules.IsSlug(new string('s', 128), Flavour.DataCenter).ShouldBeTrue();
        NameRules.IsSlug(new string('s', 129), Flavour.DataCenter).ShouldBeFalse();
        NameRules.IsSlug(new string('s', 62), Flavour.Cloud).ShouldBeTrue();
        NameRules.IsSlug(new string('s', 63), Flavour.Cloud).ShouldBeFalse();
    }

    [Theory]
    [InlineData("118", true)]
    [InlineData("{202cf34e-7ccf-44b7-ba6b-8827a14d5324}", true)]
    [InlineData("..", false)]
    [InlineData("", false)]
    public void Id_IsANumberOrAUuid(string id, bool isOne) => NameRules.IsId(id).ShouldBe(isOne);

    [Theory]
    [MemberData(nameof(AllPoisons))]
    public void NoPoison_IsAName(string poison)
    {
        NameRules.IsSlug(Poisons.All[poison], Flavour.DataCenter).ShouldBeFalse();
        NameRules.IsProjectKey(Poisons.All[poison]).ShouldBeFalse();
        NameRules.IsId(Poisons.All[poison]).ShouldBeFalse();
        RepositoryName.Parse($"PLAT/{Poisons.All[poison]}").ShouldBeNull();
    }
}
