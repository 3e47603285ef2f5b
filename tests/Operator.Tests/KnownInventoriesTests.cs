using BitbucketOperator.Controllers;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Operator.Tests;

/// <summary>What the watch tells of inventories, and whose writes that were.</summary>
public sealed class KnownInventoriesTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private readonly KnownInventories _known = new(new EntityKey("ci", "platform"));

    public KnownInventoriesTests() => _known.Put("a", new StoredInventory("s", "p", "12"));

    [Theory]
    [InlineData("a", "12", false)]
    [InlineData("a", "9", false)]
    [InlineData("a", "13", true)]
    [InlineData("a", "100", true)]
    [InlineData("a", null, true)]
    [InlineData("b", "13", false)]
    [InlineData("b", null, false)]
    public void Hear_OnlyWhatAnotherWrote_IsForeign(string name, string? version, bool isForeign) =>
        _known.Hear(name, version).ShouldBe(isForeign);

    [Theory]
    [InlineData("13", "13", false)]
    [InlineData("13", "14", false)]
    [InlineData("15", "14", true)]
    [InlineData(null, "14", true)]
    public void Hear_WhileWriting_IsJudgedWhenTheVersionIsKnown(string? heard, string written, bool isForeign)
    {
        _known.BeginWriting(Now, isSyncing: false).ShouldBeTrue();
        _known.Hear("a", heard).ShouldBeFalse();
        _known.Put("a", new StoredInventory("s", "p", written));
        _known.EndWriting().ShouldBe(isForeign);
        _known.EndWriting().ShouldBeFalse("it was told once");
    }

    [Theory]
    [InlineData(true, "a", "12")]
    [InlineData(false, "a", "13")]
    [InlineData(false, "b", "12")]
    [InlineData(false)]
    [InlineData(false, "a", "12", "b", "12")]
    public void AreAll_OnlyWithTheSameObjectsAndVersions(bool areAll, params string[] stored)
    {
        var versions = stored.Chunk(2).ToDictionary(o => o[0], o => o[1], StringComparer.Ordinal);
        _known.AreAll(versions, Now).ShouldBe(areAll);
        _known.IsToBeRead(Now, TimeSpan.FromMinutes(10)).ShouldBe(!areAll);
    }

    [Fact]
    public void Invalidate_SoonAtFirst_ThenAtASteadyPace()
    {
        _known.Loaded([], Now);
        _known.IsToBeRead(Now, TimeSpan.FromMinutes(10)).ShouldBeFalse();
        _known.Invalidate(Now).ShouldBe(TimeSpan.FromSeconds(2));
        _known.IsToBeRead(Now, TimeSpan.FromMinutes(10)).ShouldBeTrue();
        _known.Invalidate(Now.AddSeconds(10)).ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void BeginWriting_WhileSyncing_AfterFiveSeconds_ThenTwiceAMinute()
    {
        _known.BeginWriting(Now.AddSeconds(-5), isSyncing: true).ShouldBeFalse("most syncs end soon");
        _known.HasBegun.ShouldBeFalse();
        _known.BeginWriting(Now, isSyncing: true).ShouldBeTrue();
        _known.HasBegun.ShouldBeTrue();
        _known.BeginWriting(Now.AddSeconds(29), isSyncing: true).ShouldBeFalse();
        _known.BeginWriting(Now.AddSeconds(29), isSyncing: false).ShouldBeTrue("all is synced");
    }
}
