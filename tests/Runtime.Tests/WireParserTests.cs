using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Informers;

namespace BitbucketOperator.Runtime.Tests;

public sealed class WireParserTests
{
    private const string Added = """{"type":"ADDED","object":{"apiVersion":"test.example.com/v1","kind":"Widget","metadata":"""
        + """{"name":"ä\n{","namespace":"n","uid":"u","resourceVersion":"7"},"spec":{"size":3}}}""";
    private const string Bookmark = """{"object":{"kind":"Widget","metadata":{"resourceVersion":"99"},"spec":{"size":"?"}},"type":"BOOKMARK"}""";
    private const string Malformed =
        """{"type":"MODIFIED","object":{"metadata":{"name":"bad","namespace":"n","resourceVersion":"8","labels":{"a":"b"}},"spec":{"size":"three"}}}""";
    private const string Gone = """{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}""";

    public static TheoryData<int> ChunkSizes => [1, 2, 3, 7, 64, 1024, 100_000];

    [Theory]
    [MemberData(nameof(ChunkSizes))]
    public async Task WatchLines_AreReadWhereverTheyAreCut(int chunk)
    {
        var seen = await ReadLinesAsync($"{Added}\n\n{Bookmark}\n{Malformed}\n{Gone}\n{Added[..40]}", chunk);

        seen.Select(e => e.Kind).ShouldBe([WatchEventKind.Added, WatchEventKind.Bookmark, WatchEventKind.Modified, WatchEventKind.Error]);
        seen[0].Item.ShouldNotBeNull().Metadata.Name.ShouldBe("ä\n{");
        seen[0].Item!.Spec.Size.ShouldBe(3);
        seen[1].Identity!.ResourceVersion.ShouldBe("99");
        seen[2].Item.ShouldBeNull();
        seen[2].Defect.ShouldBeOfType<JsonException>();
        (seen[2].Identity!.Name, seen[2].Identity!.ResourceVersion).ShouldBe(("bad", "8"));
        (seen[3].Status!.Code, seen[3].Status!.Reason).ShouldBe((410, "Expired"));
    }

    [Fact]
    public async Task LineThatIsNotJson_IsAnError() =>
        await Should.ThrowAsync<JsonException>(() => ReadLinesAsync("<html>\n", 10));

    [Fact]
    public async Task EndlessLine_IsAnError() =>
        await Should.ThrowAsync<InvalidDataException>(() => ReadLinesAsync(new string('x', LineReader.MaxLength + 1), 1 << 20));

    [Theory]
    [MemberData(nameof(ChunkSizes))]
    public async Task List_IsReadItemByItem(int chunk)
    {
        var items = string.Join(',', Enumerable.Range(0, 20).Select(i => $$"""{"metadata":{"name":"w{{i}}","annotations":{"items":"[]"} } }"""));
        var json = $$"""{ "kind":"List","items":[ {{items}} ],"extra":{"items":[{}]},"metadata":{"resourceVersion":"12","continue":"abc"} }""";

        var (names, metadata) = await ReadListAsync(json, chunk);

        names.ShouldBe(Enumerable.Range(0, 20).Select(i => $"w{i}"));
        (metadata!.ResourceVersion, metadata.Continue).ShouldBe(("12", "abc"));
    }

    [Theory]
    [InlineData("""{"metadata":{"resourceVersion":"1"},"items":[]}""")]
    [InlineData("""{"metadata":{"resourceVersion":"1"},"items":null}""")]
    public async Task EmptyList_HasNoItems(string json)
    {
        var (names, metadata) = await ReadListAsync(json, 5);
        names.ShouldBeEmpty();
        metadata!.ResourceVersion.ShouldBe("1");
    }

    [Theory]
    [InlineData("""{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a"}},{"meta""")]
    [InlineData("")]
    public async Task ListThatBreaksOff_IsAnError(string json) =>
        (await Should.ThrowAsync<Exception>(() => ReadListAsync(json, 8))).ShouldBeAssignableTo(json.Length == 0 ? typeof(Exception) : typeof(JsonException));

    private static async Task<List<WatchEvent<Widget>>> ReadLinesAsync(string text, int chunk)
    {
        var seen = new List<WatchEvent<Widget>>();
        await LineReader.ReadAsync(
            Pipe(text, chunk), line => seen.Add(WatchEvent<Widget>.Parse(line, WidgetJson.Default.Widget)), TestContext.Current.CancellationToken);
        return seen;
    }

    private static async Task<(List<string> Names, ListMetadata? Metadata)> ReadListAsync(string json, int chunk)
    {
        var names = new List<string>();
        var parser = new ListParser(item => names.Add(ItemReader.Read(item, WidgetJson.Default.Widget).Item!.Metadata.Name));
        await parser.ReadAsync(Pipe(json, chunk), TestContext.Current.CancellationToken);
        return (names, parser.Metadata);
    }

    private static PipeReader Pipe(string text, int chunk) =>
        PipeReader.Create(new ChunkedStream(Encoding.UTF8.GetBytes(text), chunk), new(bufferSize: Math.Max(chunk, 16), minimumReadSize: 1));

    /// <summary>Gives no more than so many bytes per read, as a network does.</summary>
    private sealed class ChunkedStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, chunk)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span));
    }
}
