using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Runtime.Tests;

public sealed class EntityStoreTests
{
    private static readonly HashSet<EntityKey> None = [];
    private readonly EntityStore<Widget> _store = new();
    private readonly List<StoreChange<Widget>> _changes = [];

    public EntityStoreTests() => _store.Changed = _changes.Add;

    private IReflectorSink<Widget> Sink => _store;

    [Fact]
    public void Replace_TellsWhatAppearedAndWhatIsGone()
    {
        Sink.Replace(null, [Given.Widget("a"), Given.Widget("b")], None, "5");
        _changes.Clear();

        Sink.Replace(null, [Given.Widget("b"), Given.Widget("c")], None, "9");

        _store.List().Select(w => w.Metadata.Name).Order().ShouldBe(["b", "c"]);
        _changes.Where(c => c.After is null).Select(c => c.Key.Name).ShouldBe(["a"]);
        _changes.Where(c => c.Before is null).Select(c => c.Key.Name).ShouldBe(["c"]);
    }

    [Fact]
    public void Replace_OfOneNamespace_LeavesOthersAlone()
    {
        Sink.Replace("x", [Given.Widget("a", ns: "x")], None, "5");
        Sink.Replace("y", [Given.Widget("a", ns: "y")], None, "5");

        Sink.Replace("x", [], None, "9");

        _store.List().ShouldHaveSingleItem().Metadata.NamespaceProperty.ShouldBe("y");
    }

    [Fact]
    public void Replace_KeepsWhatCouldNotBeRead()
    {
        Sink.Replace(null, [Given.Widget("a")], None, "5");

        Sink.Replace(null, [], new HashSet<EntityKey> { new("default", "a") }, "9");

        _store.Get(new("default", "a")).ShouldNotBeNull();
    }

    [Fact]
    public void ObjectRecreatedWhileAway_IsSeenAsDeletedAndAdded()
    {
        Sink.Upsert(Given.Widget(uid: "old", version: 3));
        _changes.Clear();

        Sink.Replace(null, [Given.Widget(uid: "new", version: 8)], None, "9");

        _changes.Select(c => (c.Before?.Metadata.Uid, c.After?.Metadata.Uid)).ShouldBe([("old", null), (null, "new")]);
    }

    [Fact]
    public void OlderEventAfterAssume_IsIgnoredUntilTheWatchCatchesUp()
    {
        Sink.Upsert(Given.Widget(version: 9));
        _store.Assume(Given.Widget(version: 12).Phase("ours"));

        Sink.Upsert(Given.Widget(version: 10).Phase("stale"));
        Held().Status!.Phase.ShouldBe("ours");

        Sink.Upsert(Given.Widget(version: 13).Phase("newer"));
        Held().Status!.Phase.ShouldBe("newer");
    }

    [Fact]
    public void OlderListAfterAssume_IsIgnored()
    {
        Sink.Upsert(Given.Widget(version: 9));
        _store.Assume(Given.Widget(version: 12).Phase("ours"));

        Sink.Replace(null, [Given.Widget(version: 9)], None, "11");

        Held().Status!.Phase.ShouldBe("ours");
    }

    [Fact]
    public void ListOfARestoredServer_WinsOverWhatTheWatchConfirmed()
    {
        Sink.Upsert(Given.Widget(version: 5000));

        Sink.Replace(null, [Given.Widget(version: 70)], None, "80");

        Held().Metadata.ResourceVersion.ShouldBe("70");
    }

    [Theory]
    [InlineData(99, "u1", false)]
    [InlineData(100, "u1", false)]
    [InlineData(101, "u1", true)]
    [InlineData(101, "u2", false)]
    public void Assume_TakesOnlyNewerStatesOfTheSameObject(long version, string uid, bool taken)
    {
        Sink.Upsert(Given.Widget(version: 100));

        _store.Assume(Given.Widget(version: version, uid: uid).Phase("assumed"));

        (Held().Status?.Phase == "assumed").ShouldBe(taken);
    }

    [Fact]
    public void Assume_OfADeletedObject_DoesNotBringItBack()
    {
        Sink.Upsert(Given.Widget(version: 1));
        Sink.Remove(new("default", "one"));

        _store.Assume(Given.Widget(version: 2));

        _store.Count.ShouldBe(0);
    }

    [Fact]
    public void Assume_IsOurOwnChangeOnlyWhenNothingElseCameBetween()
    {
        Sink.Upsert(Given.Widget(version: 5));
        _changes.Clear();

        Write(Given.Widget(version: 6), basedOn: "5");
        Write(Given.Widget(version: 9), basedOn: "8");

        _changes.Select(c => c.Own).ShouldBe([true, false]);
    }

    [Fact]
    public void OwnWriteToldByTheWatchFirst_IsStillOurOwn()
    {
        Sink.Upsert(Given.Widget(version: 5));
        _changes.Clear();

        Write(Given.Widget(version: 6), basedOn: "5", () => Sink.Upsert(Given.Widget(version: 6)));

        _changes.ShouldHaveSingleItem().Own.ShouldBeTrue();
        Held().Metadata.ResourceVersion.ShouldBe("6");
    }

    [Fact]
    public void ForeignChangeDuringAWrite_IsToldWhenTheWriteEnds()
    {
        Sink.Upsert(Given.Widget(version: 5));
        _changes.Clear();

        Write(Given.Widget(version: 6), basedOn: "5", () =>
        {
            Sink.Upsert(Given.Widget(version: 6));
            Sink.Upsert(Given.Widget(version: 7));
            _changes.ShouldBeEmpty();
        });
        Write(null, basedOn: null, () => Sink.Upsert(Given.Widget(version: 8)));

        _changes.Select(c => (c.Own, c.Before!.Metadata.ResourceVersion, c.After!.Metadata.ResourceVersion))
            .ShouldBe([(false, "5", "7"), (false, "7", "8")]);
    }

    [Fact]
    public void ObjectDeletedDuringAWrite_IsToldAtOnceAndStaysAway()
    {
        Sink.Upsert(Given.Widget(version: 5));
        _changes.Clear();

        Write(Given.Widget(version: 6), basedOn: "5", () =>
        {
            Sink.Remove(new("default", "one"));
            _changes.ShouldHaveSingleItem().After.ShouldBeNull();
        });

        _store.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("9", "10", -1)]
    [InlineData("10", "10", 0)]
    [InlineData("99999999999999999999999", "99999999999999999999998", 1)]
    [InlineData(null, "1", -1)]
    [InlineData("007", "7", 0)]
    public void ResourceVersions_CompareAsNumbers(string? a, string? b, int sign) =>
        Math.Sign(ResourceVersion.Compare(a, b)).ShouldBe(sign);

    private void Write(Widget? written, string? basedOn, Action? meanwhile = null)
    {
        using var write = _store.BeginWrite(new("default", "one"));
        meanwhile?.Invoke();
        if (written is not null)
        {
            write.Succeeded(written, basedOn);
        }
    }

    private Widget Held() => _store.Get(new("default", "one")).ShouldNotBeNull();
}
