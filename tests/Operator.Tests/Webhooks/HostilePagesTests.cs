using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>
/// Listings that lead nowhere, and names that nobody would give, through discovery and sync: nothing that was there is lost.
/// </summary>
public sealed class HostilePagesTests
{
    private const string DataCenterRepositories = "/rest/api/*/repos";
    private const string CloudRepositories = "/2.0/repositories/*";

    // More pages than that of one listing are not read: see RepositoryDiscovery, and BitbucketOptions of webhooks.
    private const int MostBarrenPages = 1000;
    private const int MostWebhookPages = 200;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Poisons that are no credentials; those are EchoTests' affair.</summary>
    public static TheoryData<Hosting, string> Names =>
    [
        .. Poisons.Names.Except(Poisons.Echoes.Keys).Where(n => !n.Contains("credential", StringComparison.Ordinal))
            .SelectMany(n => (TheoryDataRow<Hosting, string>[])[new(Hosting.DataCenter, n), new(Hosting.Cloud, n)]),
    ];

    [Theory]
    [InlineData(Hosting.DataCenter, FaultKind.PagingEndless, "1000 pages in a row")]
    [InlineData(Hosting.DataCenter, FaultKind.PagingNotIncreasing, "the next page does not lie after this one")]
    [InlineData(Hosting.DataCenter, FaultKind.PagingWithoutNext, "the server does not say where")]
    [InlineData(Hosting.Cloud, FaultKind.PagingEndless, "1000 pages in a row")]
    [InlineData(Hosting.Cloud, FaultKind.PagingNotIncreasing, "they lead in a circle")]
    [InlineData(Hosting.Cloud, FaultKind.PagingToAnotherHost, "where the credential must not go")]
    public async Task RepositoriesWithoutEnd_AreGivenUp_AndWhatIsThereStays(Hosting hosting, FaultKind kind, string message)
    {
        await using var world = await HealthyAsync(hosting);
        var (there, before) = (world.Where, world.Requests.Counters.Requests);
        world.Faults.Add(new Fault { Kind = kind, Path = hosting == Hosting.Cloud ? CloudRepositories : DataCenterRepositories });

        var status = await UntilAsync(world, s => ReasonOf(s, ConditionTypes.RepositoriesDiscovered) == "ListingIncomplete");

        MessageOf(status, ConditionTypes.RepositoriesDiscovered).ShouldContain(message);
        (world.Requests.Counters.Requests - before).ShouldBeLessThan(2 * MostBarrenPages);
        world.Where.ShouldBe(there);
        world.Faults.Clear();
        await UntilAsync(world, s => s.Conditions.Exists(c => c is { Type: ConditionTypes.Ready, Status: ConditionState.True }));
    }

