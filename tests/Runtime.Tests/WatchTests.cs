using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Testing.Cluster;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Runtime.Tests;

[Collection(SharedCluster.Name)]
public sealed class WatchTests(SharedCluster cluster) : IAsyncLifetime
{
    private const string ExpiredEvent = """{"type":"ERROR","object":"""
        + """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410,"message":"too old resource version"}}""";
    private const string ExpiredBody =
        """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410,"message":"the continue token is too old"}""";
    private FaultProxy _proxy = null!;
    private string _ns = "";

    public async ValueTask InitializeAsync() => (_ns, _proxy) = (await cluster.NamespaceAsync(), await cluster.ProxyAsync());

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Fact]
    public async Task MoreObjectsThanAPage_AreAllReconciledOnce()
    {
        await CreateManyAsync(620);

        await using var op = await StartAsync();

        await Eventually.IsTrueAsync("620 passes", () => op.Controller.Reconciled.Count >= 620);
        op.Controller.Reconciled.Select(w => w.Metadata.Name).Distinct().Count().ShouldBe(620);
        op.Controller.Reconciled.Count.ShouldBe(620);
        _proxy.Requests.Count(r => r.IsListOf("widgets")).ShouldBe(2);
    }

    [Fact]
    public async Task ContinueTokenThatExpired_StartsTheListAnew()
    {
        await CreateManyAsync(25);
        FaultOnce(r => r.Url.Contains("continue=", StringComparison.Ordinal), new ApiFault(410, ExpiredBody));

        await using var op = await StartAsync(o => o.ListPageSize = 10);

        await Eventually.IsTrueAsync("25 objects in the store", () => op.Store.Count == 25);
        _proxy.Requests.Count(r => r.IsListOf("widgets")).ShouldBe(5);
    }

    [Fact]
    public async Task ChangesOfSpecAnnotationsAndLabels_AreReconciled_ThoseOfStatusAreNot()
    {
        await using var op = await StartAsync();
        var key = (await cluster.CreateAsync(_ns, "one")).Key;
        await PassesAsync(op, "one", 1);

        await cluster.PatchAsync(key, """{"status":{"phase":"Odd"}}""", "/status");
        await Eventually.IsTrueAsync("status in the store", () => op.Store.Get(key)?.Status?.Phase == "Odd");
        await cluster.PatchAsync(key, """{"spec":{"size":2}}""");
        await PassesAsync(op, "one", 2);
        await cluster.PatchAsync(key, """{"metadata":{"annotations":{"a":"b"}}}""");
        await PassesAsync(op, "one", 3);
        await cluster.PatchAsync(key, """{"metadata":{"labels":{"a":"b"}}}""");
        await PassesAsync(op, "one", 4);

        op.Controller.LastOf("one")!.Spec.Size.ShouldBe(2);
        op.Controller.PassesOf("one").ShouldBe(4);
    }

    [Fact]
    public async Task DeletedObject_IsToldOnceWithItsLastState()
    {
        await using var op = await StartAsync();
        var key = (await cluster.CreateAsync(_ns, "one", w => w.Spec.Size = 7)).Key;
        await PassesAsync(op, "one", 1);

        await cluster.DeleteAsync(key);

        await Eventually.IsTrueAsync("DeletedAsync", () => !op.Controller.Deleted.IsEmpty);
        op.Controller.Deleted.ShouldHaveSingleItem().Spec.Size.ShouldBe(7);
        op.Store.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData(410, ExpiredBody)]
    [InlineData(200, ExpiredEvent + "\n")]
    public async Task ObjectDeletedWhileTheWatchWasDown_IsSeenAsDeletedAfterTheNewList(int status, string body)
    {
        await using var op = await StartAsync();
        var gone = (await cluster.CreateAsync(_ns, "gone")).Key;
        await cluster.CreateAsync(_ns, "stays");
        await PassesAsync(op, "gone", 1);
        await PassesAsync(op, "stays", 1);

        await DisconnectAsync();
        await cluster.DeleteAsync(gone);
        await cluster.CreateAsync(_ns, "new");
        FaultOnce(r => r.IsWatch, new ApiFault(status, body));
        _proxy.Unreachable = false;

        await Eventually.IsTrueAsync("DeletedAsync", () => op.Controller.Deleted.Any(w => w.Metadata.Name == "gone"));
        await PassesAsync(op, "new", 1);
        op.Controller.PassesOf("stays").ShouldBe(1);
        op.Controller.Deleted.Count.ShouldBe(1);
    }

    [Fact]
    public async Task ConnectionLost_IsResumedWithoutAList()
    {
        await using var op = await StartAsync();
        await cluster.CreateAsync(_ns, "one");
        await PassesAsync(op, "one", 1);

        await DisconnectAsync();
        await cluster.DeleteAsync(new(_ns, "one"));
        await cluster.CreateAsync(_ns, "two");
        _proxy.Unreachable = false;

        await PassesAsync(op, "two", 1);
        await Eventually.IsTrueAsync("DeletedAsync", () => !op.Controller.Deleted.IsEmpty);
        _proxy.Requests.Count(r => r.IsListOf("widgets")).ShouldBe(1);
    }

    [Fact]
    public async Task SilentWatch_IsOpenedAnewAndNothingIsLost()
    {
        await using var op = await StartAsync(o => o.WatchSilenceDeadline = TimeSpan.FromMilliseconds(700));
        await cluster.CreateAsync(_ns, "one");
        await PassesAsync(op, "one", 1);
        await Eventually.IsTrueAsync("the watch", () => _proxy.OpenedWatches.Any(u => u.Contains("/widgets?", StringComparison.Ordinal)));

        // A list that took longer than the deadline may have been asked for twice.
        var lists = _proxy.Requests.Count(r => r.IsListOf("widgets"));

        _proxy.SilenceOpenStreams();
        await cluster.CreateAsync(_ns, "two");

        await PassesAsync(op, "two", 1);
        _proxy.Requests.Count(r => r.IsListOf("widgets")).ShouldBe(lists);
    }

    [Fact]
    public async Task LineCutInTheMiddle_IsReadAgain()
    {
        await using var op = await StartAsync();
        await cluster.CreateAsync(_ns, "one");
        await PassesAsync(op, "one", 1);

        _proxy.CutNextLine();
        await cluster.CreateAsync(_ns, "two", w => w.Spec.SecretName = new string('x', 5000));

        await PassesAsync(op, "two", 1);
        op.Controller.LastOf("two")!.Spec.SecretName!.Length.ShouldBe(5000);
        _proxy.Requests.Count(r => r.IsListOf("widgets")).ShouldBe(1);
    }

    [Fact]
    public async Task WatchesClosedAtOnceInABurst_AreOpenedAgainWithoutAList()
    {
        var closed = 0;
        _proxy.Decide = r => r.IsWatch && Interlocked.Increment(ref closed) <= 5 ? new ApiFault(200) : null;
        await using var op = await StartAsync();
        await Eventually.IsTrueAsync("watches that were closed", () => closed > 5);

        await cluster.CreateAsync(_ns, "one");

        await PassesAsync(op, "one", 1);
        _proxy.Requests.Count(r => r.IsListOf("widgets")).ShouldBe(1);
    }

    [Theory]
    [InlineData(429, "1")]
    [InlineData(500, null)]
    [InlineData(503, null)]
    public async Task ServerInTrouble_IsAskedAgain(int status, string? retryAfter)
    {
        FaultOnce(r => r.IsListOf("widgets"), new ApiFault(status, "<html>busy</html>", retryAfter));
        await cluster.CreateAsync(_ns, "one");

        await using var op = await StartAsync();

        await PassesAsync(op, "one", 1);
    }

    [Theory]
    [InlineData(403, "Forbidden")]
    [InlineData(404, "NotFound")]
    [InlineData(429, "TooManyRequests")]
    [InlineData(500, "InternalError")]
    [InlineData(504, "Timeout")]
    public async Task WatchRefused_IsOpenedAgainWithoutAList(int status, string reason)
    {
        var refused = 0;
        var body = $$"""{"kind":"Status","code":{{status}},"reason":"{{reason}}","message":"no"}""";
        _proxy.Decide = r => r.IsWatch && Interlocked.Increment(ref refused) <= 9 ? new ApiFault(status, body) : null;
        await cluster.CreateAsync(_ns, "one");

        await using var op = await StartAsync();

        await Eventually.IsTrueAsync("a watch that is not refused", () => refused > 9);
        await cluster.CreateAsync(_ns, "two");
        await PassesAsync(op, "two", 1);
        _proxy.Requests.Count(r => r.IsListOf("widgets")).ShouldBe(1);
    }

    [Fact]
    public async Task WatchThatIsExpiredAgainAndAgain_IsListedLessAndLessOften()
    {
        var expired = 0;
        _proxy.Decide = r => r.IsWatch && Interlocked.Increment(ref expired) > 0
            ? new ApiFault(410, """{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}""")
            : null;
        await using var op = await StartAsync(o => o.WatchBackoffCap = TimeSpan.FromHours(1));

        await Eventually.IsTrueAsync("four expired watches", () => expired >= 4);

        // Lists that succeed in between do not end the back-off: 100, 200, 400 ms and so on, half of it at least.
        var times = _proxy.Requests.Where(r => r.IsListOf("widgets")).Select(r => r.At).ToList();
        TimeProvider.System.GetElapsedTime(times[2], times[3]).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(150));
    }

    [Theory]
    [InlineData(400, """{"kind":"Status","code":400,"reason":"BadRequest","message":"invalid resource version"}""")]
    [InlineData(504, """{"kind":"Status","code":504,"reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge"}]}}""")]
    public async Task VersionThatTheServerDoesNotKnow_EndsInANewList(int status, string body)
    {
        await cluster.CreateAsync(_ns, "one");
        _proxy.Decide = r => r.IsWatch && _proxy.Requests.Count(q => q.IsListOf("widgets")) < 2 ? new ApiFault(status, body) : null;

        await using var op = await StartAsync();

        await Eventually.IsTrueAsync("second list", () => _proxy.Requests.Count(r => r.IsListOf("widgets")) == 2);
        await PassesAsync(op, "one", 1);
        await cluster.CreateAsync(_ns, "two");
        await PassesAsync(op, "two", 1);
    }

    [Fact]
    public async Task ObjectThatCannotBeRead_IsLeftOutAloneAndComesBackWhenItIsRepaired()
    {
        await using var op = await StartAsync();
        var key = (await cluster.CreateAsync(_ns, "bad")).Key;
        await PassesAsync(op, "bad", 1);
        await cluster.PatchAsync(new(_ns, "bad"), """{"spec":{"size":1}}""");
        await PassesAsync(op, "bad", 2);

        await Should.ThrowAsync<System.Text.Json.JsonException>(() => cluster.PatchAsync(key, """{"spec":{"size":"three"}}"""));
        await cluster.CreateAsync(_ns, "good");
        await PassesAsync(op, "good", 1);
        await using var fresh = await TestOperator.StartAsync(_proxy.CreateClient(), _ns);
        await PassesAsync(fresh, "good", 1);
        fresh.Controller.PassesOf("bad").ShouldBe(0);

        await cluster.PatchAsync(key, """{"spec":{"size":3}}""");

        await PassesAsync(op, "bad", 3);
        await PassesAsync(fresh, "bad", 1);
        op.Controller.Deleted.ShouldBeEmpty();
    }

    [Fact]
    public async Task ApiServerRestarted_IsSurvived()
    {
        Assert.SkipUnless(cluster.Cluster.IsOurs, "it stops the API server, and the cluster of KUBECONFIG is not ours to stop");
        await using var op = await TestOperator.StartAsync(ApiServerClient.Open(cluster.Cluster.KubeconfigPath), _ns);
        await cluster.CreateAsync(_ns, "one");
        await PassesAsync(op, "one", 1);

        await cluster.Cluster.RestartApiServerAsync(abruptly: true, TestContext.Current.CancellationToken);
        await cluster.DeleteAsync(new(_ns, "one"));
        await cluster.CreateAsync(_ns, "two");

        await PassesAsync(op, "two", 1);
        await Eventually.IsTrueAsync("DeletedAsync", () => op.Controller.Deleted.Count == 1);
    }

    [Fact]
    public async Task Selector_LimitsWhatIsWatched()
    {
        await cluster.CreateAsync(_ns, "ours", w => w.Metadata.Labels = new Dictionary<string, string> { ["shard"] = "a" });
        await cluster.CreateAsync(_ns, "theirs", w => w.Metadata.Labels = new Dictionary<string, string> { ["shard"] = "b" });

        await using var op = await StartAsync(o => o.WatchSelector = "shard=a");

        await PassesAsync(op, "ours", 1);
        await cluster.PatchAsync(new(_ns, "theirs"), """{"metadata":{"labels":{"shard":"a"}}}""");
        await PassesAsync(op, "theirs", 1);
        op.Store.Count.ShouldBe(2);
    }

    private Task<TestOperator> StartAsync(Action<OperatorOptions>? options = null) =>
        TestOperator.StartAsync(_proxy.CreateClient(), _ns, o =>
        {
            o.WatchBackoffCap = TimeSpan.FromMilliseconds(200);
            options?.Invoke(o);
        });

    private static Task PassesAsync(TestOperator op, string name, int passes) =>
        Eventually.IsTrueAsync($"pass {passes} over {name}", () => op.Controller.PassesOf(name) >= passes);

    private Task CreateManyAsync(int count) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) => await cluster.CreateAsync(_ns, $"w{i}"));

    // A write makes the proxy notice that it is to cut the open watch.
    private async Task DisconnectAsync()
    {
        var before = _proxy.Requests.Count;
        _proxy.Unreachable = true;
        await cluster.CreateAsync(_ns, $"cut-{before}");
        await Eventually.IsTrueAsync("the broken watch is noticed", () => _proxy.Requests.Count > before);
        await cluster.DeleteAsync(new(_ns, $"cut-{before}"));
    }

    private void FaultOnce(Func<Passed, bool> which, ApiFault fault)
    {
        var used = 0;
        _proxy.Decide = r => which(r) && Interlocked.Exchange(ref used, 1) == 0 ? fault : null;
    }
}
