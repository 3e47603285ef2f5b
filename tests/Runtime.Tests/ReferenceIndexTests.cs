using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Runtime.Tests;

public sealed class ReferenceIndexTests
{
    private static readonly EntityKey One = new("ns", "one");
    private static readonly EntityKey Two = new("ns", "two");
    private static readonly ObjectReference Token = new(ReferenceKind.Secret, "ns", "token");
    private static readonly ObjectReference Ca = new(ReferenceKind.ConfigMap, "ns", "token");
    private readonly ReferenceIndex _index = new();

    [Fact]
    public void SharedReference_NamesAllOwners()
    {
        _index.Set(One, [Token, Token, Ca]);
        _index.Set(Two, [Token]);

        _index.OwnersOf(Token).ShouldBe([One, Two], ignoreOrder: true);
        _index.OwnersOf(Ca).ShouldBe([One]);
    }

    [Fact]
    public void NewReferences_ReplaceTheOld()
    {
        _index.Set(One, [Token]);
        _index.Set(One, [Ca]);

        _index.OwnersOf(Token).ShouldBeEmpty();
        _index.OwnersOf(Ca).ShouldBe([One]);
    }

    [Fact]
    public void RemovedEntity_OwnsNothing()
    {
        _index.Set(One, [Token]);
        _index.Remove(One);
        _index.Remove(Two);

        _index.OwnersOf(Token).ShouldBeEmpty();
    }

    [Fact]
    public void VersionSink_TellsOfChangesButNotOfTheFirstList()
    {
        var told = new List<string>();
        var sink = new VersionSink((key, version) => told.Add($"{key.Name} {version}".TrimEnd()));

        sink.Replace(null, [Object("a", "1"), Object("b", "1"), Object("c", "1")], new HashSet<EntityKey>(), "5");
        told.ShouldBeEmpty();

        sink.Upsert(Object("a", "1"));
        sink.Upsert(Object("a", "2"));
        sink.Replace(null, [Object("a", "2"), Object("b", "9"), Object("d", "9")], new HashSet<EntityKey>(), "9");

        told.ShouldBe(["a 2", "b 9", "d 9", "c"]);
    }

    private static PartialObject Object(string name, string version) =>
        new() { Metadata = new() { Namespace = "ns", Name = name, ResourceVersion = version } };
}