    [Theory]
    [InlineData(Hosting.DataCenter, FaultKind.PagingEndless)]
    [InlineData(Hosting.DataCenter, FaultKind.PagingNotIncreasing)]
    [InlineData(Hosting.Cloud, FaultKind.PagingEndless)]
    [InlineData(Hosting.Cloud, FaultKind.PagingNotIncreasing)]
    public async Task WebhooksWithoutEnd_AreAFailureOfTheirScope_AndNothingIsWritten(Hosting hosting, FaultKind kind)
    {
        await using var world = await HealthyAsync(hosting);
        var (there, writes, reads) = (world.Where, world.WriteAttempts, world.WebhookReads);
        var path = hosting == Hosting.Cloud ? "/2.0/repositories/*/api/hooks" : "/rest/api/*/projects/PLAT/repos/api/webhooks";
        world.Faults.Add(new Fault { Kind = kind, Method = "GET", Path = path });

        var pass = await world.VerifyAgainAsync();

        var group = pass.Status.Failures.ShouldHaveSingleItem();
        (group.Reason, group.Examples.ShouldHaveSingleItem()).ShouldBe(("ListingIncomplete", "PLAT/api"));
        group.Message.ShouldContain("Inconsistent pages while listing webhooks");
        world.Where.ShouldBe(there);
        world.WriteAttempts.ShouldBe(writes);
        (world.WebhookReads - reads).ShouldBeLessThan((2 * MostWebhookPages) + 20);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task NamesThatNobodyWouldGive_AreCountedAndReachNothing(Hosting hosting, string poison)
    {
        var text = Poisons.All[poison] is { Length: > 1_000_000 } large ? large[..1_000_000] : Poisons.All[poison];
        await using var world = await HealthyAsync(hosting, namesNobody: true);
        var row = RowOf(world, hosting);
        JsonObject[] rows = [With(row, "name", text), With(row, "slug", text), With(row, "project", new JsonObject { ["key"] = text })];
        if (hosting == Hosting.Cloud) rows = [.. rows, With(row, "uuid", text)];
        world.Faults.Add(new Fault
        {
            Kind = FaultKind.Status, Status = 200, ContentType = "application/json",
            Path = hosting == Hosting.Cloud ? CloudRepositories : DataCenterRepositories,
            Body = new JsonObject { ["values"] = new JsonArray([.. rows]), ["isLastPage"] = true }.ToJsonString(),
        });

        var pass = await world.PassAsync();

        pass.Status.Repositories!.Skipped!.Invalid.ShouldBe(rows.Length - 1);
        string[] written =
        [
            JsonText(pass.Status, ApiJsonContext.Default.BitbucketConnectionStatus),
            .. world.Inventories.Objects.Select(o => JsonText(o, ApiJsonContext.Default.BitbucketInventory)),
            .. pass.Events.Select(e => e.ToString()),
        ];
        written.SelectMany(t => Poisons.Traces(t.ReplaceLineEndings(""), longest: 40_000)).ShouldBeEmpty();
    }

    // An answer that a fault makes names no user: where the server always does, it would be taken for a lost login.
    private static async Task<PassWorld> HealthyAsync(Hosting hosting, bool namesNobody = false)
    {
        var world = await PassWorld.StartAsync(hosting);
        if (hosting == Hosting.DataCenter) world.DataCenter.Change(w => w.Quirks.StripUserHeader = namesNobody);
        await UntilAsync(world, s => s.Webhooks is { Ready: > 0, Failed: 0 });
        return world;
    }

    // The clock stands still but for these passes; a rate limit may let a long listing take several.
    private static async Task<BitbucketConnectionStatus> UntilAsync(PassWorld world, Func<BitbucketConnectionStatus, bool> isSo)
    {
        var status = new BitbucketConnectionStatus();
        for (var hours = 0; hours < 24; hours++)
        {
            status = (await world.PassAfterAsync(TimeSpan.FromHours(1))).Status;
            if (isSo(status)) return status;
        }

        isSo(status).ShouldBeTrue(JsonText(status, ApiJsonContext.Default.BitbucketConnectionStatus));
        return status;
    }

    // A row that the server would send.
    private static JsonObject RowOf(PassWorld world, Hosting hosting)
    {
        var repository = world.Inventories.Objects.SelectMany(o => o.Status!.Repositories!).First(r => r.Slug == "api");
        JsonNode? id = hosting == Hosting.Cloud ? repository.Id : long.Parse(repository.Id, System.Globalization.CultureInfo.InvariantCulture);
        return new JsonObject
        {
            [hosting == Hosting.Cloud ? "uuid" : "id"] = id, ["slug"] = "api", ["name"] = "API", ["project"] = new JsonObject { ["key"] = "PLAT" },
        };
    }

    private static JsonObject With(JsonObject row, string field, JsonNode? value)
    {
        var changed = (JsonObject)row.DeepClone();
        changed[field] = value;
        return changed;
    }

    private static string? ReasonOf(BitbucketConnectionStatus status, string type) => status.Conditions.Find(c => c.Type == type)?.Reason;

    private static string MessageOf(BitbucketConnectionStatus status, string type) => status.Conditions.Find(c => c.Type == type)!.Message;

    private static string JsonText<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToNode(value, type)!.ToJsonString(Readable);
}
