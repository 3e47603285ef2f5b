using System.Globalization;
using System.Text.Json;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
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

    [Fact]
    public void Rows_TellNameAndCloneUrls_WhereTheListingDoes()
    {
        var name = new RepositoryName("PLAT", "api");
        var clone = CloneUrls.Of(name, "https://bb.example.com/scm/plat/api.git", ssh: null);
        var rows = Objects([new Repository("1", name) { Title = "The API", CloneUrls = clone }, new Repository("2", new RepositoryName("PLAT", "web"))])
            .Single().Status!.Repositories!;
        (rows[0].Name, rows[0].Clone!.Https, rows[0].Clone!.Ssh).ShouldBe(("The API", "https://bb.example.com/scm/plat/api.git", null));
        (rows[1].Name, rows[1].Clone).ShouldBe((null, null));
    }

    [Theory]
    [InlineData("https://bb.example.com/scm/plat/api.git", "https://bb.example.com/scm/tools/web.git")]
    [InlineData("https://bitbucket.org/acme/api.git", "https://bitbucket.org/acme/web.git")]
    [InlineData("git@bitbucket.org:acme/api.git", "git@bitbucket.org:acme/web.git")]
    [InlineData("https://mirror.example.com/42", "https://mirror.example.com/42")]
    public void CloneUrls_AreKeptAsAFormThatOthersShare(string url, string other)
    {
        var form = CloneUrls.Of(new RepositoryName("PLAT", "api"), url, ssh: null)!;
        form.For(new RepositoryName("PLAT", "api")).Https.ShouldBe(url);
        form.For(new RepositoryName("TOOLS", "web")).Https.ShouldBe(other);
    }

    [Fact]
    public void Hint_TellsWhatIsAsDesired_AndWhatMustHoldNothing()
    {
        var inventory = Objects(Listing(("PLAT", 4)), denied: ["PLAT/r1"], exclude: ["PLAT/r2"]).Single();
        var hint = inventory.Status!.Hint!;
        hint.Verified!.ConvertAll(v => $"{v.Desired == inventory.Status.Desired} {v.Hidden} {string.Join(' ', v.Scopes)}").ShouldBe(["True  0 3", "False  2"]);
        hint.Verified[1].Desired.ShouldBe(VerifiedScopes.Clean);
        Read(inventory).Find("0").ShouldBe(new VerifiedScope(inventory.Status.Desired!));
        Read(inventory).Find("1").ShouldBeNull();
    }

    [Fact]
    public void Hint_IsShort()
    {
        var inventory = Objects(Listing(("PLAT", 200))).Single();
        JsonSerializer.Serialize(inventory.Status!, ApiJsonContext.Default.BitbucketInventoryStatus).Length.ShouldBeLessThan(20_000);
        inventory.Status!.Hint!.Verified!.Sum(v => v.Scopes.Count).ShouldBe(200);
    }

    [Theory]
    [InlineData("""{"form":2,"server":"SERVER","verified":[{"desired":"d","scopes":["0"]}]}""")]
    [InlineData("""{"form":1,"server":"other","verified":[{"desired":"d","scopes":["0"]}]}""")]
    [InlineData("""{"form":1,"server":"SERVER"}""")]
    [InlineData("""{"form":1,"server":"SERVER","verified":[{"desired":"","scopes":["0"]},{"desired":"d"},{"desired":"d","scopes":["",null]}]}""")]
    [InlineData("{}")]
    public void Hint_OfAnotherForm_TellsNothing(string hint)
    {
        var inventory = Objects(Listing(("PLAT", 1))).Single();
        var server = inventory.Status!.Hint!.Server;
        var json = """{"metadata":{"name":"x"},"spec":{"connection":"platform"},"status":{"hint":HINT}}""".Replace("HINT", hint, StringComparison.Ordinal)
            .Replace("SERVER", server, StringComparison.Ordinal);
        Read(JsonSerializer.Deserialize(json, ApiJsonContext.Default.BitbucketInventory)!).Ids.ShouldBeEmpty();
    }

    [Fact]
    public void Hint_OfAnotherServer_TellsNothing()
    {
        var inventory = Objects(Listing(("PLAT", 1))).Single();
        var moved = Connection([]);
        moved.Spec.Url = "https://other.example.com";
        Read(inventory, moved).Ids.ShouldBeEmpty();
    }

    // What is forged costs a delay of one interval, and no write.
    [Fact]
    public void Hint_Forged_IsNeverTheTruth()
    {
        var listed = Listing(("PLAT", 2));
        var desired = Objects(listed).Single();
        var scopes = new PlayedScopes();
        scopes.Inventories.Put(desired);
        var (connection, observed) = (Connection([]), Observed(Connection([]), listed));
        scopes.Settle(connection, observed with { AssumesWhatIsKnown = true }).Applied.ShouldBeEmpty();
        scopes.Read.ShouldBeEmpty("the hint says that all is in place");
        var later = observed with { Now = observed.Now + TimeSpan.FromHours(1), AssumesWhatIsKnown = true };
        scopes.Settle(connection, later).Applied.Count.ShouldBe(2, "within one webhookInterval the truth is known");
    }

    // A hint that nothing of ours is left takes no place off the record, and a clean-up does not listen to it.
    [Fact]
    public void Hint_ForgedAsClean_HidesNoPlace()
    {
        var listed = Listing(("PLAT", 2));
        var connection = Connection(["PLAT/r1"]);
        connection.Status = new BitbucketConnectionStatus { Bookkeeping = new BookkeepingStatus { ManagedIn = ["PLAT/r1"] } };
        var scopes = new PlayedScopes();
        var forged = Objects(listed).Single();
        forged.Status!.Hint!.Verified = [new InventoryVerified { Desired = VerifiedScopes.Clean, Scopes = ["1"] }];
        scopes.Inventories.Put(forged);
        var outcome = scopes.Settle(connection, Observed(connection, listed) with { AssumesWhatIsKnown = true });
        scopes.Read.ShouldBe(["0"]);
        scopes.Finish(connection, outcome).Status.Bookkeeping!.ManagedIn!.ShouldContain("PLAT/r1");
        connection.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        var cleanup = Outcomes.Of(connection, Observed(connection, listed) with { AssumesWhatIsKnown = true }, scopes.Verified).State;
        cleanup.Scopes.Values.ShouldAllBe(s => cleanup.Assume(s, default) == null);
    }

    private static VerifiedScopes Read(BitbucketInventory inventory, BitbucketConnection? connection = null)
    {
        var reader = new InventoryHintReader((connection ?? Connection([])).ToModel());
        reader.Add(inventory);
        return reader.Verified;
    }

    private static List<BitbucketInventory> Objects(IReadOnlyList<Repository> listed, string[]? denied = null, string[]? exclude = null) =>
        [.. Content(listed, denied, exclude)!.Objects()];

    private static InventoryContent? Content(
        IReadOnlyList<Repository> listed, string[]? denied = null, string[]? exclude = null, IReadOnlyList<Fault>? faults = null)
    {
        var connection = Connection(exclude ?? []);
        var observed = Observed(connection, listed, faults);
        var scopes = new PlayedScopes
        {
            Webhooks = listed.Where(r => denied?.Contains(r.Name.ToString()) == true)
                .ToDictionary(r => r.Id, _ => (Outcome<IReadOnlyList<Webhook>>)Denied, StringComparer.Ordinal),
        };
        return ConnectionSummary.Of(scopes.Settle(connection, observed), before: null).Inventory;
    }

    private static ConnectionObserved Observed(BitbucketConnection connection, IReadOnlyList<Repository> listed, IReadOnlyList<Fault>? faults = null) => new()
    {
        Now = DateTimeOffset.UnixEpoch,
        Credential = new Credential.HttpAccessToken(new SecretText("t")),
        Server = new ServerInfo("9.4.2", "Bitbucket"),
        Account = new Account("bot"),
        Desired =
        [
            DesiredWebhook.Of(connection.Spec.Webhooks[0].ToModel(), (SecretText?)null, Outcomes.Self, allowHttp: false, Flavour.DataCenter),
        ],
        RepositoryListing = new RepositoryListing(listed, faults ?? [], [], []),
        Selection = RepositorySelection.Of(connection.Spec.Discovery.ToModel(), listed),
    };

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
