using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Patching;

namespace BitbucketOperator.Runtime.Tests;

[Collection(SharedCluster.Name)]
public sealed class StatusPatcherTests(SharedCluster cluster) : IAsyncLifetime
{
    private readonly StatusPatcher<Widget> _patcher =
        new(Given.Definition with { InsignificantStatusPaths = ["/check/lastRun"] }, new(), cluster.Api);

    private string _ns = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _ns = await cluster.NamespaceAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task StatusThatDiffers_IsWrittenOnce()
    {
        var widget = await cluster.CreateAsync(_ns, "one");
        (await _patcher.PatchAsync(widget, Set("Ready", "a", "b"), Stop)).ShouldBeTrue();
        var live = await LiveAsync();
        var before = await cluster.Cluster.CountWritesAsync("widgets", Stop);

        (await _patcher.PatchAsync(live, Set("Ready", "a", "b"), Stop)).ShouldBeFalse();

        (await cluster.Cluster.CountWritesAsync("widgets", Stop)).ShouldBe(before);
        live.Status!.Parts.ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task Write_IsTakenOnceAndOnlyOfItsObject()
    {
        var widget = await cluster.CreateAsync(_ns, "one");
        await _patcher.PatchAsync(widget, Set("Ready"), Stop);

        _patcher.TakeWritten(new(_ns, "two")).ShouldBeFalse();
        _patcher.TakeWritten(widget.Key).ShouldBeTrue();
        _patcher.TakeWritten(widget.Key).ShouldBeFalse();

        await _patcher.PatchAsync(await LiveAsync(), Set("Ready"), Stop);
        _patcher.TakeWritten(widget.Key).ShouldBeFalse();
    }

    [Fact]
    public async Task FieldsThatWent_AreRemoved()
    {
        var widget = await cluster.CreateAsync(_ns, "one");
        await _patcher.PatchAsync(widget, w => w.Status = new() { Phase = "Ready", Passes = 3, Check = new() { Result = "ok" } }, Stop);

        await _patcher.PatchAsync(await LiveAsync(), w => w.Status = new() { Passes = 3 }, Stop);

        var status = (await LiveAsync()).Status!;
        (status.Phase, status.Passes, status.Check).ShouldBe((null, 3, null));
    }

    [Theory]
    [InlineData("""{"spec":{"size":2}}""", "")]
    [InlineData("""{"status":{"passes":5}}""", "/status")]
    public async Task SpecOrStatusChangedMeanwhile_IsAConflict(string change, string subresource)
    {
        var stale = await cluster.CreateAsync(_ns, "one");
        await cluster.PatchAsync(stale.Key, change, subresource);

        var conflict = await Should.ThrowAsync<KubernetesApiException>(_patcher.PatchAsync(stale, Set("Ready"), Stop));

        conflict.IsConflict.ShouldBeTrue();
        (await LiveAsync()).Status?.Phase.ShouldBeNull();
    }

    [Fact]
    public async Task MetadataChangedMeanwhile_IsNoConflict()
    {
        var stale = await cluster.CreateAsync(_ns, "one");
        await cluster.PatchAsync(stale.Key, """{"metadata":{"labels":{"other":"x"}}}""");

        (await _patcher.PatchAsync(stale, Set("Ready"), Stop)).ShouldBeTrue();

        (await LiveAsync()).Status!.Phase.ShouldBe("Ready");
    }

    [Fact]
    public async Task ObjectReplacedUnderTheSameName_IsLeftAlone()
    {
        var old = await cluster.CreateAsync(_ns, "one");
        await cluster.DeleteAsync(old.Key);
        await cluster.CreateAsync(_ns, "one");

        (await _patcher.PatchAsync(old, Set("Ready"), Stop)).ShouldBeFalse();

        (await LiveAsync()).Status.ShouldBeNull();
    }

    [Fact]
    public async Task MetadataOfAnotherUid_IsLeftAloneEvenAtTheSameVersion()
    {
        var old = await cluster.CreateAsync(_ns, "one");
        await cluster.DeleteAsync(old.Key);
        var successor = await cluster.CreateAsync(_ns, "one");
        old.Metadata.ResourceVersion = successor.Metadata.ResourceVersion;

        var patcher = new MetadataPatcher<Widget>(Given.Definition, new(), cluster.Api);

        (await patcher.SetAnnotationAsync(old, "a", "b", Stop)).ShouldBeNull();

        (await LiveAsync()).Metadata.Annotations.ShouldBeNull();
    }

    [Fact]
    public async Task ObjectThatIsGone_IsNoError()
    {
        var old = await cluster.CreateAsync(_ns, "one");
        await cluster.DeleteAsync(old.Key);

        (await _patcher.PatchAsync(old, Set("Ready"), Stop)).ShouldBeFalse();
    }

    [Fact]
    public async Task InsignificantDifference_IsWrittenOnlyTogetherWithAnother()
    {
        var widget = await cluster.CreateAsync(_ns, "one");
        await _patcher.PatchAsync(widget, Checked("ok", "1:00"), Stop);

        (await _patcher.PatchAsync(await LiveAsync(), Checked("ok", "2:00"), Stop)).ShouldBeFalse();
        (await _patcher.PatchAsync(await LiveAsync(), Checked("bad", "3:00"), Stop)).ShouldBeTrue();

        (await LiveAsync()).Status!.Check!.LastRun.ShouldBe("3:00");
    }

    private static Action<Widget> Set(string phase, params string[] parts) =>
        w => w.Status = new() { Phase = phase, Parts = parts.Length > 0 ? [.. parts] : null };

    private static Action<Widget> Checked(string result, string at) =>
        w => w.Status = new() { Check = new() { Result = result, LastRun = at } };

    private async Task<Widget> LiveAsync() => (await cluster.FindAsync(new(_ns, "one"))).ShouldNotBeNull();
}
