using System.Globalization;
using System.Text.Json;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;

namespace BitbucketOperator.Core.Tests;

public sealed class InventoryTests
{
    private static readonly Fault Denied = Fault.Waiting(Reasons.WebhookPermissionDenied, "denied");

    [Theory]
    [InlineData("a-b", "c", "a", "b-c")]
    [InlineData("a", "B.C", "a", "B-C")]
    [InlineData("a", null, "a", "personal")]
    public void Names_DoNotCollide(string one, string? project, string other, string otherProject) =>
        InventoryNames.Of(one, project, 0).ShouldNotBe(InventoryNames.Of(other, otherProject, 0));

    [Fact]
    public void Names_AreReadableAndFit()
    {
        InventoryNames.Of("platform", "PLAT", 0).ShouldStartWith("platform-plat-");
        InventoryNames.Of("platform", "PLAT", 1).ShouldStartWith("platform-plat-2-");
        string[] names = [InventoryNames.Of(new string('c', 253), new string('P', 128), 17), InventoryNames.LabelOf(new string('c', 253))];
        names.ShouldAllBe(n => n.Length <= 63);
        InventoryNames.LabelOf("team.platform").ShouldBe("team.platform");
    }

    [Fact]
    public void Rows_SayWhatIsKnownOfEachRepository()
    {
        var inventory = Objects(Listing(("PLAT", 3), ("OLD", 1)), denied: ["PLAT/r1"], exclude: ["OLD/*", "PLAT/r2"]).Single(i => i.Spec.Project == "PLAT");
        inventory.Status!.Repositories!.Select(r => $"{r.Slug} {r.Selected} {r.SkippedBy} {r.Webhooks} {r.Reason}".TrimEnd())
            .ShouldBe(["r0 True  Ready", "r1 True  Failed WebhookPermissionDenied", "r2 False Excluded"]);
        var summary = inventory.Status.Summary!;
        (summary.Repositories, summary.Selected, summary.Webhooks, summary.Reason).ShouldBe((3, 2, "1/2", "WebhookPermissionDenied"));
        inventory.Status.Levels!.Select(l => $"{l.Webhook} {l.Level}").ShouldBe(["ci Repository"]);
    }

    [Fact]
    public void LargeProjects_HaveSeveralObjects_AndANewRepositoryChangesTheLastAlone()
    {
        var before = Objects(Listing(("PLAT", 450)));
        before.Select(i => i.Status!.Repositories!.Count).ShouldBe([200, 200, 50]);
        var after = Objects(Listing(("PLAT", 451)));
        before.Zip(after).Count(p => Json(p.First) != Json(p.Second)).ShouldBe(1);
    }

    [Fact]
    public void PersonalRepositories_ShareObjects()
    {
        List<Repository> listed = [.. Enumerable.Range(0, 5).Select(i => new Repository($"{i}", new RepositoryName($"~user{i}", "dotfiles"), Personal: true))];
        var inventory = Objects(listed).ShouldHaveSingleItem();
        inventory.Spec.Project.ShouldBeNull();
        inventory.Status!.Repositories!.Select(r => r.Project).ShouldBe(["~user0", "~user1", "~user2", "~user3", "~user4"]);
    }

    [Fact]
    public void EqualInput_IsEqualContent() =>
        Objects(Listing(("PLAT", 20), ("TOOLS", 3))).ConvertAll(Json).ShouldBe(Objects(Listing(("PLAT", 20), ("TOOLS", 3))).ConvertAll(Json));

    [Fact]
    public void IncompleteListing_TakesNoObjectAway() =>
        Content(Listing(("PLAT", 2)), faults: [Fault.Waiting(Reasons.ProjectNotFound, "project NOPE does not exist")])!.IsComplete.ShouldBeFalse();

    [Fact]
    public void ContentOfANewerVersion_IsRead()
    {
        var newer = JsonSerializer.Deserialize(
            """
            {"metadata":{"name":"x"},"spec":{"connection":"c","shard":3},
             "status":{"repositories":[{"id":"1","slug":"api","webhooks":"Paused","branches":[1]}]}}
            """,
            ApiJsonContext.Default.BitbucketInventory)!;
        newer.Status!.Repositories!.Single().Webhooks.ShouldBe("Paused");
    }

    private static List<BitbucketInventory> Objects(IReadOnlyList<Repository> listed, string[]? denied = null, string[]? exclude = null) =>
        [.. Content(listed, denied, exclude)!.Objects()];

    private static InventoryContent? Content(
        IReadOnlyList<Repository> listed, string[]? denied = null, string[]? exclude = null, IReadOnlyList<Fault>? faults = null)
    {
        var connection = Connection(exclude ?? []);
        var desired = DesiredWebhook.Of(connection.Spec.Webhooks[0].ToModel(), (SecretText?)null, Outcomes.Self, allowHttp: false, Flavour.DataCenter);
        var observed = new ConnectionObserved
        {
            Now = DateTimeOffset.UnixEpoch,
            Credential = new Credential.HttpAccessToken(new SecretText("t")),
            Server = new ServerInfo("9.4.2", "Bitbucket"),
            Account = new Account("bot"),
            Desired = [desired],
            RepositoryListing = new RepositoryListing(listed, faults ?? [], [], []),
            Selection = RepositorySelection.Of(connection.Spec.Discovery.ToModel(), listed),
        };
        var scopes = new PlayedScopes
        {
            Webhooks = listed.Where(r => denied?.Contains(r.Name.ToString()) == true)
                .ToDictionary(r => r.Id, _ => (Outcome<IReadOnlyList<Webhook>>)Denied, StringComparer.Ordinal),
        };
        return ConnectionSummary.Of(scopes.Settle(connection, observed), before: null).Inventory;
    }

    private static List<Repository> Listing(params (string Project, int Count)[] projects) =>
    [
        .. projects.SelectMany((p, at) => Enumerable.Range(0, p.Count).Select(i =>
            new Repository(((at * 10_000) + i).ToString(CultureInfo.InvariantCulture), new RepositoryName(p.Project, $"r{i}")))),
    ];

    private static string Json(BitbucketInventory inventory) => JsonSerializer.Serialize(inventory, ApiJsonContext.Default.BitbucketInventory);

    private static BitbucketConnection Connection(IEnumerable<string> exclude) => new()
    {
        Metadata = new k8s.Models.V1ObjectMeta { Name = "platform", NamespaceProperty = "ci", Uid = "u", Generation = 1 },
        Spec = new BitbucketConnectionSpec
        {
            Url = "https://bb.example.com",
            Discovery = new DiscoverySpec { Exclude = [.. exclude], Personal = true },
            Webhooks = [new WebhookSpec { Name = "ci", Url = "https://ci.example.com/", Level = WebhookLevel.Repository }],
        },
    };
}
